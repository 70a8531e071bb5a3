package archtest_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/archtest"
)

// The rules, applied to this module.
func TestModule(t *testing.T) {
	ps, err := archtest.Packages(".")
	require.NoError(t, err)
	require.NotEmpty(t, ps)

	t.Run("imports point down", func(t *testing.T) { report(t, archtest.ImportsPointDown(ps), nil) })
	t.Run("depends on little", func(t *testing.T) { report(t, archtest.DependsOnLittle(ps), nil) })
	t.Run("no test library", func(t *testing.T) { report(t, archtest.NoTestLibraries(ps), nil) })
	t.Run("no network", func(t *testing.T) { report(t, archtest.NoNetwork(ps), nil) })
	t.Run("outside paths", func(t *testing.T) {
		// Written in two halves, else this file would name them.
		bad, err := archtest.OutsidePaths(filepath.Join("..", ".."), "../"+"shared", "/work/"+"main", "/work/"+"shared")
		report(t, bad, err)
	})
	for _, p := range ps {
		t.Run(p.Rel(), func(t *testing.T) {
			bad, err := archtest.CodeRules(p)
			report(t, bad, err)
			bad, err = archtest.LongFiles(p)
			report(t, bad, err)
			bad, err = archtest.BuildLines(p)
			report(t, bad, err)
			report(t, archtest.MissingFiles(p), nil)
		})
	}
}

func report(t *testing.T, bad []string, err error) {
	t.Helper()
	require.NoError(t, err)
	for _, b := range bad {
		t.Error(b)
	}
}

package apitest_test

import (
	"flag"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/apitest"
	"github.com/thence-go/thence/internal/archtest"
)

var update = flag.Bool("update", false, "write the golden file of this toolchain")

func TestSurfaceIsTheGoldenOne(t *testing.T) {
	root := filepath.Join("..", "..")
	golden := filepath.Join(root, "api", toolchain(t)+".txt")
	ps, err := archtest.Packages(root)
	require.NoError(t, err)
	var lines []string
	for _, p := range ps {
		if !p.Public() {
			continue
		}
		ls, err := apitest.Surface(p.Dir, p.Rel())
		require.NoError(t, err)
		lines = append(lines, ls...)
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if got == string(want) {
		return
	}
	was := strings.Split(strings.TrimSpace(string(want)), "\n")
	for _, line := range lines {
		if !slices.Contains(was, line) {
			t.Errorf("new:  %s", line)
		}
	}
	for _, line := range was {
		if !slices.Contains(lines, line) {
			t.Errorf("gone: %s", line)
		}
	}
	t.Errorf("the exported surface is not that of %s: if it should be, run go test ./internal/apitest -update under both toolchains", golden)
}

// toolchain is the golden file's name: the newest release with a file of its
// own that the running toolchain satisfies.
func toolchain(t *testing.T) string {
	t.Helper()
	for _, v := range []string{"go1.27", "go1.26"} {
		if slices.Contains(build.Default.ReleaseTags, v) {
			return v
		}
	}
	t.Fatal("apitest: needs Go 1.26 or newer")
	return ""
}

func TestSurfaceListsEveryShape(t *testing.T) {
	got, err := apitest.Surface(filepath.Join("testdata", "shapes"), "shapes")
	require.NoError(t, err)
	require.Equal(t, []string{
		"shapes, const A Color",
		"shapes, const B Color",
		"shapes, const Plain",
		"shapes, func (b *Box[T]) Put(v T)",
		"shapes, func (b Box[T]) Get() (v T, ok bool)",
		"shapes, func (core) Promoted()",
		"shapes, func Make[T any, E interface{ Do() }](on E, fn func(int) (T, error)) *Box[T]",
		"shapes, in Box: Fn func(int) error",
		"shapes, in Box: N int",
		"shapes, in Doer: Do(n int) error",
		"shapes, in Doer: embeds error",
		"shapes, in Option: apply(int)",
		"shapes, type Box[T any] struct",
		"shapes, type Color uint8",
		"shapes, type Doer interface",
		"shapes, type Fn[A, B any] func(A) B",
		"shapes, type Old = Color",
		"shapes, type Option interface",
		"shapes, var Err error",
		"shapes, var Guessed",
	}, got)
}

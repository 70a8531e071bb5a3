package apitest_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/apitest"
	"github.com/thence-go/thence/internal/archtest"
)

var genericType = regexp.MustCompile(`, type (\w+)\[`)

// A user's code must compile against every generic type, which its package's
// own build does not show.
func TestConsumerNamesEveryGenericType(t *testing.T) {
	ps, err := archtest.Packages(".")
	require.NoError(t, err)
	code := consumerCode(t)
	for _, p := range ps {
		if !p.Public() || p.TestOnly() || p.Rel() == "." {
			continue
		}
		if !strings.Contains(code, `"`+p.ImportPath+`"`) {
			t.Errorf("internal/consumer does not import %s", p.ImportPath)
		}
		lines, err := apitest.Surface(p.Dir, p.Rel())
		require.NoError(t, err)
		for _, line := range lines {
			name := genericType.FindStringSubmatch(line)
			if name != nil && !strings.Contains(code, path.Base(p.Rel())+"."+name[1]+"[") {
				t.Errorf("internal/consumer does not name %s.%s", p.Rel(), name[1])
			}
		}
	}
}

func consumerCode(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "consumer", "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		b.Write(text)
	}
	return b.String()
}

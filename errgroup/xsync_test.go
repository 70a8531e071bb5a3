package errgroup_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var xsyncOnce sync.Once

// TestXSync_OwnTests runs the test files of golang.org/x/sync/errgroup against
// this package, with nothing but their import changed. They are laid over a
// folder that does not exist.
func TestXSync_OwnTests(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary")
	}
	xsyncOnce.Do(func() {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sync").Output()
		require.NoError(t, err)
		theirs := filepath.Join(strings.TrimSpace(string(out)), "errgroup")
		here, err := os.Getwd()
		require.NoError(t, err)

		tmp := t.TempDir()
		overlay := map[string]string{}
		for _, name := range []string{"errgroup_test.go", "errgroup_example_md5all_test.go"} {
			src, err := os.ReadFile(filepath.Join(theirs, name))
			require.NoError(t, err)
			changed := strings.ReplaceAll(string(src), `"golang.org/x/sync/errgroup"`, `"github.com/thence-go/thence/errgroup"`)
			require.NotEqual(t, string(src), changed)
			require.NoError(t, os.WriteFile(filepath.Join(tmp, name), []byte(changed), 0o644))
			overlay[filepath.Join(here, "xsync", name)] = filepath.Join(tmp, name)
		}
		text, err := json.Marshal(map[string]any{"Replace": overlay})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(tmp, "overlay.json"), text, 0o644))

		build := exec.Command("go", "test", "-c", "-vet=off", "-o", filepath.Join(tmp, "xsync.test"),
			"-overlay", filepath.Join(tmp, "overlay.json"), "./xsync")
		log, err := build.CombinedOutput()
		require.NoError(t, err, string(log))
		run := exec.Command(filepath.Join(tmp, "xsync.test"), "-test.v", "-test.timeout=60s")
		run.Dir = tmp
		log, err = run.CombinedOutput()
		require.NoError(t, err, string(log))
		for _, name := range []string{"ZeroGroup", "WithContext", "TryGo", "GoLimit", "CancelCause"} {
			require.Contains(t, string(log), "--- PASS: Test"+name)
		}
	})
}

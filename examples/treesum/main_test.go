package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree makes a folder whose names sort differently by folder and by path.
func tree(t *testing.T) string {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a/c":           "inside",
		"a.b":           "sorts before a/c",
		"a-b":           "and this before both",
		"ab":            "and this behind",
		"a/b/deep":      strings.Repeat("long ", 100_000),
		"empty":         "",
		`back\slash`:    "escaped",
		"new\nline":     "escaped too",
		"ünïcödé/日本":    "bytes, not letters",
		"z/last/of/all": "z",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	require.NoError(t, os.Symlink("empty", filepath.Join(dir, "link")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "nothing here"), 0o755))
	return dir
}

// plain is the definition as a loop: find, sort, sum, sum.
func plain(t *testing.T, dir string, except string) (digest string, files int) {
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && e.Name() != except {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	}))
	slices.Sort(names)
	whole := sha256.New()
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		mark, shown := "", "./"+name
		if strings.ContainsAny(name, "\\\n") {
			mark = `\`
			shown = strings.ReplaceAll(strings.ReplaceAll(shown, `\`, `\\`), "\n", `\n`)
		}
		fmt.Fprintf(whole, "%s%x  %s\n", mark, sha256.Sum256(content), shown)
	}
	return fmt.Sprintf("%x", whole.Sum(nil)), len(names)
}

func TestDigestIsThatOfAPlainLoop(t *testing.T) {
	dir := tree(t)
	want, files := plain(t, dir, "")
	require.Equal(t, 10, files)
	for _, args := range [][]string{{dir}, {"-workers", "1", dir}, {"-workers", "64", dir}, {"-compare", dir}} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitOK, run(context.Background(), args, &stdout, &stderr), stderr.String())
		require.Contains(t, stdout.String(), want)
		require.Contains(t, stdout.String(), "10 files")
		require.Empty(t, stderr.String())
		if args[0] == "-compare" {
			require.Contains(t, stdout.String(), "times as fast as one worker")
		}
	}
}

func TestUnreadableFileIsReportedAndLeftOut(t *testing.T) {
	dir := tree(t)
	want, _ := plain(t, dir, "empty")
	open = func(path string) (*os.File, error) {
		if filepath.Base(path) == "empty" {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return os.Open(path)
	}
	defer func() { open = os.Open }()
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitUnreadable, run(context.Background(), []string{dir}, &stdout, &stderr))
	require.Contains(t, stdout.String(), want)
	require.Contains(t, stdout.String(), "9 files")
	require.Contains(t, stderr.String(), filepath.Join(dir, "empty"))
	require.Contains(t, stderr.String(), "permission denied")
}

func TestInterrupt(t *testing.T) {
	dir := tree(t)
	for _, name := range []string{"c", "deep", "all"} {
		ctx, cancel := context.WithCancel(context.Background())
		open = func(path string) (*os.File, error) {
			if filepath.Base(path) == name {
				cancel()
			}
			return os.Open(path)
		}
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitInterrupted, run(ctx, []string{"-workers", "2", dir}, &stdout, &stderr))
		require.Contains(t, stdout.String(), "stopped after")
		require.Contains(t, stderr.String(), "interrupted")
		require.NotContains(t, stderr.String(), "left out")
		cancel()
	}
	open = os.Open

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitInterrupted, run(ctx, []string{dir}, &stdout, &stderr), "before it began")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-workers", "0"}, {"a", "b"}, {"-nonsense"}} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitUsage, run(context.Background(), args, &stdout, &stderr))
		require.Contains(t, stderr.String(), "usage")
	}
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitUnreadable, run(context.Background(), []string{"/no/such/folder"}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "/no/such/folder")
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 5 << 30: "5.0 GiB"} {
		require.Equal(t, want, size(n))
	}
}

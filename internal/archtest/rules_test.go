package archtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/archtest"
)

const m = archtest.Module + "/"

func TestImportsPointDown(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		ok       bool
	}{
		"pool to future":        {from: "pool", to: "future", ok: true},
		"errgroup to future":    {from: "errgroup", to: "future", ok: true},
		"pipeline to internal":  {from: "pipeline", to: "internal/ring", ok: true},
		"within a family":       {from: "future/futuretest", to: "future", ok: true},
		"future to pool":        {from: "future", to: "pool"},
		"pipeline to pool":      {from: "pipeline", to: "pool"},
		"pipeline to ratelimit": {from: "pipeline", to: "ratelimit"},
		"ratelimit to future":   {from: "ratelimit", to: "future"},
		"internal to future":    {from: "internal/task", to: "future"},
		"a test package":        {from: "pool", to: "internal/testkit"},
		"its own test package":  {from: "future", to: "future/futuretest"},
		"an unknown family":     {from: "util", to: "future"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := archtest.ImportsPointDown([]archtest.Package{{ImportPath: m + c.from, Imports: []string{"context", m + c.to}}})
			require.Equal(t, c.ok, len(bad) == 0, "%v", bad)
		})
	}
}

func TestDependsOnLittle(t *testing.T) {
	for name, c := range map[string]struct {
		p  archtest.Package
		ok bool
	}{
		"std, x/sync, ours":   {p: archtest.Package{Imports: []string{"net/http", "golang.org/x/sync/semaphore", m + "future"}}, ok: true},
		"another module":      {p: archtest.Package{Imports: []string{"golang.org/x/time/rate"}}},
		"a look-alike":        {p: archtest.Package{Imports: []string{"golang.org/x/syncmap"}}},
		"testify in code":     {p: archtest.Package{Imports: []string{"github.com/stretchr/testify/require"}}},
		"testify in a test":   {p: archtest.Package{XTestImports: []string{"github.com/stretchr/testify/require"}}, ok: true},
		"a module in a test":  {p: archtest.Package{TestImports: []string{"example.com/other"}}},
		"testify for testkit": {p: archtest.Package{ImportPath: m + "internal/testkit", Imports: []string{"go.uber.org/goleak"}}, ok: true},
	} {
		t.Run(name, func(t *testing.T) {
			bad := archtest.DependsOnLittle([]archtest.Package{c.p})
			require.Equal(t, c.ok, len(bad) == 0, "%v", bad)
		})
	}
}

func TestNoTestLibraries(t *testing.T) {
	for dep, ok := range map[string]bool{"context": true, "testing": false, "testing/synctest": false, "pgregory.net/rapid": false} {
		bad := archtest.NoTestLibraries([]archtest.Package{{ImportPath: m + "pool", Deps: []string{dep}}})
		require.Equal(t, ok, len(bad) == 0, "%s: %v", dep, bad)
		require.Empty(t, archtest.NoTestLibraries([]archtest.Package{{ImportPath: m + "internal/testkit", Deps: []string{dep}}}))
	}
}

func TestNoNetwork(t *testing.T) {
	for _, c := range []struct {
		path, dep string
		ok        bool
	}{
		{"ratelimit", "context", true},
		{"ratelimit", "net", false},
		{"ratelimit/ratehttp", "net", true},
		{"ratelimit/ratelimittest", "net", true},
	} {
		bad := archtest.NoNetwork([]archtest.Package{{ImportPath: m + c.path, Deps: []string{c.dep}}})
		require.Equal(t, c.ok, len(bad) == 0, "%v: %v", c, bad)
	}
}

func TestCodeRules(t *testing.T) {
	for name, c := range map[string]struct {
		code string
		says string // "" for fine
	}{
		"channel by type":       {code: `var c chan int`, says: "channel"},
		"channel by make":       {code: `var c = make(chan int, 1)`, says: "channel"},
		"channel in a struct":   {code: `var s struct{ c <-chan int }`, says: "channel"},
		"channel by a call":     {code: `var c = func() any { return make(chan int) }()`, says: "channel"},
		"channel in a function": {code: `func f() { _ = make(chan int) }`},
		"channel in a type":     {code: `type t struct{ c chan int }`},
		"channel made later":    {code: `var f = func() any { return make(chan int) }`},
		"channel as argument":   {code: `var f func(chan int)`},
		"pool":                  {code: `var p = &sync.Pool{}`, says: "sync.Pool"},
		"pool by type":          {code: `var p sync.Pool`, says: "sync.Pool"},
		"timer":                 {code: `var t = time.AfterFunc(1, nil)`, says: "timer"},
		"go in init":            {code: `func init() { go println() }`, says: "goroutine"},
		"go in a variable":      {code: `var x = func() int { go println(); return 1 }()`, says: "goroutine"},
		"go in a function":      {code: `func f() { go println() }`},
		"init of a type":        {code: `type t int; func (t) init() { go println() }`},
		"sleep":                 {code: `func f() { time.Sleep(1) }`, says: "time.Sleep"},
		"gosched":               {code: `func f() { runtime.Gosched() }`, says: "Gosched"},
		"raw 64-bit atomic":     {code: `func f(p *uint64) { atomic.AddUint64(p, 1) }`, says: "aligned"},
		"raw 32-bit atomic":     {code: `func f(p *uint32) { atomic.AddUint32(p, 1) }`},
		"atomic types":          {code: `type t struct{ n atomic.Int64; m atomic.Uint64 }`},
		"generic alias":         {code: `type A[T any] = []T`, says: "alias"},
		"own generic alias":     {code: `type a[T any] = []T`},
		"plain alias":           {code: `type A = []int`},
		"defined generic type":  {code: `type A[T any] []T`},
	} {
		t.Run(name, func(t *testing.T) {
			p := write(t, map[string]string{"p.go": "package p\n" + strings.ReplaceAll(c.code, "; func", "\nfunc") + "\n"})
			bad, err := archtest.CodeRules(p)
			require.NoError(t, err)
			if c.says == "" {
				require.Empty(t, bad)
				return
			}
			require.Len(t, bad, 1)
			require.Contains(t, bad[0], c.says)
			require.Contains(t, bad[0], "pool/p.go:2:")
		})
	}
}

func TestLongFiles(t *testing.T) {
	bad, err := archtest.LongFiles(write(t, map[string]string{
		"short.go": strings.Repeat("\n", 400),
		"long.go":  strings.Repeat("\n", 401),
	}))
	require.NoError(t, err)
	require.Len(t, bad, 1)
	require.Contains(t, bad[0], "pool/long.go: 401 lines")
}

func TestMissingFiles(t *testing.T) {
	whole := []string{"doc.go", "leak_test.go", "synctest_test.go", "alloc_test.go", "example_test.go"}
	require.Empty(t, archtest.MissingFiles(archtest.Package{ImportPath: m + "pool", GoFiles: whole}))
	require.Len(t, archtest.MissingFiles(archtest.Package{ImportPath: m + "pool", GoFiles: whole[1:]}), 1)
	require.Len(t, archtest.MissingFiles(archtest.Package{ImportPath: m + "pool"}), len(whole))
	require.Empty(t, archtest.MissingFiles(archtest.Package{ImportPath: m + "internal/ring"}))
	require.Len(t, archtest.MissingFiles(archtest.Package{ImportPath: m + "internal/ring", XTestGoFiles: []string{"ring_test.go"}}), 1)
}

func TestBuildLines(t *testing.T) {
	bad, err := archtest.BuildLines(write(t, map[string]string{
		"methods_go127.go": "//go:build go1.27\n\npackage p\n",
		"chain_go127.go":   "package p\n",
		"plain.go":         "package p\n",
	}))
	require.NoError(t, err)
	require.Len(t, bad, 1)
	require.Contains(t, bad[0], "chain_go127.go")
}

func TestOutsidePaths(t *testing.T) {
	p := write(t, map[string]string{"a.md": "see elsewhere/notes", "b.md": "fine"})
	bad, err := archtest.OutsidePaths(p.Dir, "elsewhere/")
	require.NoError(t, err)
	require.Len(t, bad, 1)
	require.Contains(t, bad[0], "a.md names elsewhere/")
}

// write makes a package named pool of the given files.
func write(t *testing.T, files map[string]string) archtest.Package {
	t.Helper()
	p := archtest.Package{Dir: t.TempDir(), ImportPath: m + "pool"}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(p.Dir, name), []byte(text), 0o644))
		p.GoFiles = append(p.GoFiles, name)
	}
	return p
}

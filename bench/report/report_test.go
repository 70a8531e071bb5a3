package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/bench/figures"
)

const output = `# a time
# a machine
BenchmarkFutureSpawn/thence-2   	 100	 430 ns/op	 120 B/op	 2 allocs/op
BenchmarkFutureSpawn/chan-2     	 100	 600 ns/op	 190 B/op	 4 allocs/op
BenchmarkFutureSpawn/thence-2   	 100	 450 ns/op	 120 B/op	 2 allocs/op
BenchmarkFutureSpawn/chan-2     	 100	 500 ns/op	 190 B/op	 4 allocs/op
BenchmarkFutureSpawn/thence-2   	 100	 990 ns/op	 120 B/op	 3 allocs/op
BenchmarkFutureSpawn/chan-2     	 100	 900 ns/op	 190 B/op	 4 allocs/op
BenchmarkFlowOrdered/thence     	   1	 14e6 ns/op	 14.0 ns/item	 0.0001 allocs/item
BenchmarkFlowOrdered/conc_stream	   1	 200e6 ns/op	 200 ns/item	 3.0 allocs/item
BenchmarkPoolEmpty/thence-2     	   1	 32 ns/op	 0 B/op	 0 allocs/op
BenchmarkGroupOne/thence-2      	   1	 30 ns/op	 0 B/op	 0 allocs/op
BenchmarkGroupOne/xsync-2       	   1	 20 ns/op	 0 B/op	 0 allocs/op
BenchmarkCurveTasks/thence/1000-2	   1	 100 ns/op	 0.1 ns/item
BenchmarkCurveTasks/thence/10000-2	   1	 2000 ns/op	 0.2 ns/item
BenchmarkCurveTasks/chan64/1000-2	   1	 300 ns/op	 0.3 ns/item
`

func parsed(t *testing.T) figures.Results {
	all, err := figures.Parse(strings.NewReader(output))
	require.NoError(t, err)
	return all
}

func TestTable(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 2, table(&out, parsed(t)))
	for _, line := range []string{
		"| spawn and await one | 450 | 2 | chan 600 | <= 0.9 x chan | 0.9 (0.717 to 1.1) | yes |",
		"|  |  |  |  | <= 2 allocs | 2 allocs | yes |",
		"| the same, ordered | 14 | 0 | conc_stream 200 | <= 0.04 x conc_stream | 0.07 | NO |",
		"| pool, empty tasks, 8 workers | 32 | 0 |  | thence64 <= 0.7 x chan64 | not measured | ? |",
		"|  |  |  |  | <= 0 allocs | 0 allocs | yes |",
		"3 of 5 targets met; medians of up to 3 runs",
	} {
		require.Contains(t, out.String(), line+"\n")
	}
}

func TestPage(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "docs"), 0o755))
	readme := filepath.Join(root, "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("before\n"+readmeBegin+"old\n"+readmeEnd+"after\n"), 0o644))
	raw := filepath.Join(root, "2026-01-02-0304.txt")
	require.NoError(t, os.WriteFile(raw, []byte(output), 0o644))

	_, err := run(root, raw, false)
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "benchmarks.md"))
	require.NoError(t, err)
	for _, line := range []string{
		"- a machine",
		"| spawn and await one | chan | 600 | 0.9 (0.717 to 1.1) | tie |",
		"| errgroup, no limit, 1 task | xsync | 20 | 1.5 | **slower** |",
		"| the same, ordered | conc_stream | 200 | 0.07 | faster |",
		"| ns a task | 1000 | 10000 |",
		"| thence | 0.1 | 0.2 |",
		"| chan64 | 0.3 | |",
	} {
		require.Contains(t, string(page), line+"\n")
	}
	front, err := os.ReadFile(readme)
	require.NoError(t, err)
	require.Regexp(t, `(?s)^before\n<!--.*\| spawn and await one \| 450 \| goroutine \+ channel 600 \|\n.*-->\nafter\n$`, string(front))
	require.NotContains(t, string(front), "old")
	for _, name := range []string{"ratios-future", "ratios-errgroup", "curve-tasks"} {
		picture, err := os.ReadFile(filepath.Join(root, "docs", "benchmarks", name+".svg"))
		require.NoError(t, err)
		require.Contains(t, string(picture), "</svg>")
	}
}

func TestMissing(t *testing.T) {
	_, err := run(t.TempDir(), "", false)
	require.ErrorContains(t, err, "make some with bash bench/run.sh")

	raw := filepath.Join(t.TempDir(), "x.txt")
	require.NoError(t, os.WriteFile(raw, []byte("PASS\n"), 0o644))
	_, err = run(t.TempDir(), raw, true)
	require.ErrorContains(t, err, "no figures")
}

// What is committed is what the newest results give.
func TestCommitted(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "docs"), 0o755))
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(root, "README.md"), readme, 0o644))
	file, err := newest("../results")
	require.NoError(t, err)
	_, err = run(root, file, false)
	require.NoError(t, err)

	same := func(name string) {
		want, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("../..", name))
		require.NoError(t, err, "run go run ./report in bench")
		require.Equal(t, string(want), string(got), "%s is old: run go run ./report in bench", name)
	}
	same("README.md")
	same("docs/benchmarks.md")
	pictures, err := filepath.Glob(filepath.Join(root, "docs", "benchmarks", "*.svg"))
	require.NoError(t, err)
	require.NotEmpty(t, pictures)
	for _, p := range pictures {
		same(filepath.Join("docs", "benchmarks", filepath.Base(p)))
	}
}

// Command report turns the output of the benchmarks into what people read:
//
//	go run ./report                  docs/benchmarks.md, its pictures, and the
//	                                 README's table, from the newest file in
//	                                 results/
//	go run ./report results/x.txt    the same, from that file
//	go run ./report -table x.txt     a table on the terminal; the exit status is
//	                                 1 if a target that was measured is missed
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/thence-go/thence/bench/figures"
)

func main() {
	onlyTable := flag.Bool("table", false, "print a table, and write nothing")
	root := flag.String("root", "..", "the repository, whose docs and README are written")
	flag.Parse()
	missed, err := run(*root, flag.Arg(0), *onlyTable)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(2)
	}
	if *onlyTable && missed > 0 {
		os.Exit(1)
	}
}

func run(root, file string, onlyTable bool) (missed int, err error) {
	if file == "" {
		if file, err = newest(filepath.Join(root, "bench", "results")); err != nil {
			return 0, err
		}
	}
	in, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	all, err := figures.Parse(in)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	if onlyTable {
		return table(os.Stdout, all), nil
	}
	for _, write := range []func(root, file string, all figures.Results) error{writePictures, writePage, writeReadme} {
		if err := write(root, file, all); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// newest returns the last file by name, which is its date and time.
func newest(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("no results in %s: make some with bash bench/run.sh", dir)
	}
	return slices.Max(files), nil
}

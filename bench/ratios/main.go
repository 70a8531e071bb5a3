// Command ratios reads the output of the benchmarks and prints one table: what
// each row takes, side by side, and the ratios that Thence is held to.
//
//	go test -run '^$' -bench . -count 5 . | go run ./ratios
//	go run ./ratios <results/2026-11-24.txt
//
// Of several runs it takes the median. In brackets are the least and the
// greatest that a ratio was in any one run: where the target lies between
// them, measure again. The exit status is 1 if a target that was measured is
// missed.
package main

import (
	"fmt"
	"os"
)

func main() {
	runs, err := parse(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(2)
	}
	if missed := table(os.Stdout, runs, rows); missed > 0 {
		os.Exit(1)
	}
}

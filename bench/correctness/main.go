// Command correctness finds out what Thence and its peers do in the cases where
// concurrent programs go wrong, and writes docs/correctness.md:
//
//	cd bench && go run ./correctness
//	cd bench && go run ./correctness -v pond    those cells, with what was seen
//
// A cell of the table is a process of its own with a time limit, so that a case
// may hang or crash. A subject uses its library as that library's documentation
// says, with the options that make it come off best; what the library does not
// have is not offered, and no failure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// limit is after how long a cell counts as hanging. It is long beside what any
// case takes, also on a busy machine.
const limit = 15 * time.Second

func main() {
	if cell := os.Getenv(cellVariable); cell != "" {
		runCell(cell)
	}
	verbose := flag.Bool("v", false, "print what was seen in the cells whose name contains the argument, write nothing")
	flag.Parse()
	all := sections()
	seen := survey(all, func(cell string) bool { return strings.Contains(cell, flag.Arg(0)) }, limit)
	if *verbose {
		for _, s := range all {
			for _, cell := range s.cells() {
				if o, ok := seen[cell]; ok {
					fmt.Printf("%-40s %s\n", cell, strings.TrimSpace(o.text+" "+o.detail))
				}
			}
		}
		return
	}
	mod, err := os.ReadFile("go.mod")
	if err == nil {
		err = os.WriteFile(filepath.Join("..", "docs", "correctness.md"), []byte(table(all, seen, string(mod), when(time.Now().UTC().Format(time.DateOnly)))), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// survey runs the cells that are wanted, a few at a time.
func survey(all []section, wanted func(cell string) bool, limit time.Duration) map[string]outcome {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		seen = map[string]outcome{}
		room = make(chan struct{}, 4)
	)
	for _, s := range all {
		for _, cell := range s.cells() {
			if !wanted(cell) {
				continue
			}
			room <- struct{}{}
			wg.Go(func() {
				defer func() { <-room }()
				ctx, cancel := context.WithTimeout(context.Background(), limit)
				defer cancel()
				o := observe(ctx, cell)
				mu.Lock()
				defer mu.Unlock()
				seen[cell] = o
			})
		}
	}
	wg.Wait()
	return seen
}

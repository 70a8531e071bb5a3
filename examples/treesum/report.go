package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// reporter shows how far a run has come and what went wrong on the way: with a
// bar on a terminal, else with a line now and then.
type reporter struct {
	w   io.Writer
	tty bool

	mu       sync.Mutex
	bar      *progressbar.ProgressBar
	expected tally
	began    time.Time
	lastLine time.Time
	seen     map[string]bool // reported already, by an earlier run of -compare
}

func newReporter(w io.Writer) *reporter {
	f, ok := w.(*os.File)
	return &reporter{w: w, tty: ok && term.IsTerminal(int(f.Fd())), seen: make(map[string]bool)}
}

func (r *reporter) begin(expected tally) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expected, r.began, r.lastLine = expected, time.Now(), time.Now()
	if r.tty {
		r.bar = progressbar.NewOptions64(expected.bytes,
			progressbar.OptionSetWriter(r.w),
			progressbar.OptionShowBytes(true),
			progressbar.OptionShowTotalBytes(true),
			progressbar.OptionUseIECUnits(true),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(),
		)
	}
}

func (r *reporter) progress(files, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bar != nil {
		r.bar.Describe(fmt.Sprintf("%d/%d files", files, r.expected.files))
		_ = r.bar.Set64(min(bytes, r.expected.bytes))
		return
	}
	if now := time.Now(); now.Sub(r.lastLine) >= time.Second {
		r.lastLine = now
		rate := float64(bytes) / now.Sub(r.began).Seconds()
		eta := "unknown"
		if left := float64(r.expected.bytes - bytes); rate > 0 && left >= 0 {
			eta = time.Duration(left / rate * float64(time.Second)).Round(time.Second).String()
		}
		fmt.Fprintf(r.w, "%d/%d files, %s/s, ETA %s\n", files, r.expected.files, size(int64(rate)), eta)
	}
}

// report tells of a file or a folder that is left out.
func (r *reporter) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[err.Error()] {
		return
	}
	r.seen[err.Error()] = true
	if r.bar != nil {
		_ = r.bar.Clear()
	}
	fmt.Fprintln(r.w, "left out:", err)
}

func (r *reporter) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.seen) > 0
}

func (r *reporter) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bar != nil {
		_ = r.bar.Clear()
		_ = r.bar.Exit()
		r.bar = nil
	}
}

// size writes a number of bytes as people read it.
func size(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, exp := float64(n)/unit, 0
	for ; value >= unit; exp++ {
		value /= unit
	}
	return fmt.Sprintf("%.1f %ciB", value, "KMGTPE"[exp])
}

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
)

// tally counts files and bytes.
type tally struct{ files, bytes int64 }

// total is what hashing a tree came to.
type total struct {
	tally
	digest  []byte
	elapsed time.Duration
}

// hashed is a file with its sum.
type hashed struct {
	file
	sum  [sha256.Size]byte
	size int64
}

// sum computes the digest of the tree: walk, hash in parallel, bring into
// order, reduce. How far it got is returned with an error too.
func sum(ctx context.Context, dir string, workers int, expected tally, r *reporter) (total, error) {
	p := pool.New(workers, pool.Name("hash"))
	defer p.Close()

	began := time.Now()
	var bytes atomic.Int64
	r.begin(expected)
	defer r.end()

	files := pipeline.Generate(func(ctx context.Context, yield func(file) bool) error {
		return walk(ctx, dir, r.report, yield)
	})
	unreadable := func(_ context.Context, l pipeline.Letter[file]) error {
		r.report(l.Err)
		return nil
	}
	sums := pipeline.Then(files, pipeline.DeadLetter(unreadable, hash),
		pipeline.Workers(workers), pipeline.On(p), pipeline.Name("hash")).
		Progress(100*time.Millisecond, func(p pipeline.Progress) { r.progress(p.Done, bytes.Load()) })

	tree := sha256.New()
	got, err := pipeline.Reduce(ctx, sums, tally{}, func(t tally, h hashed) tally {
		fmt.Fprint(tree, line(h))
		bytes.Add(h.size)
		return tally{t.files + 1, t.bytes + h.size}
	})
	return total{got, tree.Sum(nil), time.Since(began)}, err
}

// line is what sha256sum prints for a file, with names of more than one line
// escaped as it does.
func line(h hashed) string {
	name, mark := "./"+h.name, ""
	if strings.ContainsAny(name, "\\\n\r") {
		name, mark = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace(name), `\`
	}
	return fmt.Sprintf("%s%x  %s\n", mark, h.sum, name)
}

// buffers hold what is read, so that memory does not grow with the tree.
var buffers = sync.Pool{New: func() any { return new([128 << 10]byte) }}

// open is os.Open, but in a test.
var open = os.Open

// hash reads one file. It looks at ctx between any two reads, so that even a
// huge file stops soon.
func hash(ctx context.Context, f file) (hashed, error) {
	in, err := open(f.path)
	if err != nil {
		return hashed{}, err
	}
	defer in.Close()
	buf := buffers.Get().(*[128 << 10]byte)
	defer buffers.Put(buf)

	h := hashed{file: f}
	digest := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return h, err
		}
		n, err := in.Read(buf[:])
		digest.Write(buf[:n])
		h.size += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return h, err
		}
	}
	digest.Sum(h.sum[:0])
	return h, nil
}

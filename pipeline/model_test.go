package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/thence-go/thence/pipeline"
)

// A flow is read from bytes: a source, steps, and where it stops. Any bytes are
// a flow.
type script struct {
	data []byte
	at   int
	text []string // what was read
}

// below gives a number below n.
func (s *script) below(n int) int {
	if s.at == len(s.data) {
		return 0
	}
	s.at++
	return int(s.data[s.at-1]) % n
}

func (s *script) over() bool { return s.at >= len(s.data) }

func (s *script) says(format string, args ...any) {
	s.text = append(s.text, fmt.Sprintf(format, args...))
}

// pair is a flow, and the items that it must give.
type pair struct {
	flow pipeline.Flow[int]
	want []int
}

func (s *script) pair() pair {
	n := []int{0, 1, 5, 70, 300}[s.below(5)]
	p := pair{want: upTo(n)}
	switch s.below(3) {
	case 0:
		s.says("slice of %d", n)
		p.flow = pipeline.FromSlice(upTo(n))
	case 1:
		s.says("sequence of %d", n)
		p.flow = pipeline.From(slices.Values(upTo(n)))
	default:
		s.says("workers on %d", n)
		p.flow = pipeline.Map(pipeline.FromSlice(upTo(n)), func(i int) int { return i }, pipeline.Workers(3))
	}
	for range 8 {
		if s.over() || len(p.want) > 10_000 {
			break
		}
		p = s.step(p)
	}
	return p
}

// step adds one to both sides of a pair.
func (s *script) step(p pair) pair {
	f, in := p.flow, p.want
	var out []int
	keep := func(k int) func(int) bool { return func(i int) bool { return i%(k+2) != 1 } }
	opts := []pipeline.Option{pipeline.Workers(1 + s.below(4))}
	if s.below(2) == 1 {
		opts = append(opts, pipeline.Ahead(1+s.below(9)))
	}
	kind, k, l := s.below(14), s.below(7), s.below(7)
	s.says("%s %d %d, %d options", stepNames[kind], k, l, len(opts))
	switch kind {
	case 0:
		return pair{pipeline.Map(f, increment), mapped(in, increment)}
	case 1:
		for _, i := range in {
			if keep(k)(i) {
				out = append(out, i)
			}
		}
		return pair{f.Filter(keep(k)), out}
	case 2, 3, 4:
		many := func(i int) []int { return slices.Repeat([]int{i}, (i+k)%4) }
		for _, i := range in {
			out = append(out, many(i)...)
		}
		fn := func(i int) iter.Seq[int] { return slices.Values(many(i)) }
		switch kind {
		case 2:
			return pair{pipeline.FlatMap(f, fn), out}
		case 3:
			return pair{pipeline.FlatMap(f, fn, opts...), out}
		}
		return pair{pipeline.Expand(f, noErrors(fn), opts...), out}
	case 5:
		sum := k
		for _, i := range in {
			sum = (sum + i) % 97
			out = append(out, sum)
		}
		return pair{pipeline.Scan(f, k, func(sum, i int) int { return (sum + i) % 97 }), out}
	case 6:
		return pair{f.Skip(int64(k)), in[min(k, len(in)):]}
	case 7:
		n := k * (1 + 20*l)
		return pair{f.Take(int64(n)), in[:min(n, len(in))]}
	case 8:
		at := slices.IndexFunc(in, func(i int) bool { return i > 10*k })
		if at < 0 {
			at = len(in)
		}
		return pair{f.TakeWhile(func(i int) bool { return i <= 10*k }), in[:at]}
	case 9:
		key := func(i int) int { return i % (l + 3) }
		return pair{pipeline.Distinct(f, key, k+1), distinct(in, key, k+1)}
	case 10:
		return pair{pipeline.Map(pipeline.Window(f, k+1, l+1), digest), mapped(windows(in, k+1, l+1), digest)}
	case 11:
		return pair{pipeline.Map(pipeline.Batch(f, k+1, 0), digest), mapped(windows(in, k+1, k+1), digest)}
	case 12:
		weight := func(i int) int64 { return int64(i%5 - 1) }
		f := pipeline.BatchWeight(f, int64(k+1), weight, 0)
		return pair{pipeline.Map(f, digest), mapped(weighed(in, int64(k+1), weight), digest)}
	default:
		return pair{pipeline.Then(f, double, opts...).Tap(func(int) {}), mapped(in, func(i int) int { return 2 * i })}
	}
}

var stepNames = []string{"Map", "Filter", "FlatMap", "FlatMap with workers", "Expand", "Scan", "Skip", "Take",
	"TakeWhile", "Distinct", "Window", "Batch", "BatchWeight", "Then"}

func mapped[A, B any](as []A, fn func(A) B) (bs []B) {
	for _, a := range as {
		bs = append(bs, fn(a))
	}
	return bs
}

func digest(is []int) (sum int) {
	for _, i := range is {
		sum = (31*sum + i + 1) % 10_007
	}
	return sum
}

func noErrors(fn func(int) iter.Seq[int]) func(context.Context, int) iter.Seq2[int, error] {
	return func(_ context.Context, i int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for v := range fn(i) {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// distinct keeps the keys in a slice, the one that came last in front.
func distinct(in []int, key func(int) int, most int) (out []int) {
	var last []int
	for _, i := range in {
		k := key(i)
		at := slices.Index(last, k)
		if at < 0 {
			out = append(out, i)
		} else {
			last = slices.Delete(last, at, at+1)
		}
		last = slices.Insert(last, 0, k)
		last = last[:min(most, len(last))]
	}
	return out
}

func windows(in []int, size, step int) (out [][]int) {
	for covered := 0; covered < len(in); {
		begin := len(out) * step
		if begin >= len(in) {
			break
		}
		covered = min(begin+size, len(in))
		out = append(out, in[begin:covered])
	}
	return out
}

func weighed(in []int, most int64, weight func(int) int64) (out [][]int) {
	left := int64(0)
	for _, i := range in {
		w := max(1, weight(i))
		if w > left {
			out = append(out, nil)
			left = most
		}
		out[len(out)-1] = append(out[len(out)-1], i)
		left -= w
	}
	return out
}

// agree runs a flow in several ways and compares it with its model.
func agree(ctx context.Context, data []byte) error {
	s := &script{data: data}
	first := 1 + s.below(40)
	p := s.pair()
	for run := range 2 {
		got, err := p.flow.Collect(ctx)
		if err != nil || !slices.Equal(got, p.want) {
			return fmt.Errorf("%q, run %d: got %v, %v\nwant %v", s.text, run, got, err, p.want)
		}
	}
	if n, err := p.flow.Count(ctx); err != nil || int(n) != len(p.want) {
		return fmt.Errorf("%q: counted %d, %v, want %d", s.text, n, err, len(p.want))
	}
	var got []int
	for v, err := range p.flow.All(ctx) {
		if err != nil {
			return err
		}
		if got = append(got, v); len(got) == first {
			break
		}
	}
	if want := p.want[:min(first, len(p.want))]; !slices.Equal(got, want) {
		return fmt.Errorf("%q, the first %d: got %v\nwant %v", s.text, first, got, want)
	}
	got = nil
	err := p.flow.ForEach(ctx, func(_ context.Context, v int) error {
		if len(got) == first {
			return errBoom
		}
		got = append(got, v)
		return nil
	})
	if want := p.want[:min(first, len(p.want))]; !slices.Equal(got, want) || errors.Is(err, errBoom) != (len(p.want) > first) {
		return fmt.Errorf("%q, before an error: got %v, %v\nwant %v", s.text, got, err, want)
	}
	return nil
}

// Random flows of the simple steps do what a naive model does on slices.
func TestFlowsAgreeWithTheirModel(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 16, 45).Draw(r, "script")
		var err error
		synctest.Test(t, func(t *testing.T) { err = agree(t.Context(), data) })
		if err != nil {
			r.Fatal(err)
		}
	})
}

// Coverage depends on timing here: pass -fuzzminimizetime 1x, or most of the time
// goes into making inputs shorter.
func FuzzFlow(f *testing.F) {
	f.Add([]byte{1, 3, 0, 0, 0, 2, 1, 0, 1, 0, 7, 1, 1})
	f.Add([]byte{9, 4, 2, 3, 1, 2, 4, 2, 3, 0, 0, 10, 2, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var err error
		synctest.Test(t, func(t *testing.T) { err = agree(t.Context(), data) })
		if err != nil {
			t.Fatal(err)
		}
	})
}

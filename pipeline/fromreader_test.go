package pipeline_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func ExampleFromReader() {
	lines := pipeline.FromReader(strings.NewReader("one\ntwo\r\nthree"), 1<<20)
	_ = lines.ForEach(context.Background(), func(_ context.Context, line string) error {
		fmt.Printf("%q\n", line)
		return nil
	})
	// Output:
	// "one"
	// "two"
	// "three"
}

// linesOf gives all lines that f has made, also those that a failure left
// undelivered.
func linesOf(t *testing.T, f pipeline.Flow[string]) (lines []string, err error) {
	err = f.Filter(func(line string) bool { lines = append(lines, line); return true }).Drain(t.Context())
	return lines, err
}

func TestFromReader(t *testing.T) {
	long := strings.Repeat("x", 5000)
	huge := strings.Repeat("y", 1<<20)
	for name, c := range map[string]struct {
		text string
		most int
		want []string
		fail string
	}{
		"nothing":               {"", 10, nil, ""},
		"one newline":           {"\n", 1, []string{""}, ""},
		"no end":                {"a", 1, []string{"a"}, ""},
		"both ends":             {"a\nb\r\n\r\n\nc", 1, []string{"a", "b", "", "", "c"}, ""},
		"just fits":             {"abc\nabc\r\nabc", 3, []string{"abc", "abc", "abc"}, ""},
		"too long":              {"ab\nabcd\nab\n", 3, []string{"ab"}, "item 1: pipeline: a line of more than 3 bytes: bufio.Scanner: token too long"},
		"too long without end":  {"abcd", 3, nil, "item 0"},
		"longer than the room":  {long + "\n" + long, 5000, []string{long, long}, ""},
		"longer, with returns":  {long + "\r\n" + long + "\r\n", 5000, []string{long, long}, ""},
		"longer than the limit": {"a\n" + long + "x\n", 5000, []string{"a"}, "item 1"},
		"huge":                  {huge + "\n" + huge, 1 << 20, []string{huge, huge}, ""},
		"far too long":          {huge, 100, nil, "item 0"},
		"a return alone":        {"a\rb\n\r", 3, []string{"a\rb", ""}, ""},
	} {
		for way, wrap := range map[string]func(io.Reader) io.Reader{
			"": func(r io.Reader) io.Reader { return r }, "one byte": iotest.OneByteReader, "data and EOF": iotest.DataErrReader,
		} {
			t.Run(name+" "+way, func(t *testing.T) {
				lines, err := linesOf(t, pipeline.FromReader(wrap(strings.NewReader(c.text)), c.most))
				require.Equal(t, c.want, lines)
				if c.fail == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, c.fail)
					require.ErrorIs(t, err, bufio.ErrTooLong)
				}
			})
		}
	}
}

func TestFromReaderRunsOnce(t *testing.T) {
	f := pipeline.FromReader(strings.NewReader("a\nb"), 10)
	require.NoError(t, f.Drain(t.Context()))
	require.ErrorIs(t, f.Drain(t.Context()), pipeline.ErrUsed)
}

// A reader that fails has the lines before it delivered, and no piece of one.
func TestFromReaderThatFails(t *testing.T) {
	r := io.MultiReader(strings.NewReader("a\nb\nhalf"), iotest.ErrReader(errBoom))
	lines, err := linesOf(t, pipeline.FromReader(r, 10))
	require.Equal(t, &pipeline.Error{Stage: "source", Item: 2, Err: errBoom}, err)
	require.Equal(t, []string{"a", "b"}, lines)
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

func TestFromReaderThatPanics(t *testing.T) {
	for name, c := range map[string]struct {
		end  func()
		want func(err error) bool
	}{
		"panic":  {func() { panic("oops") }, func(err error) bool { var p *future.PanicError; return errors.As(err, &p) }},
		"goexit": {runtime.Goexit, func(err error) bool { return errors.Is(err, future.ErrGoexit) }},
	} {
		for _, at := range []int{1, 2, 1000} {
			synctest.Test(t, func(t *testing.T) {
				reads := 0
				r := readFunc(func(b []byte) (int, error) {
					if reads++; reads == at {
						c.end()
					}
					return copy(b, "line\n"), nil
				})
				n, err := pipeline.FromReader(r, 10).Count(t.Context())
				require.True(t, c.want(err), "%s: %v", name, err)
				require.EqualValues(t, at-1, n)
			})
		}
	}
}

// The terminal waits for a Read that blocks; who closes the reader to end it
// gets the cancellation and not what Read says.
func TestFromReaderThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		go func() {
			fmt.Fprintln(out, "a")
			time.Sleep(time.Minute)
			out.CloseWithError(errors.New("closed"))
		}()
		begun := time.Now()
		lines, err := pipeline.FromReader(in, 10).Collect(ctx)
		require.Equal(t, time.Minute, time.Since(begun))
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, []string{"a"}, lines)
	})
}

func TestFromReaderOfManyLines(t *testing.T) {
	var text bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintln(&text, i)
	}
	i := 0
	for line, err := range pipeline.FromReader(&text, 10).All(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(i), line)
		i++
	}
	require.Equal(t, 100_000, i)
}

// The lines are those of bufio.Scanner.
func FuzzFromReader(f *testing.F) {
	f.Add("a\nb\r\nc", 3)
	f.Add("\r\r\n\n\r", 1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = 1 + most&0xff
		var want []string
		s := bufio.NewScanner(strings.NewReader(text))
		for s.Scan() && len(s.Text()) <= most {
			want = append(want, s.Text())
		}
		lines, err := linesOf(t, pipeline.FromReader(iotest.HalfReader(strings.NewReader(text)), most))
		require.Equal(t, want, lines)
		require.Equal(t, len(s.Text()) > most, err != nil)
	})
}

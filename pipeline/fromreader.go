package pipeline

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// FromReader asks for this much at once, by how long lines may be.
const (
	leastRead = 4 << 10
	mostRead  = 64 << 10
)

// FromReader makes a flow of the lines of r, without their ends: a newline, or
// a carriage return and a newline. The last one needs no end. A line of more
// than maxLine bytes fails the flow with an error that matches
// bufio.ErrTooLong. It can be run once: a second run fails with ErrUsed.
//
// It reads ahead, so when the flow has stopped, r stands somewhere behind the
// last line that was delivered.
//
// On cancel it ends when r.Read returns: a Read that blocks is waited for, and
// whoever cancels must end it, for example by closing r.
func FromReader(r io.Reader, maxLine int) Flow[string] {
	mustFunc("FromReader", "reader", r == nil)
	if maxLine < 1 {
		panic(fmt.Sprintf("pipeline: FromReader needs a maxLine of at least 1 byte, got %d", maxLine))
	}
	return once(func(s *sourcing[string]) error {
		lines := lineReader{most: maxLine, in: bufio.NewReaderSize(r, min(mostRead, max(leastRead, maxLine)))}
		for s.goesOn() {
			line, err := lines.next()
			switch {
			case err == io.EOF:
				return nil
			case err != nil && !s.goesOn(): // whoever stopped the flow has ended the Read
				return nil
			case err != nil:
				return err
			case !s.deliver(line):
				return nil
			}
		}
		return nil
	})
}

// lineReader holds one line at most, and what its reader has read ahead.
type lineReader struct {
	in   *bufio.Reader
	most int
	long []byte // a line that did not fit in's buffer
}

// next returns io.EOF when there is no line any more.
func (l *lineReader) next() (string, error) {
	l.long = l.long[:0]
	for {
		line, err := l.in.ReadSlice('\n')
		if len(l.long) > 0 || err == bufio.ErrBufferFull {
			l.long = append(l.long, line...)
			line = l.long
		}
		switch {
		case err == bufio.ErrBufferFull && len(line) <= l.most+1: // the last may be a carriage return
			continue
		case err == io.EOF && len(line) > 0, err == bufio.ErrBufferFull:
		case err != nil:
			return "", err
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) > l.most {
			return "", fmt.Errorf("pipeline: a line of more than %d bytes: %w", l.most, bufio.ErrTooLong)
		}
		return string(line), nil
	}
}

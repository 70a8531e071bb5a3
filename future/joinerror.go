package future

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// JoinError is the failure of a combination, in input order. errors.Is and
// errors.As reach each failure; what was only canceled stands in Errs but is
// not reached, so that a failure is never taken for a cancellation.
type JoinError struct {
	Errs []IndexedError

	attempts bool // of one call, not inputs
}

// Error has a line for each failure. A JoinError that stands here more than once,
// because a future was given more than once, is told once.
func (e *JoinError) Error() string {
	var b strings.Builder
	told := make(firsts, len(e.Errs))
	for i, one := range e.Errs {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString("future: ")
		b.WriteString(e.name(one.Index))
		b.WriteString(": ")
		_, join := one.Err.(*JoinError)
		if first, again := told.note(one); join && again {
			b.WriteString("the same as ")
			b.WriteString(e.name(first))
			continue
		}
		b.WriteString(fmt.Sprint(one.Err))
	}
	return b.String()
}

func (e *JoinError) name(index int) string {
	if e.attempts {
		return "attempt " + strconv.Itoa(index+1)
	}
	return "input " + strconv.Itoa(index)
}

// Unwrap returns once what is one and the same and wraps others, else errors.Is
// would take twice as long for each Any(f, f) in another.
func (e *JoinError) Unwrap() []error {
	errs := make([]error, 0, len(e.Errs))
	reached := make(firsts, len(e.Errs))
	for _, one := range e.Errs {
		if _, again := reached.note(one); !again && !isCanceled(one.Err) {
			errs = append(errs, one)
		}
	}
	return errs
}

// firsts are the indexes at which errors stood first. It knows those that wrap
// others, if they are pointers: not every other error can be compared.
type firsts map[error]int

func (f firsts) note(one IndexedError) (first int, again bool) {
	switch one.Err.(type) {
	case interface{ Unwrap() error }, interface{ Unwrap() []error }:
	default:
		return one.Index, false
	}
	if reflect.TypeOf(one.Err).Kind() != reflect.Pointer {
		return one.Index, false
	}
	if first, again = f[one.Err]; !again {
		f[one.Err] = one.Index
	}
	return first, again
}

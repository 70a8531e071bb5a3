// Package conformance runs the rules of future/futuretest against Thence and
// its peers. Its test holds the table in docs/conformance.md; to make it anew:
//
//	cd bench && go test ./conformance -update
//
// An adapter uses its library as that library's documentation says, and adds
// nothing. What a library does not have is not offered, and fails no rule.
package conformance

import (
	"context"

	"github.com/thence-go/thence/future/futuretest"
)

type (
	future = futuretest.Future
	launch = func(context.Context) (int, error)
	next   = func(context.Context, int) (int, error)
	rescue = func(context.Context, error) (int, error)
)

// A Subject is a column of the table.
type Subject struct {
	futuretest.Adapter
	Module string // whose version is shown; empty for this repository and plain Go
	Notes  []string
}

// Subjects are the columns of the table.
func Subjects() []Subject {
	return []Subject{thence(), thenceOnPool(), byHand(), asmsh(), mo(), pond(), failsafe()}
}

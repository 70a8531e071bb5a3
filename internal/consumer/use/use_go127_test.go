//go:build go1.27

package use_test

import (
	"testing"

	"example.com/thence-consumer/use"
	"github.com/thence-go/thence/pool"
)

func TestChainMethods(t *testing.T) {
	if text, err := use.ChainMethods(t.Context(), use.API{}); text != "700" || err != nil {
		t.Fatalf("got %q, %v", text, err)
	}
}

func TestHandled(t *testing.T) {
	if text, err := use.Handled(t.Context(), use.API{}); text != "1" || err != nil {
		t.Fatalf("got %q, %v", text, err)
	}
}

func TestTotal(t *testing.T) {
	if n, err := use.Total(t.Context(), "{\"Cents\":1}\n{\"Cents\":2}\n"); n != 3 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
}

func TestETLMethods(t *testing.T) {
	p := pool.New(1)
	var db use.DB
	lines := func(yield func(string, error) bool) { yield(`{"Account":"a","Cents":1}`, nil) }
	if err := use.ETLMethods(t.Context(), lines, &db, p); err != nil || len(db.Stored) != 1 {
		t.Fatalf("stored %v, %v", db.Stored, err)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

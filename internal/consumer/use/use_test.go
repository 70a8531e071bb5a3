package use_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"example.com/thence-consumer/use"
	"github.com/thence-go/thence/pool"
)

func TestChain(t *testing.T) {
	if text, err := use.Chain(t.Context(), use.API{}); text != "700" || err != nil {
		t.Fatalf("got %q, %v", text, err)
	}
}

func TestFlatAndJoined(t *testing.T) {
	if r, err := use.Flat(t.Context(), use.API{}); r.Text != "3" || err != nil {
		t.Fatalf("got %q, %v", r.Text, err)
	}
	if r, err := use.Joined(t.Context(), use.API{}); r.Text != "700" || err != nil {
		t.Fatalf("got %q, %v", r.Text, err)
	}
}

func TestFanOut(t *testing.T) {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = w.Write([]byte(`{"Cents": 5}`))
	}))
	defer shop.Close()
	prices, err := use.FanOut(t.Context(), []string{shop.URL, shop.URL + "/broken"})
	if !slices.Equal(prices, []use.Price{{Cents: 5}, {Cents: -1}}) || err != nil {
		t.Fatalf("got %v, %v", prices, err)
	}
	best, err := use.FirstGood(t.Context(), []string{shop.URL + "/broken", shop.URL})
	if best != (use.Price{Cents: 5}) || err != nil {
		t.Fatalf("got %v, %v", best, err)
	}
	if err := use.Prices(t.Context(), []string{shop.URL, shop.URL + "/broken"}); err == nil {
		t.Fatal("the failure was lost")
	}
}

func TestRobust(t *testing.T) {
	var calls atomic.Int64
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = w.Write([]byte(`{"Cents": 5}`))
	}))
	defer shop.Close()
	p := pool.New(1)
	got, err := use.Robust(t.Context(), p, shop.URL)
	five := use.Price{Cents: 5}
	if !slices.Equal(got, []use.Price{five, five, five, five}) || err != nil {
		t.Fatalf("got %v, %v", got, err)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestShop(t *testing.T) {
	requests := 0
	shop := use.NewShop(func(_ context.Context, names []string) (map[string]use.Price, error) {
		requests++
		prices := make(map[string]use.Price)
		for _, n := range names {
			prices[n] = use.Price{Cents: len(n)}
		}
		return prices, nil
	})
	for range 3 {
		if p, err := shop.Get(t.Context(), "tea"); p.Cents != 3 || err != nil {
			t.Fatalf("got %v, %v", p, err)
		}
	}
	if requests != 1 {
		t.Fatalf("got %d requests", requests)
	}
}

func TestOrders(t *testing.T) {
	totals, err := use.Orders(t.Context(), []use.Order{{ID: 1, Cents: 10}, {ID: 2, Cents: 20}}, use.API{})
	if !slices.Equal(totals, []int{10, 20}) || err != nil {
		t.Fatalf("got %v, %v", totals, err)
	}
}

func TestHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1, pool.Queue(1, pool.Reject))
		gate := make(chan struct{})
		handler := use.Handler(p, func(context.Context) { <-gate })
		var codes []int
		for range 3 {
			w := httptest.NewRecorder()
			handler(w, httptest.NewRequest(http.MethodGet, "/", nil))
			codes = append(codes, w.Code)
			synctest.Wait() // the worker has taken what it can
		}
		close(gate)
		if err := p.Shutdown(t.Context()); err != nil || !slices.Equal(codes, []int{200, 200, 503}) {
			t.Fatalf("one runs, one waits, one is turned away: got %v, %v", codes, err)
		}
	})
}

func TestUsers(t *testing.T) {
	p := pool.New(2)
	users, err := use.Users(t.Context(), p, []int{1, 2, 3})
	if !slices.Equal(users, []use.User{{ID: 1}, {ID: 2}, {ID: 3}}) || err != nil {
		t.Fatalf("got %v, %v", users, err)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestReplicas(t *testing.T) {
	answer := func(context.Context) (int, error) { return 7, nil }
	silent := func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
	got, err := use.Replicas(t.Context(), []func(context.Context) (int, error){answer, silent, answer})
	if !slices.Equal(got, []int{7, 7}) || err != nil {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestETL(t *testing.T) {
	var (
		db  use.DB
		bad []string
	)
	lines := func(yield func(string, error) bool) {
		_ = yield(`{"Account":"a","Cents":1}`, nil) &&
			yield(`{"Account":"b","Cents":0}`, nil) &&
			yield(`not an event`, nil) &&
			yield(`{"Account":"c","Cents":3}`, nil)
	}
	err := use.ETL(t.Context(), lines, &db, func(line string, err error) { bad = append(bad, line) })
	if err != nil || !slices.Equal(bad, []string{"not an event"}) ||
		!slices.Equal(db.Stored, []use.Event{{Account: "a", Cents: 1}, {Account: "c", Cents: 3}}) {
		t.Fatalf("stored %v, refused %q, %v", db.Stored, bad, err)
	}
}

func TestFirstOver(t *testing.T) {
	texts := func(yield func(string) bool) {
		for n := 0; yield(strconv.Itoa(n)); n++ { // it never ends by itself
		}
	}
	if n, err := use.FirstOver(t.Context(), texts, 100); n != 101 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
}

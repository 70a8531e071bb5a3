package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thence-go/thence/future"
)

// Requests to a proxy that asks three upstreams on loopback and answers when it
// has all three. An upstream takes 1 ms, and one answer in fifty takes 40 ms.
// hedged asks a second time after 5 ms, within a budget.
func BenchmarkProgramProxy(b *testing.B) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	upstreams := make([]string, 3)
	for i := range upstreams {
		s := httptest.NewServer(slowAtTimes(uint64(i)))
		defer s.Close()
		upstreams[i] = s.URL
	}
	ask := func(i int) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) { return get(ctx, client, upstreams[i]) }
	}

	for _, side := range []struct {
		name   string
		answer func(ctx context.Context) (string, error)
	}{
		{"thence", func(ctx context.Context) (string, error) {
			return future.Join3(future.Go(ctx, ask(0)), future.Go(ctx, ask(1)), future.Go(ctx, ask(2)), joined).Await(ctx)
		}},
		{"hedged", func() func(context.Context) (string, error) {
			budget := future.NewBudget(0.1, 10)
			var hedged [3]func(context.Context) (string, error)
			for i := range hedged {
				hedged[i] = future.Hedge(future.HedgePolicy{Delay: 5 * time.Millisecond, Budget: budget}, ask(i))
			}
			return func(ctx context.Context) (string, error) {
				return future.Join3(future.Go(ctx, hedged[0]), future.Go(ctx, hedged[1]), future.Go(ctx, hedged[2]), joined).Await(ctx)
			}
		}()},
		{"go", func(ctx context.Context) (string, error) {
			var answers [3]string
			var errs [3]error
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { answers[i], errs[i] = ask(i)(ctx) })
			}
			wg.Wait()
			for _, err := range errs {
				if err != nil {
					return "", err
				}
			}
			return joined(ctx, answers[0], answers[1], answers[2])
		}},
		{"one_by_one", func(ctx context.Context) (string, error) {
			var answers [3]string
			for i := range answers {
				var err error
				if answers[i], err = ask(i)(ctx); err != nil {
					return "", err
				}
			}
			return joined(ctx, answers[0], answers[1], answers[2])
		}},
	} {
		b.Run(side.name, func(b *testing.B) {
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, err := side.answer(r.Context())
				if err != nil {
					w.WriteHeader(http.StatusBadGateway)
				}
				fmt.Fprint(w, text)
			}))
			defer proxy.Close()
			var all []time.Duration
			for b.Loop() {
				all = append(all, rush(b, client, proxy.URL)...)
			}
			percentiles(b, all)
		})
	}
}

func joined(_ context.Context, a, b, c string) (string, error) { return a + b + c, nil }

// slowAtTimes answers late once in fifty times: the same times for all sides.
func slowAtTimes(seed uint64) http.Handler {
	random := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		late := random.IntN(50) == 0
		mu.Unlock()
		d := time.Millisecond
		if late {
			d = 40 * time.Millisecond
		}
		select {
		case <-time.After(d):
			fmt.Fprint(w, "ok")
		case <-r.Context().Done():
		}
	})
}

func get(ctx context.Context, client *http.Client, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// rush sends 400 requests from 8 clients, and returns how long each took.
func rush(b *testing.B, client *http.Client, url string) []time.Duration {
	const clients, each = 8, 50
	took := make([]time.Duration, clients*each)
	var wrong atomic.Int64
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := range each {
				begin := time.Now()
				text, err := get(context.Background(), client, url)
				if err != nil || text != "okokok" {
					wrong.Add(1)
				}
				took[c*each+i] = time.Since(begin)
			}
		})
	}
	wg.Wait()
	equal(b, 0, wrong.Load())
	return took
}

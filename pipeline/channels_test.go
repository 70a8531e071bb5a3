package pipeline_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The patterns of docs/from-channels.md with channels alone. The page shows
// these functions, to the letter.

func chanPipeline(ctx context.Context, words <-chan string) <-chan int {
	lengths := make(chan int)
	go func() {
		defer close(lengths)
		for w := range words {
			select {
			case lengths <- len(w):
			case <-ctx.Done():
				return // and whoever sends words needs the same
			}
		}
	}()
	return lengths
}

func chanFanOut(in <-chan int, square func(int) int) <-chan int {
	out := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range in {
				out <- square(n)
			}
		})
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

func chanSemaphore(users []int, notify func(int)) {
	var wg sync.WaitGroup
	places := make(chan struct{}, 2)
	for _, user := range users {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			notify(user)
		})
	}
	wg.Wait()
}

func chanFirstError(ctx context.Context, parts []int, upload func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, p := range parts {
		wg.Go(func() {
			if err := upload(ctx, p); err != nil {
				cancel(err) // the first call wins
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func chanOrDone(done <-chan struct{}, in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for {
			select {
			case <-done:
				return
			case v, ok := <-in:
				if !ok {
					return
				}
				select {
				case out <- v:
				case <-done:
					return
				}
			}
		}
	}()
	return out
}

func chanInOrder(words []string, length func(string) int) []int {
	results := make(chan chan int, 4) // at most so many are ahead
	go func() {
		defer close(results)
		for _, w := range words {
			result := make(chan int, 1)
			results <- result
			go func() { result <- length(w) }()
		}
	}()
	var lengths []int
	for result := range results {
		lengths = append(lengths, <-result)
	}
	return lengths
}

func chanBatches(in <-chan int, insert func([]int)) {
	var batch []int
	var late <-chan time.Time
	for {
		select {
		case v, ok := <-in:
			if ok {
				if batch = append(batch, v); len(batch) == 1 {
					late = time.After(time.Second)
				}
				if len(batch) < 2 {
					continue
				}
			}
			if len(batch) > 0 {
				insert(batch)
			}
			if !ok {
				return
			}
		case <-late:
			insert(batch)
		}
		batch, late = nil, nil
	}
}

func chanMerge(ins ...<-chan string) <-chan string {
	out := make(chan string)
	var wg sync.WaitGroup
	for _, in := range ins {
		wg.Go(func() {
			for v := range in {
				out <- v
			}
		})
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

func chanTee(in <-chan int) (_, _ <-chan int) {
	a, b := make(chan int), make(chan int)
	go func() {
		defer close(a)
		defer close(b)
		for v := range in {
			toA, toB := a, b
			for range 2 {
				select {
				case toA <- v:
					toA = nil
				case toB <- v:
					toB = nil
				}
			}
		}
	}()
	return a, b
}

func chanRateLimit(urls []string, visit func(string)) {
	tick := time.Tick(10 * time.Millisecond)
	for _, url := range urls {
		<-tick
		visit(url)
	}
}

func chanWorkerPool(jobs []int, do func(int)) {
	queue := make(chan int)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for job := range queue {
				do(job)
			}
		})
	}
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	wg.Wait()
}

type chanBus struct {
	mu   sync.Mutex
	subs []chan string
}

func (b *chanBus) Subscribe() <-chan string {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan string, 16)
	b.subs = append(b.subs, c)
	return c
}

func (b *chanBus) Publish(event string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.subs {
		select {
		case c <- event:
		default: // full: this one goes without
		}
	}
}

func chanNaturals(quit <-chan struct{}) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for n := 1; ; n++ {
			select {
			case out <- n:
			case <-quit:
				return
			}
		}
	}()
	return out
}

// given is a closed channel with these items.
func given[T any](items ...T) <-chan T {
	c := make(chan T, len(items))
	for _, v := range items {
		c <- v
	}
	close(c)
	return c
}

func rest[T any](c <-chan T) (all []T) {
	for v := range c {
		all = append(all, v)
	}
	return all
}

// The patterns do what the page says of them, and leave nothing in the bubble.
func TestThePatternsOfChannels(t *testing.T) {
	twofold := func(n int) int { return 2 * n }
	bubble := func(name string, fn func(t *testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, fn) })
	}
	bubble("pipeline", func(t *testing.T) {
		require.Equal(t, []int{2, 3}, rest(chanPipeline(t.Context(), given("to", "bee"))))
	})
	bubble("fan out", func(t *testing.T) {
		require.ElementsMatch(t, []int{2, 4, 6}, rest(chanFanOut(given(1, 2, 3), twofold)))
	})
	bubble("semaphore", func(t *testing.T) {
		begun := time.Now()
		chanSemaphore(upTo(6), func(int) { time.Sleep(time.Second) })
		require.Equal(t, 3*time.Second, time.Since(begun))
	})
	bubble("first error", func(t *testing.T) {
		err := chanFirstError(t.Context(), upTo(3), func(ctx context.Context, i int) error {
			if i == 1 {
				return errBoom
			}
			<-ctx.Done()
			return ctx.Err()
		})
		require.Equal(t, errBoom, err)
	})
	bubble("or done", func(t *testing.T) {
		done := make(chan struct{})
		require.Equal(t, []int{1, 2}, rest(chanOrDone(done, given(1, 2))))
		close(done)
		require.Empty(t, rest(chanOrDone(done, nil)))
	})
	bubble("in order", func(t *testing.T) {
		require.Equal(t, []int{2, 3}, chanInOrder([]string{"to", "bee"}, func(s string) int { return len(s) }))
	})
	bubble("batches", func(t *testing.T) {
		var got [][]int
		chanBatches(given(1, 2, 3), func(b []int) { got = append(got, b) })
		slow := make(chan int)
		go func() {
			slow <- 4
			time.Sleep(time.Minute)
			close(slow)
		}()
		chanBatches(slow, func(b []int) { got = append(got, b) })
		require.Equal(t, [][]int{{1, 2}, {3}, {4}}, got)
	})
	bubble("merge", func(t *testing.T) {
		require.ElementsMatch(t, []string{"a", "b"}, rest(chanMerge(given("a"), given("b"))))
	})
	bubble("tee", func(t *testing.T) {
		a, b := chanTee(given(1, 2))
		seen := make(chan []int)
		go func() { seen <- rest(b) }()
		require.Equal(t, []int{1, 2}, rest(a))
		require.Equal(t, []int{1, 2}, <-seen)
	})
	bubble("rate limit", func(t *testing.T) {
		begun := time.Now()
		chanRateLimit([]string{"a", "b"}, func(string) {})
		require.Equal(t, 20*time.Millisecond, time.Since(begun))
	})
	bubble("worker pool", func(t *testing.T) {
		begun := time.Now()
		chanWorkerPool(upTo(6), func(int) { time.Sleep(time.Second) })
		require.Equal(t, 2*time.Second, time.Since(begun))
	})
	bubble("bus", func(t *testing.T) {
		var bus chanBus
		c := bus.Subscribe()
		bus.Publish("a")
		require.Equal(t, "a", <-c)
	})
	bubble("quit", func(t *testing.T) {
		quit := make(chan struct{})
		require.Equal(t, 1, <-chanNaturals(quit))
		close(quit)
	})
}

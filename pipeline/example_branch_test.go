package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/thence-go/thence/pipeline"
)

func ExampleMerge() {
	north := pipeline.FromSlice([]string{"fog", "rain"})
	south := pipeline.FromSlice([]string{"sun"})
	reports, err := pipeline.Merge(north, south).Collect(context.Background())
	slices.Sort(reports) // they go on as they come
	fmt.Println(reports, err)
	// Output: [fog rain sun] <nil>
}

func ExampleConcat() {
	stored := pipeline.FromSlice([]int{1, 2})
	live := pipeline.FromSlice([]int{3, 4})
	fmt.Println(pipeline.Concat(stored, live).Collect(context.Background()))
	// Output: [1 2 3 4] <nil>
}

func ExampleZip() {
	names := pipeline.FromSlice([]string{"ada", "bob"})
	ids := pipeline.From(func(yield func(int) bool) {
		for id := 1; yield(id); id++ {
		}
	})
	users := pipeline.Zip(names, ids, func(name string, id int) string { return fmt.Sprint(name, " ", id) })
	fmt.Println(users.Collect(context.Background()))
	// Output: [ada 1 bob 2] <nil>
}

func ExampleSplit() {
	shout := func(in pipeline.Flow[string]) pipeline.Flow[string] { return pipeline.Map(in, strings.ToUpper) }
	as := func(in pipeline.Flow[string]) pipeline.Flow[string] { return in }
	words := pipeline.FromSlice([]string{"no!", "well", "yes!"})
	urgent := func(s string) bool { return strings.HasSuffix(s, "!") }
	fmt.Println(pipeline.Split(words, urgent, shout, as).Collect(context.Background()))
	// Output: [NO! well YES!] <nil>
}

func ExampleBroadcast() {
	squares := func(in pipeline.Flow[int]) pipeline.Flow[string] {
		return pipeline.Map(in, func(n int) string { return fmt.Sprint(n, " squared is ", n*n) })
	}
	firstOdd := func(in pipeline.Flow[int]) pipeline.Flow[string] {
		odd := in.Filter(func(n int) bool { return n%2 == 1 }).Take(1)
		return pipeline.Map(odd, func(n int) string { return fmt.Sprint(n, " is odd") })
	}
	facts := pipeline.Broadcast(pipeline.FromSlice([]int{2, 3, 5}), squares, firstOdd)
	for fact := range facts.All(context.Background()) {
		fmt.Println(fact)
	}
	// Output:
	// 2 squared is 4
	// 3 squared is 9
	// 3 is odd
	// 5 squared is 25
}

func ExampleGroupBy() {
	words := pipeline.FromSlice([]string{"apple", "bean", "avocado", "beet", "cherry"})
	initial := func(w string) byte { return w[0] }
	shelves := pipeline.GroupBy(words, initial, func(c byte, in pipeline.Flow[string]) pipeline.Flow[string] {
		return pipeline.Map(pipeline.Batch(in, 100, 0), func(all []string) string { return fmt.Sprintf("%c: %v", c, all) })
	})
	for shelf := range shelves.All(context.Background()) {
		fmt.Println(shelf)
	}
	// Output:
	// a: [apple avocado]
	// b: [bean beet]
	// c: [cherry]
}

func ExampleTee() {
	prices := pipeline.FromSlice([]int{3, 1, 2})
	var total int64
	var sorted []int
	err := pipeline.Tee(context.Background(), prices,
		func(ctx context.Context, f pipeline.Flow[int]) (err error) {
			total, err = f.Count(ctx)
			return err
		},
		func(ctx context.Context, f pipeline.Flow[int]) error {
			all, err := f.Collect(ctx)
			sorted = slices.Sorted(slices.Values(all))
			return err
		})
	fmt.Println(total, sorted, err)
	// Output: 3 [1 2 3] <nil>
}

func ExamplePartition() {
	type event struct{ user, action string }
	events := pipeline.FromSlice([]event{{"ada", "login"}, {"bob", "login"}, {"ada", "buy"}, {"bob", "logout"}, {"ada", "logout"}})
	user := func(e event) string { return e.user }
	store := func(_ context.Context, e event) (event, error) { return e, nil }

	history := map[string][]string{}
	stored := pipeline.Partition(events, user, store, pipeline.Workers(4))
	err := stored.ForEach(context.Background(), func(_ context.Context, e event) error {
		history[e.user] = append(history[e.user], e.action)
		return nil
	})
	fmt.Println(history, err)
	// Output: map[ada:[login buy logout] bob:[login logout]] <nil>
}

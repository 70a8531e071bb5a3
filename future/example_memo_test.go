package future_test

import (
	"context"
	"fmt"
	"time"

	"github.com/thence-go/thence/future"
)

func ExampleMemo() {
	ctx := context.Background()
	user := func(ctx context.Context, id int) (string, error) {
		fmt.Println("asking for", id)
		return fmt.Sprint("user ", id), nil
	}
	users := future.NewMemo(user, future.TTL(time.Minute), future.MaxEntries(1000))
	fmt.Println(users.Get(ctx, 7))
	fmt.Println(users.Get(ctx, 7))
	fmt.Println(future.Then(future.Resolved(7), users.Get).Await(ctx))
	// Output:
	// asking for 7
	// user 7 <nil>
	// user 7 <nil>
	// user 7 <nil>
}

func ExampleLoader() {
	ctx := context.Background()
	selectUsers := func(ctx context.Context, ids []int) (map[int]string, error) {
		fmt.Println("SELECT ... WHERE id IN", ids)
		rows := make(map[int]string)
		for _, id := range ids {
			rows[id] = fmt.Sprint("user ", id)
		}
		return rows, nil
	}
	users := future.NewLoader(selectUsers, future.MaxBatch(3))

	a, b, c := users.Go(ctx, 1), users.Go(ctx, 2), users.Go(ctx, 3) // of three requests
	fmt.Println(future.All(a, b, c).Await(ctx))
	// Output:
	// SELECT ... WHERE id IN [1 2 3]
	// [user 1 user 2 user 3] <nil>
}

// A cache before a loader.
func ExampleNewMemo_loader() {
	ctx := context.Background()
	load := func(ctx context.Context, ids []int) (map[int]string, error) {
		rows := make(map[int]string)
		for _, id := range ids {
			rows[id] = fmt.Sprint("user ", id)
		}
		return rows, nil
	}
	users := future.NewMemo(future.NewLoader(load).Get, future.TTL(time.Minute))
	fmt.Println(users.Get(ctx, 1))
	// Output: user 1 <nil>
}

func ExampleLoader_GetAll() {
	ctx := context.Background()
	load := func(ctx context.Context, ids []int) (map[int]string, error) {
		return map[int]string{1: "ada"}, future.KeyErrors[int]{2: fmt.Errorf("no access")}
	}
	users, err := future.NewLoader(load).GetAll(ctx, 1, 2)
	fmt.Println(users)
	fmt.Println(err)
	// Output:
	// map[1:ada]
	// future: key 2: no access
}

package pool_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/thence-go/thence/pool"
)

func ExampleIdleTimeout() {
	p := pool.New(8, pool.IdleTimeout(time.Minute)) // for bursts that come every few seconds
	defer p.Close()
	_ = p.Go(context.Background(), func(context.Context) {})
	fmt.Println(p.Stats().Workers <= 8)
	// Output: true
}

func ExampleLabels() {
	ctx := context.Background()
	p := pool.New(1, pool.Name("mailer"), pool.Labels())
	_ = p.Named("welcome").Go(ctx, func(context.Context) {
		var profile strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
		fmt.Println(strings.Contains(profile.String(), `"pool":"mailer", "task":"welcome"`))
	})
	_ = p.Shutdown(ctx)
	// Output: true
}

func ExampleOrigins() {
	p := pool.New(1, pool.Origins())
	begun, end := make(chan struct{}), make(chan struct{})
	_ = p.Named("deaf").Go(context.Background(), func(context.Context) {
		close(begun)
		<-end
	})
	<-begun
	var left *pool.ShutdownError
	if errors.As(p.Close(), &left) {
		where, _, _ := strings.Cut(filepath.Base(left.Stragglers[0].Where), ":")
		fmt.Println(left.Stragglers[0].Name, where)
	}
	close(end)
	// Output: deaf example_options_test.go
}

package task_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/internal/task"
)

var errCause = errors.New("the cause")

type key struct{}

func newCtx(base context.Context, slot task.Slot) *task.Ctx {
	c := new(task.Ctx)
	c.Init(base, slot)
	return c
}

func TestCancelBeforeAndAfterALook(t *testing.T) {
	for name, look := range map[string]func(*task.Ctx){
		"nobody looked": func(*task.Ctx) {},
		"Done":          func(c *task.Ctx) { c.Done() },
		"Value":         func(c *task.Ctx) { c.Value(key{}) },
		"Err":           func(c *task.Ctx) { _ = c.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCtx(context.Background(), nil)
			look(c)
			require.NoError(t, c.Err())
			c.Cancel(errCause)
			c.Cancel(errors.New("too late"))
			require.Equal(t, context.Canceled, c.Err())
			<-c.Done()
			require.Equal(t, errCause, context.Cause(c))
			require.Equal(t, context.Canceled, c.Err())
		})
	}
}

func TestTheBaseEndsFirst(t *testing.T) {
	base, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	c, looked := newCtx(base, nil), newCtx(base, nil)
	looked.Done()
	cancel(errCause)
	for _, c := range []*task.Ctx{c, looked} {
		c.Cancel(errors.New("too late"))
		require.Equal(t, context.Canceled, c.Err())
		<-c.Done()
		require.Equal(t, errCause, context.Cause(c))
	}

	past, cancelPast := context.WithDeadline(context.Background(), time.Now().Add(-time.Hour))
	defer cancelPast()
	late := newCtx(past, nil)
	late.Release()
	require.Equal(t, context.DeadlineExceeded, late.Err(), "successive calls of Err agree")
	<-late.Done()
	require.Equal(t, context.DeadlineExceeded, context.Cause(late))
}

func TestReleaseEndsIt(t *testing.T) {
	base, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	c, looked := newCtx(base, nil), newCtx(base, nil)
	looked.Done()
	for _, c := range []*task.Ctx{c, looked} {
		c.Release()
		require.Equal(t, context.Canceled, c.Err())
		<-c.Done()
	}
	cancel(errCause)
	require.Equal(t, context.Canceled, context.Cause(c), "it ended before its base did")
}

// The standard library recognizes a real Ctx as one of its own: the cause
// arrives, and children need no goroutine. If a future Go release asked for its
// cancel context in another way, this fails.
func TestChildrenAreTheStandardLibrarys(t *testing.T) {
	c := newCtx(context.WithValue(context.Background(), key{}, "v"), nil)
	require.Equal(t, "v", c.Value(key{}))
	before := goroutines()
	var children []context.Context
	for range 10 {
		child, cancel := context.WithCancel(c)
		defer cancel()
		child, cancel = context.WithTimeout(child, time.Hour)
		defer cancel()
		children = append(children, child)
	}
	told := make(chan struct{})
	stop := context.AfterFunc(c, func() { close(told) })
	defer stop()
	require.Equal(t, before, goroutines(), "none for each child")
	c.Cancel(errCause)
	for _, child := range children {
		<-child.Done()
		require.Equal(t, errCause, context.Cause(child))
	}
	<-told
}

// goroutines counts those that wait for a context on a child's behalf.
func goroutines() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "propagateCancel")
}

func TestDeadlineIsTheBases(t *testing.T) {
	base, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	want, _ := base.Deadline()
	got, ok := newCtx(base, nil).Deadline()
	require.True(t, ok)
	require.Equal(t, want, got)
}

type slot struct{ name string }

func (*slot) Park()                  {}
func (*slot) Unpark(context.Context) {}

func TestSlots(t *testing.T) {
	outer := &slot{"outer"}
	c := newCtx(context.Background(), outer)
	require.Nil(t, task.SlotOf(context.Background()))
	require.Same(t, outer, task.SlotOf(c))
	child, cancel := context.WithTimeout(context.WithValue(c, key{}, 1), time.Hour)
	defer cancel()
	require.Same(t, outer, task.SlotOf(child), "through contexts made from it")
	require.Same(t, c, task.From(child))
	masked := newCtx(child, nil)
	require.Nil(t, task.SlotOf(masked), "a task of its own does not hold its parent's")
	inner := &slot{"inner"}
	masked.SetSlot(inner)
	require.Same(t, inner, task.SlotOf(masked))
}

func TestRacingLooksAndEnds(t *testing.T) {
	for range 2000 {
		base, cancel := context.WithCancelCause(context.Background())
		c := newCtx(base, nil)
		var wg sync.WaitGroup
		seen := make([]error, 4)
		for i := range seen {
			wg.Go(func() { <-c.Done(); seen[i] = context.Cause(c) })
		}
		wg.Go(func() { c.Cancel(errCause) })
		wg.Go(func() { cancel(context.DeadlineExceeded) })
		wg.Go(func() { c.Release() })
		wg.Wait()
		for _, cause := range seen {
			require.Equal(t, seen[0], cause)
		}
	}
}

func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	base := context.WithValue(context.Background(), key{}, 1)
	cs := make([]task.Ctx, 101) // a task has it in its own allocation
	require.Zero(t, testing.AllocsPerRun(100, func() {
		c := &cs[0]
		cs = cs[1:]
		c.Init(base, nil)
		_ = c.Err()
		_ = c.Slot()
		c.Release()
	}), "a context that nobody looks at")
}

// End asks nobody's context, so what has ended it is what End was given.
func TestEndDoesNotAskTheBase(t *testing.T) {
	base, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("ended before"))
	c := newCtx(base, nil)
	c.End(errCause)
	c.End(errors.New("too late"))
	require.Equal(t, errCause, context.Cause(c))
	require.Equal(t, context.Canceled, c.Err())
	none := newCtx(context.Background(), nil)
	none.End(nil)
	require.Equal(t, context.Canceled, context.Cause(none))
}

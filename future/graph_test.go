package future_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestGraphs runs random graphs beside the model: after every single thing that
// happens, both must agree on every future's outcome, on how often each function
// was called, and on whose ctx has ended.
func TestGraphs(t *testing.T) {
	quiet(t)
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range stress(1000) {
		runGraph(t, randomBytes(rnd))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzGraph(f *testing.F) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		f.Add(randomBytes(rnd))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		quiet(t)
		runGraph(t, data)
	})
}

func randomBytes(rnd *rand.Rand) []byte {
	data := make([]byte, 100+rnd.IntN(200))
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	return data
}

// runGraph is one graph in one bubble: if anything hangs, or is left, the
// bubble says so.
func runGraph(t *testing.T, data []byte) {
	g := readGraph(data)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(g)
		defer w.stop() // also after a difference was found
		c := &comparison{t: t, data: data, world: w, model: newModel(g, time.Now())}
		for at := range g.nodes {
			c.happens(fmt.Sprint("make ", at), func() { c.world.build(at) }, func(m *model) { m.build(at) })
		}
		at := time.Duration(0)
		for i, e := range g.script {
			at += e.after
			c.until(at)
			c.happens(fmt.Sprint("event ", i), func() { c.world.do(i, e) }, func(m *model) { m.do(i, e) })
		}
		c.until(0)
		for at, n := range c.model.at {
			require.Equal(t, settled, n.phase, "node %d of\n%v", at, g)
		}
	})
}

// comparison runs both in step.
type comparison struct {
	t     *testing.T
	data  []byte
	world *world
	model *model
	story string
}

// until lets everything happen that is due before an instant; 0 is for all.
func (c *comparison) until(at time.Duration) {
	for {
		node, when := c.model.next()
		if node < 0 || at > 0 && when > at {
			break
		}
		c.sleep(when)
		c.happens(fmt.Sprint("due at ", node), func() {}, func(m *model) { m.come(node) })
	}
	if at > 0 {
		c.sleep(at)
	}
}

func (c *comparison) sleep(until time.Duration) {
	time.Sleep(until - time.Since(c.world.start))
	c.model.now = until
}

// happens lets one thing happen in both, and compares.
func (c *comparison) happens(what string, really func(), model func(*model)) {
	c.story += fmt.Sprintf("%v %s\n", c.model.now, what)
	really()
	synctest.Wait()
	got := c.world.observe()
	before := c.model.clone()
	model(c.model)
	c.model.settleDown(c.model.usual)
	want := c.model.observe()
	if want == got {
		return
	}
	// What happens at one instant on several goroutines may do so in any order.
	for try := range uint64(5000) {
		other := before.clone()
		model(other)
		other.settleDown(rand.New(rand.NewPCG(try, 0)).IntN)
		if other.observe() == got {
			c.model = other
			return
		}
	}
	require.Equal(c.t, want, got, "%x\n%v%s", c.data, c.world.graph, c.story)
}

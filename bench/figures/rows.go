package figures

import "strings"

// Row is a benchmark and the targets that it holds.
type Row struct {
	Name   string // without Benchmark
	Title  string
	Unit   string // time of an item or an op if empty
	Checks []Check
	Front  *Front // how the row stands in the README; nil: not there
}

// Front says which sides the README shows of a row.
type Front struct {
	Ours, Others []Shown // Ours is thence if empty
}

// Shown is a side and what a reader calls it.
type Shown struct{ Side, Name string }

// Section is the rows of a package. They are in the order in which they are
// printed; a benchmark that reports several units has one for each. A ratio
// names the peer that has the same queue, where there is a queue.
type Section struct {
	Package string
	Rows    []Row
}

// Sections are all rows.
var Sections = []Section{
	{"future", futureRows},
	{"pool", poolRows},
	{"pipeline", pipelineRows},
	{"errgroup", errgroupRows},
	{"ratelimit", ratelimitRows},
	{"programs", programRows},
}

// front is a row's Front if thence is all that it shows of ours: sides, each
// with what a reader calls it unless that is the same.
func front(others ...string) *Front { return fronts(nil, others...) }

func fronts(ours []Shown, others ...string) *Front {
	f := &Front{Ours: ours}
	for _, o := range others {
		side, name, ok := strings.Cut(o, "=")
		if !ok {
			name = o
		}
		f.Others = append(f.Others, Shown{side, name})
	}
	return f
}

var futureRows = []Row{
	{"FutureSettled", "settled future: make, resolve, await", "", []Check{
		ratio{most: 0.5, peer: "chan"},
		allocs{most: 1},
	}, nil},
	{"FutureSpawn", "spawn and await one", "", []Check{
		ratio{most: 0.9, peer: "chan"},
		allocs{most: 2},
	}, front("chan=goroutine + channel", "conc", "pond")},
	{"FutureChainSettled", "chain of 10, settled", "", []Check{
		ratio{most: 0.1, peer: "mo"},
		allocs{most: 11},
	}, front("mo=samber/mo", "chan=goroutine + channel")},
	{"FutureChainPending", "chain of 10, pending", "", []Check{
		ratio{most: 0.1, peer: "mo"},
		ratio{most: 0.1, peer: "mo", side: "thence_promise"},
		allocs{most: 11, side: "thence_promise"},
	}, nil},
	{"FutureAll", "All over 1000 launched (each)", "", []Check{
		ratio{most: 0.95, peer: "conc"},
		allocsBeyond{most: 2, side: "thence_each"},
	}, front("conc", "pond")},
	{"FutureAwaiters", "100 awaiters on one (each)", "", []Check{
		ratio{most: 1.1, peer: "closed"},
	}, nil},
	{"FutureAwait", "await a settled future", "", []Check{
		above{ns: 3, peer: "copy"},
		allocs{most: 0},
	}, nil},
	{"FuturePending", "a million pending promises (each)", "bytes/item", []Check{
		bytes{most: 200},
	}, nil},
	{"MemoHit", "a hit of Memo", "", []Check{
		atMost{ns: 40},
		allocs{most: 0},
	}, nil},
	{"MemoParallel", "the same, parallel", "", []Check{
		ratio{most: 1, peer: "rwmutex_map"},
		allocs{most: 0},
	}, nil},
	{"Loader", "Loader, 1e5 keys (each)", "", []Check{
		ratio{most: 0.5, peer: "goroutine"},
	}, nil},
}

var poolRows = []Row{
	{"PoolEmpty", "pool, empty tasks, 8 workers", "", []Check{
		ratio{most: 0.7, peer: "chan64", side: "thence64"},
		ratio{most: 0.35, peer: "pond"},
		ratio{most: 0.1, peer: "ants"},
		allocs{most: 0},
	}, front("chan64=channels of 64", "pond", "ants", "conc")},
	{"PoolParallel", "the same, parallel producers", "", []Check{
		ratio{most: 0.6, peer: "chan4096", side: "thence4096"},
		ratio{most: 0.3, peer: "pond"},
	}, nil},
	{"PoolThousand", "the same, 1000 workers", "", []Check{
		ratio{most: 0.3, peer: "chan64", side: "thence64"},
	}, nil},
	{"PoolWork", "1 us of work a task", "", []Check{
		ratio{most: 1, peer: "chan64", side: "thence64"},
		cores{least: 0.9, workers: 8, loop: "loop"},
	}, fronts([]Shown{{Thence, ""}, {"thence64", "with a queue of 64"}}, "chan64=channels of 64", "pond", "ants")},
	{"PoolOne", "submit and wait for one", "", []Check{
		ratio{most: 1.1, peer: "ants"},
	}, front("chan=goroutine + channel", "ants", "pond")},
	{"PoolResults", "submit 1000 with results (each)", "", []Check{
		ratio{most: 0.4, peer: "chan_each"},
		allocs{most: 1},
	}, front("chan_each=channel workers, a channel a task", "pond", "ants")},
	{"PoolViews", "empty tasks through views", "", []Check{
		ratio{most: 3, peer: "thence", side: "high"},
		ratio{most: 3, peer: "thence", side: "key"},
	}, fronts([]Shown{{"high", "by priority"}, {"key", "by key"}})},
	{"PoolWorkers", "empty tasks, 1 to 100 000 workers", "", []Check{
		ratio{most: 2, peer: "thence", side: "workers1"},
		ratio{most: 2, peer: "thence", side: "workers1000"},
		ratio{most: 2, peer: "thence", side: "workers100000"},
	}, nil},
	{"PoolQueued", "a million queued tasks (each)", "bytes/item", []Check{
		bytes{most: 64},
	}, nil},
	{"PoolWait", "wait for a worker at 80 % load, p99", "p99-ns", []Check{
		ratio{most: 1, peer: "chan1024", unit: "p99-ns"},
	}, nil},
	{"PoolForEach", "ForEach over 1e6, empty body (each)", "", []Check{
		atMost{ns: 4},
	}, front("conc")},
}

var pipelineRows = []Row{
	{"FlowUnordered", "flow of 1e6 ints: map, map on 4, sum (each)", "", []Check{
		ratio{most: 0.15, peer: "chan64"},
	}, front("chan64=channels of 64", "ro=samber/ro")},
	{"FlowOrdered", "the same, ordered", "", []Check{
		ratio{most: 0.04, peer: "conc_stream"},
	}, front("conc_stream=conc/stream")},
	{"FlowWork100ns", "the same, 100 ns of work an item", "", []Check{
		ratio{most: 0.75, peer: "loop"},
	}, nil},
	{"FlowWork1us", "the same, 1 us of work an item", "", []Check{
		ratio{most: 0.55, peer: "loop"},
	}, front("loop=plain loop", "chan64=channels of 64")},
	{"FlowBusy", "the same, other work keeping the cores busy", "", []Check{
		ratio{most: 0.05, peer: "chan64"},
	}, nil},
	{"FlowLatency100us", "latency of an item, 100 us apart, p50", "p50-ns", []Check{
		ratio{most: 1.2, peer: "chan64", unit: "p50-ns"},
	}, nil},
	{"FlowLatency100us", "latency of an item, 100 us apart, p99", "p99-ns", []Check{
		ratio{most: 1.2, peer: "chan64", unit: "p99-ns"},
	}, nil},
	{"FlowLatency2us", "latency of an item, 2 us apart, p50", "p50-ns", []Check{
		ratio{most: 2, peer: "chan64", unit: "p50-ns"},
	}, nil},
	{"FlowLatency2us", "latency of an item, 2 us apart, p99", "p99-ns", []Check{
		ratio{most: 2, peer: "chan64", unit: "p99-ns"},
	}, nil},
	{"FlowSlowItems", "400 items of 1 ms over 4 workers (all)", "", []Check{
		ratio{most: 1.05, peer: "chan64"},
	}, nil},
	{"FlowBatch", "batches of 100 (each item)", "", []Check{
		ratio{most: 0.25, peer: "chan64"},
	}, front("chan64=channels of 64", "ro=samber/ro")},
	{"Transports", "ways to move items, no work (each item)", "", []Check{
		ratio{most: 1, peer: "ring"},
	}, nil},
	{"TransportsWork", "the same, 100 ns of work an item", "", []Check{
		ratio{most: 1, peer: "ring"},
	}, nil},
	{"TransportsSlow", "the same, 400 items of 1 ms (all)", "", []Check{
		ratio{most: 1.05, peer: "ring"},
	}, nil},
	{"FlowTwentySteps", "20 cheap steps (each item)", "", []Check{
		ratio{most: 1.5, peer: "loop"},
	}, front("loop=one loop that calls them")},
	{"FlowPartition", "1000 keys, in order within one (each item)", "", []Check{
		ratio{most: 2, peer: "then"},
		ratio{most: 2, peer: "then", side: "in_order"},
	}, front("then=a step that knows no keys")},
	{"FlowMemory", "the most memory of a long flow (each item)", "bytes/item", []Check{
		bytes{most: 1},
	}, nil},
	{"FlowStart", "five stages over 10 items, begun and ended", "", []Check{
		ratio{most: 3, peer: "chan"},
	}, nil},
}

var errgroupRows = []Row{
	{"GroupOne", "errgroup, no limit, 1 task", "", []Check{
		ratio{most: 1.05, peer: "xsync"},
	}, nil},
	{"GroupThousand", "errgroup, no limit, 1000 tasks (each)", "", []Check{
		ratio{most: 1.05, peer: "xsync"},
	}, front("xsync=x/sync", "conc")},
	{"GroupLimit", "errgroup, limit 8, 1000 tasks (each)", "", []Check{
		ratio{most: 0.25, peer: "xsync"},
	}, front("xsync=x/sync", "conc")},
}

var ratelimitRows = []Row{
	{"LimiterAllow", "limiter Allow, one goroutine", "", []Check{
		ratio{most: 0.4, peer: "xtime"},
		above{ns: 15, peer: "clock"},
	}, front("xtime=x/time/rate", "juju=juju/ratelimit")},
	{"LimiterParallel", "limiter Allow, parallel", "", []Check{
		ratio{most: 0.4, peer: "xtime"},
		above{ns: 15, peer: "clock"},
	}, front("xtime=x/time/rate", "juju=juju/ratelimit")},
	{"KeyedAllow", "a limiter for each of 100 000 users, one goroutine", "", []Check{
		ratio{most: 0.6, peer: "xtime_map"},
	}, front("xtime_map=a map of x/time/rate's")},
	{"KeyedParallel", "the same, parallel", "", []Check{
		ratio{most: 0.6, peer: "xtime_map"},
	}, front("xtime_map=a map of x/time/rate's")},
}

var programRows = []Row{
	{"FanOut", "50 calls over a network, 1 % fail (each)", "", []Check{
		ratio{most: 1.1, peer: "waitgroup"},
		ratio{most: 1.1, peer: "xsync", side: "thence_scope"},
	}, nil},
	{"FanOut", "the same, until all are done, p99", "p99-ns", []Check{
		ratio{most: 1.2, peer: "waitgroup", unit: "p99-ns"},
	}, nil},
	{"Crowd", "a crowd of 10000, 1 % critical: their wait, p50", "p50-ns", []Check{
		ratio{most: 0.2, peer: "pond", unit: "p50-ns"},
		ratio{most: 0.2, peer: "ants", unit: "p50-ns"},
	}, nil},
	{"Crowd", "the same, p99", "p99-ns", []Check{
		ratio{most: 0.2, peer: "pond", unit: "p99-ns"},
	}, nil},
	{"ProgramProxy", "a proxy that asks three upstreams, p50", "p50-ns", []Check{
		ratio{most: 1.05, peer: "go", unit: "p50-ns"},
	}, nil},
	{"ProgramProxy", "the same, p99", "p99-ns", []Check{
		ratio{most: 1.05, peer: "go", unit: "p99-ns"},
		ratio{most: 0.5, peer: "go", side: "hedged", unit: "p99-ns"},
	}, nil},
	{"ProgramProxy", "the same, p999", "p999-ns", []Check{
		ratio{most: 1.05, peer: "go", unit: "p999-ns"},
	}, nil},
}

package main

// row is a benchmark and the targets that it holds.
type row struct {
	name   string // without Benchmark
	title  string
	unit   string // time of an item or an op if empty
	checks []check
}

// rows are in the order in which they are printed; a benchmark that reports
// several units has one for each. A ratio names the peer that has the same
// queue, where there is a queue.
var rows = []row{
	{"FutureSettled", "settled future: make, resolve, await", "", []check{
		ratio{most: 0.5, peer: "chan"},
		allocs{most: 1},
	}},
	{"FutureSpawn", "spawn and await one", "", []check{
		ratio{most: 0.9, peer: "chan"},
		allocs{most: 2},
	}},
	{"FutureChainSettled", "chain of 10, settled", "", []check{
		ratio{most: 0.1, peer: "mo"},
		allocs{most: 11},
	}},
	{"FutureChainPending", "chain of 10, pending", "", []check{
		ratio{most: 0.1, peer: "mo"},
		ratio{most: 0.1, peer: "mo", side: "thence_promise"},
		allocs{most: 11, side: "thence_promise"},
	}},
	{"FutureAll", "All over 1000 launched (each)", "", []check{
		ratio{most: 0.95, peer: "conc"},
		allocsBeyond{most: 2, side: "thence_each"},
	}},
	{"FutureAwaiters", "100 awaiters on one (each)", "", []check{
		ratio{most: 1.1, peer: "closed"},
	}},
	{"FutureAwait", "await a settled future", "", []check{
		above{ns: 3, peer: "copy"},
		allocs{most: 0},
	}},
	{"FuturePending", "a million pending promises (each)", "bytes/item", []check{
		bytes{most: 200},
	}},
	{"MemoHit", "a hit of Memo", "", []check{
		atMost{ns: 40},
		allocs{most: 0},
	}},
	{"MemoParallel", "the same, parallel", "", []check{
		ratio{most: 1, peer: "rwmutex_map"},
		allocs{most: 0},
	}},
	{"Loader", "Loader, 1e5 keys (each)", "", []check{
		ratio{most: 0.5, peer: "goroutine"},
	}},

	{"PoolEmpty", "pool, empty tasks, 8 workers", "", []check{
		ratio{most: 0.7, peer: "chan64", side: "thence64"},
		ratio{most: 0.35, peer: "pond"},
		ratio{most: 0.1, peer: "ants"},
		allocs{most: 0},
	}},
	{"PoolParallel", "the same, parallel producers", "", []check{
		ratio{most: 0.6, peer: "chan4096", side: "thence4096"},
		ratio{most: 0.3, peer: "pond"},
	}},
	{"PoolThousand", "the same, 1000 workers", "", []check{
		ratio{most: 0.3, peer: "chan64", side: "thence64"},
	}},
	{"PoolWork", "1 us of work a task", "", []check{
		ratio{most: 1, peer: "chan64", side: "thence64"},
		cores{least: 0.9, workers: 8, loop: "loop"},
	}},
	{"PoolOne", "submit and wait for one", "", []check{
		ratio{most: 1.1, peer: "ants"},
	}},
	{"PoolResults", "submit 1000 with results (each)", "", []check{
		ratio{most: 0.4, peer: "chan_each"},
		allocs{most: 1},
	}},
	{"PoolViews", "empty tasks through views", "", []check{
		ratio{most: 3, peer: "thence", side: "high"},
		ratio{most: 3, peer: "thence", side: "key"},
	}},
	{"PoolWorkers", "empty tasks, 1 to 100 000 workers", "", []check{
		ratio{most: 2, peer: "thence", side: "workers1"},
		ratio{most: 2, peer: "thence", side: "workers1000"},
		ratio{most: 2, peer: "thence", side: "workers100000"},
	}},
	{"PoolQueued", "a million queued tasks (each)", "bytes/item", []check{
		bytes{most: 64},
	}},
	{"PoolWait", "wait for a worker at 80 % load, p99", "p99-ns", []check{
		ratio{most: 1, peer: "chan1024", unit: "p99-ns"},
	}},
	{"PoolForEach", "ForEach over 1e6, empty body (each)", "", []check{
		atMost{ns: 4},
	}},

	{"FlowUnordered", "flow of 1e6 ints: map, map on 4, sum (each)", "", []check{
		ratio{most: 0.15, peer: "chan64"},
	}},
	{"FlowOrdered", "the same, ordered", "", []check{
		ratio{most: 0.04, peer: "conc_stream"},
	}},
	{"FlowWork100ns", "the same, 100 ns of work an item", "", []check{
		ratio{most: 0.75, peer: "loop"},
	}},
	{"FlowWork1us", "the same, 1 us of work an item", "", []check{
		ratio{most: 0.55, peer: "loop"},
	}},
	{"FlowBusy", "the same, other work keeping the cores busy", "", []check{
		ratio{most: 0.05, peer: "chan64"},
	}},
	{"FlowLatency100us", "latency of an item, 100 us apart, p50", "p50-ns", []check{
		ratio{most: 1.2, peer: "chan64", unit: "p50-ns"},
	}},
	{"FlowLatency100us", "latency of an item, 100 us apart, p99", "p99-ns", []check{
		ratio{most: 1.2, peer: "chan64", unit: "p99-ns"},
	}},
	{"FlowLatency2us", "latency of an item, 2 us apart, p50", "p50-ns", []check{
		ratio{most: 2, peer: "chan64", unit: "p50-ns"},
	}},
	{"FlowLatency2us", "latency of an item, 2 us apart, p99", "p99-ns", []check{
		ratio{most: 2, peer: "chan64", unit: "p99-ns"},
	}},
	{"FlowSlowItems", "400 items of 1 ms over 4 workers (all)", "", []check{
		ratio{most: 1.05, peer: "chan64"},
	}},
	{"FlowBatch", "batches of 100 (each item)", "", []check{
		ratio{most: 0.25, peer: "chan64"},
	}},
	{"Transports", "ways to move items, no work (each item)", "", []check{
		ratio{most: 1, peer: "ring"},
	}},
	{"TransportsWork", "the same, 100 ns of work an item", "", []check{
		ratio{most: 1, peer: "ring"},
	}},
	{"TransportsSlow", "the same, 400 items of 1 ms (all)", "", []check{
		ratio{most: 1.05, peer: "ring"},
	}},
	{"FlowTwentySteps", "20 cheap steps (each item)", "", []check{
		ratio{most: 1.5, peer: "loop"},
	}},
	{"FlowPartition", "1000 keys, in order within one (each item)", "", []check{
		ratio{most: 2, peer: "then"},
		ratio{most: 2, peer: "then", side: "in_order"},
	}},
	{"FlowMemory", "the most memory of a long flow (each item)", "bytes/item", []check{
		bytes{most: 1},
	}},
	{"FlowStart", "five stages over 10 items, begun and ended", "", []check{
		ratio{most: 3, peer: "chan"},
	}},

	{"GroupOne", "errgroup, no limit, 1 task", "", []check{
		ratio{most: 1.05, peer: "xsync"},
	}},
	{"GroupThousand", "errgroup, no limit, 1000 tasks (each)", "", []check{
		ratio{most: 1.05, peer: "xsync"},
	}},
	{"GroupLimit", "errgroup, limit 8, 1000 tasks (each)", "", []check{
		ratio{most: 0.25, peer: "xsync"},
	}},

	{"LimiterAllow", "limiter Allow, one goroutine", "", []check{
		ratio{most: 0.4, peer: "xtime"},
		above{ns: 15, peer: "clock"},
	}},
	{"LimiterParallel", "limiter Allow, parallel", "", []check{
		ratio{most: 0.4, peer: "xtime"},
		above{ns: 15, peer: "clock"},
	}},
	{"KeyedAllow", "a limiter for each of 100 000 users, one goroutine", "", []check{
		ratio{most: 0.6, peer: "xtime_map"},
	}},
	{"KeyedParallel", "a limiter for each of 100 000 users, parallel", "", []check{
		ratio{most: 0.6, peer: "xtime_map"},
	}},
}

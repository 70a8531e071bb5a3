// Package bench holds Thence against its peers and against plain Go, side by
// side, in a module of its own, so that no peer reaches a user's go.mod.
//
// A row is a benchmark, a side a sub-benchmark: BenchmarkFutureSpawn/thence,
// BenchmarkFutureSpawn/chan. README.md has the method; command ratios turns
// the output into one table with the ratio that each row is held to.
package bench

// Package bench holds Thence against its peers and against plain Go, side by
// side, in a module of its own, so that no peer reaches a user's go.mod.
//
// A row is a benchmark, a side a sub-benchmark: BenchmarkFutureSpawn/thence,
// BenchmarkFutureSpawn/chan. README.md has the method; command report turns
// the output into tables, with the ratio that each row is held to, and pictures.
package bench

// Package archtest holds the rules of the house as code; its tests apply them
// to this module, and to small packages that break each of them.
//
//   - Who may import whom? Imports point down: pool, errgroup and pipeline to
//     future, everything to internal, and internal to no public package. A
//     user's build gets the standard library and golang.org/x/sync, nothing
//     else; no test library is reachable from what users import, and net only
//     from ratelimit/ratehttp.
//   - What may a package hold? No package-level channel, timer, sync.Pool or
//     goroutine: in a testing/synctest bubble each of them kills the process.
//   - How does code wait? By parking: no time.Sleep, no runtime.Gosched.
//   - What may be exported? No generic alias: it hangs the compiler of whoever
//     imports it (golang/go#79711).
//   - What does a package come with? doc.go, and the tests that each has:
//     leak, synctest, alloc, example.
//
// Each rule is a function from packages to a list of what breaks it, so that
// the rules themselves are tested.
package archtest

// Package lane moves items between the goroutines of a flow: many producers,
// many consumers, no allocation for an item, and no consumer idle beside an
// item that waits.
//
// An [Edge] joins producers to consumers. Producers have one of two ways in:
//
//   - [Edge.Lanes]: each producer owns a ring of its own, a [Lane], and an
//     item costs one atomic store and one load. No order between lanes.
//   - [Edge.Ring]: all producers share one ring, addressed by the number that
//     the item had when it was taken further up, so order is kept.
//
// A [Consumer] takes a batch under the edge's mutex and goes through it
// without one. It says which item it is at before it begins it, so a sibling
// with nothing to do can steal the rest: slow items never wait behind each
// other. Nothing ever waits in a private chunk for the chunk to fill.
//
// # Does it block?
//
// Put blocks while there is no room, Take while there is nothing. Both park on
// a channel that is made with the edge, and give back the slot of the task
// that they run in for as long. Stop wakes everybody, for good.
//
// # Who may call what?
//
// One goroutine owns each Lane, Port and Consumer. Stop may come from anywhere.
package lane

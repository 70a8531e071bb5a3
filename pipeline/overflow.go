package pipeline

import (
	"fmt"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Overflow says what happens to an item that comes when a buffer is full. The
// zero value is Block.
type Overflow uint8

// What a full buffer does.
const (
	Block      Overflow = iota // who brings the item waits for room
	DropOldest                 // the item that has waited longest makes room
	DropNewest                 // the item that comes is dropped
)

func (o Overflow) String() string {
	switch o {
	case Block:
		return "Block"
	case DropOldest:
		return "DropOldest"
	case DropNewest:
		return "DropNewest"
	}
	return fmt.Sprintf("Overflow(%d)", uint8(o))
}

func (o Overflow) full() lane.Full {
	switch o {
	case DropOldest:
		return lane.DropOldest
	case DropNewest:
		return lane.DropNewest
	}
	return lane.Wait
}

func mustBuffer(name string, n int, o Overflow) {
	if n < 1 {
		panic(fmt.Sprintf("pipeline: %s needs a buffer of at least 1, got %d", name, n))
	}
	if o > DropNewest {
		panic(fmt.Sprintf("pipeline: %s needs Block, DropOldest or DropNewest, got %v", name, o))
	}
}

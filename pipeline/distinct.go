package pipeline

import "fmt"

// Distinct drops an item whose key is among the lastKeys different keys that
// came last. The one that has not come for longest is forgotten first (LRU):
// a key that keeps coming is remembered, dropped items count as having come.
// To compare with the item before only, lastKeys is 1.
//
// It is fused with its neighbor: it has no goroutine, and holds the keys. Two
// keys are the same if == says so: a NaN is never a repetition.
func Distinct[A any, K comparable](f Flow[A], key func(A) K, lastKeys int) Flow[A] {
	mustFlow("Distinct", f)
	mustFunc("Distinct", "function that gives the key", key == nil)
	if lastKeys < 1 {
		panic(fmt.Sprintf("pipeline: Distinct needs at least 1 key to remember, got %d", lastKeys))
	}
	name := f.label("distinct", "")
	return next(f, name, unknown, func(p *part, to dest[A]) {
		f.open(p, fused[A, A]{to: to, name: name, link: func(l *link[A]) outlet[A] {
			seen := recent[K]{most: lastKeys, at: map[K]int{}}
			return &filtering[A]{link: *l, keep: func(a A) bool { return seen.isNew(key(a)) }}
		}})
	})
}

// recent is a set of the keys that came last: a list in a slice, in a circle
// from the newest to the oldest.
type recent[K comparable] struct {
	most   int
	at     map[K]int // place in keys
	keys   []recentKey[K]
	newest int
}

type recentKey[K comparable] struct {
	key          K
	newer, older int
}

// isNew reports whether k is not there, and adds it.
func (r *recent[K]) isNew(k K) bool {
	if k != k { // a map would never give it back
		return true
	}
	i, known := r.at[k]
	switch {
	case known:
		r.renew(i)
		return false
	case len(r.keys) < r.most:
		i = len(r.keys)
		r.keys = append(r.keys, recentKey[K]{newer: i, older: i})
		r.insert(i)
	default:
		i = r.keys[r.newest].newer // the circle: the oldest
		delete(r.at, r.keys[i].key)
		r.newest = i
	}
	r.keys[i].key = k
	r.at[k] = i
	return true
}

// renew makes i the newest.
func (r *recent[K]) renew(i int) {
	e := r.keys[i]
	if i == r.newest {
		return
	}
	r.keys[e.newer].older, r.keys[e.older].newer = e.older, e.newer
	r.insert(i)
}

// insert puts i, which is in no circle, before the newest.
func (r *recent[K]) insert(i int) {
	if len(r.keys) > 1 {
		head := r.newest
		oldest := r.keys[head].newer
		r.keys[i].older, r.keys[i].newer = head, oldest
		r.keys[head].newer, r.keys[oldest].older = i, i
	}
	r.newest = i
}

package future

// Table opens a Memo's table: keys with hashes that a test chooses.
type Table struct{ t table[int, int] }

// NewTable makes an empty one.
func NewTable() *Table {
	t := new(Table)
	t.t.init()
	return t
}

// Add puts k in, which is not there.
func (t *Table) Add(k int, hash uint64) { t.t.add(&entry[int, int]{key: k, hash: hash, value: k}) }

// Remove takes k out, which is there.
func (t *Table) Remove(k int, hash uint64) { t.t.remove(t.t.get(k, hash)) }

// Get reports whether k is found. What is found is never another key's.
func (t *Table) Get(k int, hash uint64) bool {
	e := t.t.get(k, hash)
	if e != nil && e.value != k {
		panic("the entry of another key")
	}
	return e != nil
}

// Len is how many there are.
func (t *Table) Len() int { return t.t.n }

// Flights counts the calls that others could join.
func (m *Memo[K, V]) Flights() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += len(s.flights)
		s.mu.Unlock()
	}
	return n
}

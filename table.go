package scope

// A table is an immutable set of entries, found by key in constant time: open
// addressing, at most half full. A nil table is empty.
type table struct {
	slots []entry // a power of two
	n     int
}

// find returns the key's entry, nil if it has none.
func (t *table) find(k *keyInfo) *entry {
	if t == nil {
		return nil
	}
	mask := uint32(len(t.slots) - 1)
	for i := k.hash & mask; ; i = (i + 1) & mask {
		switch e := &t.slots[i]; e.key {
		case k:
			return e
		case nil:
			return nil
		}
	}
}

// with returns a table that has the entries of t and of each list, the later
// ones in the place of earlier ones with the same key.
func (t *table) with(lists ...[]entry) *table {
	most := 0
	for _, l := range lists {
		most += len(l)
	}
	if t != nil {
		most += t.n
	}
	size := 8
	for size < 2*most {
		size *= 2
	}
	made := &table{slots: make([]entry, size)}
	if t != nil {
		made.put(t.slots)
	}
	for _, l := range lists {
		made.put(l)
	}
	return made
}

// put is for with alone: a table does not change once with returned it.
func (t *table) put(list []entry) {
	mask := uint32(len(t.slots) - 1)
	for _, e := range list {
		if e.key == nil {
			continue
		}
		i := e.key.hash & mask
		for t.slots[i].key != nil && t.slots[i].key != e.key {
			i = (i + 1) & mask
		}
		if t.slots[i].key == nil {
			t.n++
		}
		t.slots[i] = e
	}
}

package engine

import "slices"

// A table is an immutable set of bindings. It is a hash table with chains, so a key is
// found in constant time. A new table shares the chains that it does not change with the
// table that it is made from. Therefore binding one key after another copies little. A nil
// table is empty.
type table struct {
	chains []*link // their number is a power of two
	n      int
}

// A link is a binding of a chain. It does not change once it is in a table.
type link struct {
	Binding
	next *link
}

// find returns the key's binding, or nil if it has none.
func (t *table) find(k *Key) *Binding {
	if t == nil {
		return nil
	}
	for l := t.chains[k.hash&uint32(len(t.chains)-1)]; l != nil; l = l.next {
		if l.key == k {
			return &l.Binding
		}
	}
	return nil
}

// with returns a table that has the bindings of t and of list. For a key that is in both,
// it has the binding of list.
func (t *table) with(list []Binding) *table {
	if t == nil {
		t = new(table)
	}
	made := &table{n: t.n}
	if most := t.n + len(list); most > 2*len(t.chains) {
		size := 1
		for size < most {
			size *= 2
		}
		made.chains = make([]*link, size)
		for _, l := range t.chains {
			for ; l != nil; l = l.next {
				chain := made.chain(l.key)
				*chain = &link{l.Binding, *chain}
			}
		}
	} else {
		made.chains = slices.Clone(t.chains)
	}
	for _, e := range list {
		chain := made.chain(e.key)
		rest := *chain
		if made.find(e.key) == nil {
			made.n++
		} else {
			rest = rest.without(e.key)
		}
		*chain = &link{e, rest}
	}
	return made
}

// chain returns the key's chain for with to change, while it makes the table.
func (t *table) chain(k *Key) **link { return &t.chains[k.hash&uint32(len(t.chains)-1)] }

// without returns a copy of the chain without a key's binding. The copy shares the links
// behind that.
func (l *link) without(k *Key) *link {
	if l.key == k {
		return l.next
	}
	return &link{l.Binding, l.next.without(k)}
}

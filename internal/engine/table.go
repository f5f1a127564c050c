package engine

import "slices"

// A table is an immutable set of bindings, found by key in constant time. It is
// hashed into chains. A table that follows from another shares those that it
// does not change with it, so that binding one key after another copies little.
// A nil table is empty.
type table struct {
	chains []*link // a power of two
	n      int
}

// A link is a binding of a chain. It does not change once it is in a table.
type link struct {
	Binding
	next *link
}

// find returns the key's binding, nil if it has none.
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

// with returns a table that has the bindings of t and those of list, which
// count where t has some for the same keys.
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

// chain is for with alone, as long as the table is being made.
func (t *table) chain(k *Key) **link { return &t.chains[k.hash&uint32(len(t.chains)-1)] }

// without returns the chain without the binding that it has for a key. What is behind that is shared.
func (l *link) without(k *Key) *link {
	if l.key == k {
		return l.next
	}
	return &link{l.Binding, l.next.without(k)}
}

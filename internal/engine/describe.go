package engine

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// A Description describes a binding to people.
type Description struct {
	Of       any    // the key's identity
	Many     bool   // the key is hidden, because its earlier bindings count too
	Key      string // the key's name
	Value    string // ‹redacted› for a secret
	Redacted bool
	Scope    string // the path of the scope that binds it; "" if that has no name
	Place    string // file:line; "" if unknown
}

// Describe describes a scope.Binding. For the zero one the result has no Of.
func Describe(b Bound) Description { return b.binding().describe() }

// describe describes the bindings of s, in the order of the keys' names. It leaves
// out hidden keys. It also leaves out secrets that are collected from other keys,
// because those keys are listed themselves.
func (s *scope) describe() []Description {
	if s == nil {
		return nil
	}
	var all []Binding
	seen := map[*Key]bool{}
	s.each(func(e *Binding) {
		if !seen[e.key] {
			seen[e.key] = true
			all = append(all, *e)
		}
	})
	collected := map[*Key]bool{}
	for i := range all {
		if c := all[i].key.collect; c != nil {
			collected[c.into] = true
		}
	}
	var list []Description
	for i := range all {
		if k := all[i].key; !k.hidden && !(k.redacted && collected[k]) {
			list = append(list, all[i].describe())
		}
	}
	slices.SortStableFunc(list, func(a, b Description) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// each calls f for each binding that find may return. Bindings that these shadow
// come after them.
func (s *scope) each(f func(*Binding)) {
	if s == nil {
		return
	}
	for i := range s.recent {
		f(&s.recent[i])
	}
	if s.table != nil {
		for _, l := range s.table.chains {
			for ; l != nil; l = l.next {
				f(&l.Binding)
			}
		}
	}
	switch l := s.below(); {
	case l == nil:
	case s == l.content.Load():
		l.base.Load().each(f)
	default:
		l.content.Load().each(f)
	}
}

func (b *Binding) describe() Description {
	if b.key == nil {
		return Description{}
	}
	d := Description{
		Of:       b.key,
		Many:     b.key.hidden,
		Key:      short(b.key.name),
		Value:    b.glance(),
		Redacted: b.key.redacted,
		Place:    b.site.place(),
	}
	if b.site != nil && b.site.scope != nil {
		d.Scope = b.site.scope.path
	}
	return d
}

// glance is show for a goroutine that does not own the value, while other
// goroutines may be changing it. So it does not look into pointers, maps, slices
// and structs: it prints their type, unless they have a method that prints them
// and are no buffer.
func (b *Binding) glance() string {
	if b.key.redacted {
		return b.show()
	}
	v := b.reveal()
	switch v.(type) {
	case nil:
		return b.show()
	case io.Writer:
	case fmt.Formatter, fmt.Stringer, error:
		return b.show()
	default:
		switch k := reflect.TypeOf(v).Kind(); {
		case k >= reflect.Bool && k <= reflect.Complex128, k == reflect.String:
			return b.show()
		}
	}
	return short(fmt.Sprintf("%T", v))
}

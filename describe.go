package scope

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/scopetree/scope/internal/privileged"
)

// describe describes what is bound in s, by the names of the keys. It leaves out
// keys that are hidden, and secrets that are collected from others, which say
// nothing that those don't.
func (s *scope) describe() []privileged.Binding {
	if s == nil {
		return nil
	}
	var all []entry
	seen := map[*keyInfo]bool{}
	s.each(func(e *entry) {
		if !seen[e.key] {
			seen[e.key] = true
			all = append(all, *e)
		}
	})
	collected := map[*keyInfo]bool{}
	for i := range all {
		if c := all[i].key.collect; c != nil {
			collected[c.into] = true
		}
	}
	var list []privileged.Binding
	for i := range all {
		if k := all[i].key; !k.hidden && !(k.redacted && collected[k]) {
			list = append(list, all[i].describe())
		}
	}
	slices.SortStableFunc(list, func(a, b privileged.Binding) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// each calls f for each entry that find may return, and for those that they shadow,
// after them.
func (s *scope) each(f func(*entry)) {
	if s == nil {
		return
	}
	for i := range s.recent {
		f(&s.recent[i])
	}
	if s.table != nil {
		for _, l := range s.table.chains {
			for ; l != nil; l = l.next {
				f(&l.entry)
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

func (e *entry) describe() privileged.Binding {
	if e.key == nil {
		return privileged.Binding{}
	}
	b := privileged.Binding{
		Of:       e.key,
		Many:     e.key.hidden,
		Key:      short(e.key.name),
		Value:    e.glance(),
		Redacted: e.key.redacted,
		Place:    e.site.place(),
	}
	if e.site != nil && e.site.scope != nil {
		b.Scope = e.site.scope.path
	}
	return b
}

// glance is show for a goroutine that has nothing to do with the value, while
// others use it. What they may be changing is not looked into: there is the type
// of a pointer, a map, a slice or a struct, unless it says itself how it prints,
// and is no buffer.
func (e *entry) glance() string {
	if e.key.redacted {
		return e.show()
	}
	v := e.reveal()
	switch v.(type) {
	case nil:
		return e.show()
	case io.Writer:
	case fmt.Formatter, fmt.Stringer, error:
		return e.show()
	default:
		switch k := reflect.TypeOf(v).Kind(); {
		case k >= reflect.Bool && k <= reflect.Complex128, k == reflect.String:
			return e.show()
		}
	}
	return short(fmt.Sprintf("%T", v))
}

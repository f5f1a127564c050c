package engine

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
)

// A Binding is a key and a value for it. The zero Binding binds nothing.
type Binding struct {
	key   *Key
	value any // what [Key.redact] made, or a *layered
	site  *site
}

// A BindingRef holds a Binding for a type that embeds it, which then is a [Bound].
type BindingRef struct{ b Binding }

// RefTo returns a reference to b.
func RefTo(b Binding) BindingRef { return BindingRef{b} }

func (r *BindingRef) binding() *Binding { return &r.b }

// Bound is a *scope.Binding.
type Bound interface{ binding() *Binding }

// In returns the binding that b holds.
func In(b Bound) *Binding { return b.binding() }

// BindingsOf returns the bindings of a []scope.Binding.
func BindingsOf[B any, P interface {
	*B
	Bound
}](list []B) []Binding {
	made := make([]Binding, len(list))
	for i := range list {
		made[i] = *P(&list[i]).binding()
	}
	return made
}

// Place gives a binding the place in the source that it comes from, for people.
// pc is a program counter as of [runtime.Callers]. A binding that has a place
// keeps it.
func Place(b Bound, pc uintptr) { b.binding().place(pc) }

func (b *Binding) place(pc uintptr) {
	if b.site == nil {
		b.site = &site{pc: pc}
	}
}

// placed returns the bindings with the line that calls this module for those that
// have no place yet. It takes a walk up the stack, so it is for tests alone.
func placed(b []Binding) []Binding {
	unplaced := func(b Binding) bool { return b.key != nil && b.site == nil }
	if !slices.ContainsFunc(b, unplaced) {
		return b
	}
	pc := callSite()
	b = slices.Clone(b)
	for i := range b {
		if unplaced(b[i]) {
			b[i].place(pc)
		}
	}
	return b
}

// callSite returns the program counter of the innermost call from outside of
// package scope and of package env, which offers functions like scope's.
func callSite() uintptr {
	var pcs [16]uintptr
	n := runtime.Callers(2, pcs[:])
	for i := range n {
		f, _ := runtime.CallersFrames(pcs[i : i+1]).Next()
		if !slices.ContainsFunc(ownPackages, func(p string) bool { return strings.HasPrefix(f.Function, p) }) {
			return pcs[i]
		}
	}
	return 0
}

// ownPackages are how the functions' names begin that callSite passes by.
var ownPackages = []string{
	"github.com/scopetree/scope/internal/engine.",
	"github.com/scopetree/scope.",
	"github.com/scopetree/scope/env.",
}

// String returns name=value, and ‹redacted› for the value of a redacted key.
func (b *Binding) String() string {
	if b.key == nil {
		return "(no binding)"
	}
	return b.key.name + "=" + b.show()
}

// show prints a binding's value for people, on one line and not too long.
func (b *Binding) show() string {
	if b.key.redacted {
		return "‹redacted›"
	}
	v := b.reveal()
	if s, ok := v.(string); ok {
		return short(fmt.Sprintf("%q", s))
	}
	return short(fmt.Sprintf("%v", v))
}

// short returns s on one line and not too long.
func short(s string) string {
	s = oneLine.Replace(s)
	const most = 200
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\x1b", `\x1b`)

// A site says where a binding was made: in which scope, on which line. Either
// may be unknown.
type site struct {
	scope *lifetime
	pc    uintptr
}

// within returns where a binding comes from that is made in life's scope.
func (s *site) within(life *lifetime) *site {
	switch {
	case s != nil:
		return &site{life, s.pc}
	case life != nil:
		return &life.site
	}
	return nil
}

// String returns the parts that are known: `in scope "TestCheckout" at f.go:12`.
func (s *site) String() string {
	if s == nil {
		return "in an unnamed scope"
	}
	where := "in an unnamed scope"
	if s.scope != nil {
		where = fmt.Sprintf("in scope %q", s.scope.path)
	}
	if place := s.place(); place != "" {
		where += " at " + place
	}
	return where
}

// place returns file:line, "" where it is not known.
func (s *site) place() string {
	if s == nil || s.pc == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{s.pc}).Next()
	return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
}

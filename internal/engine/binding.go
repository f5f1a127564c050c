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
	value any // as [Key.redact] returns it, or a *layered
	site  *site
}

// A BindingRef holds a Binding. A type that embeds a BindingRef is a [Bound].
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

// Place sets the place in the source where a binding comes from, unless it has one. pc is
// a program counter as of [runtime.Callers].
func Place(b Bound, pc uintptr) { b.binding().place(pc) }

func (b *Binding) place(pc uintptr) {
	if b.site == nil {
		b.site = &site{pc: pc}
	}
}

// placed returns the bindings. Those without a place get the line that calls this module.
// Finding it takes a walk up the stack, so placed is for tests only.
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
// ownPackages.
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

// ownPackages has the prefixes of the names of functions that callSite skips: those of
// package scope, and of package env, which has functions like scope's.
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

// show returns a binding's value for people, on one line and not too long.
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

// A site is the scope and the line in which a binding was made. Either may be unknown.
type site struct {
	scope *lifetime
	pc    uintptr
}

// within returns the site of a binding with the line of s in the scope of life.
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

// place returns file:line, or "" if it is unknown.
func (s *site) place() string {
	if s == nil || s.pc == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{s.pc}).Next()
	return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
}

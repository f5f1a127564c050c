//go:build gc && !scope_portable

package carrier

import (
	"context"
	"runtime/pprof"
	"slices"
	"strings"
	"unsafe"
)

// labels is the carrier that keeps the tag in a profiler label.
type labels struct{}

// pprofKey is the key under which a context holds its profiler labels. It is set when
// this carrier is chosen, before any tag is bound, and does not change afterwards.
var pprofKey any

func (labels) Name() string { return "labels" }

func (labels) Current() *Tag {
	return (*labelSet)(getLabels()).current()
}

func (labels) Run(t *Tag, ctx context.Context, f func(context.Context)) {
	earlier := getLabels()
	defer setLabels(earlier)
	setLabels(bind(earlier, t))
	if t == nil {
		defer unclaim()()
	}
	f(ctx)
}

func (labels) Go(t *Tag, ctx context.Context, f func(context.Context)) {
	// The child inherits this goroutine's labels, which often have t already.
	if now := getLabels(); t != nil && with(now, t) == now {
		go f(ctx)
		return
	}
	go func() {
		setLabels(bind(getLabels(), t))
		if t == nil {
			defer unclaim()()
		}
		f(ctx)
	}()
}

func (l labels) Attach(t *Tag) (detach func(), ok bool) {
	earlier := getLabels()
	bound := bind(earlier, t)
	setLabels(bound)
	reclaim := func() {}
	if t == nil {
		reclaim = unclaim()
	}
	return func() {
		reclaim()
		if getLabels() == bound {
			setLabels(earlier)
			return
		}
		// Other code has changed the labels. Keep its labels, and restore the tag.
		setLabels(with(getLabels(), (*labelSet)(earlier).tag()))
	}, true
}

// Labels lets runtime/pprof build the set itself, from the tag's own strings. If the
// parent's labels have another goroutine's tag, Labels leaves that out, even if this
// goroutine has no tag.
func (l labels) Labels(parent context.Context, key any) (any, bool) {
	if key != pprofKey {
		return nil, false
	}
	if t := l.Current(); t != nil {
		set := pprof.Labels(t.only[0].key, t.only[0].value)
		return pprof.WithLabels(parent, set).Value(key), true
	}
	var users []string
	foreign := false
	pprof.ForLabels(parent, func(key, value string) bool {
		if tagOf(&label{key, value}) != nil {
			foreign = true
		} else {
			users = append(users, key, value)
		}
		return true
	})
	if !foreign {
		return nil, false
	}
	return pprof.WithLabels(context.Background(), pprof.Labels(users...)).Value(key), true
}

// label and labelSet have the memory layout of runtime/pprof's own types. [prove] checks
// this before any code follows a pointer.
type (
	label    struct{ key, value string }
	labelSet struct{ list []label } // sorted by key, each key once
)

// tag returns the set's tag, or nil if it has none. A nil set has none.
func (s *labelSet) tag() *Tag {
	if s == nil {
		return nil
	}
	for i := range s.list {
		if t := tagOf(&s.list[i]); t != nil {
			return t
		}
	}
	return nil
}

// current returns the set's tag, or else the tag of the test that claims the goroutine.
func (s *labelSet) current() *Tag {
	t := s.tag()
	if t == nil && claims.count.Load() != 0 {
		return s.claimed()
	}
	return t
}

// claimed returns the tag of the test that claims the running goroutine, whose label set s
// is. First it looks for a test with the name that package testing has put into s, then
// for a claim on the goroutine's ancestors, and then for a test around the named one. The
// last step goes by names, and a subtest "a/b" has a name as if it were inside of its
// sibling "a".
func (s *labelSet) claimed() *Tag {
	test := ""
	switch s {
	case nil:
	case &detached:
		return nil
	default:
		for i := range s.list {
			if slices.Contains(testLabels[:], s.list[i].key) {
				test = s.list[i].value
			}
		}
	}
	if test == "" { // and not claimOf(""): testing.Benchmark runs benchmarks with that name
		return descended()
	}
	if t, _ := claimOf(test); t != nil {
		return t
	}
	if t := descended(); t != nil {
		return t
	}
	return ofTestAround(test)
}

// detached is the label set of a goroutine that has no tag, and that no test may claim.
// To a profiler it is an empty set.
var detached labelSet

// bind returns a label set like earlier for a goroutine that is bound to t. If t is nil, no
// test may claim the goroutine either.
func bind(earlier unsafe.Pointer, t *Tag) unsafe.Pointer {
	if t != nil {
		return with(earlier, t)
	}
	var list []label
	if s := (*labelSet)(earlier); s != nil {
		list = slices.DeleteFunc(slices.Clone(s.list), func(l label) bool {
			return tagOf(&l) != nil || slices.Contains(testLabels[:], l.key)
		})
	}
	if len(list) == 0 {
		return unsafe.Pointer(&detached)
	}
	return unsafe.Pointer(&labelSet{list})
}

// with returns a label set like earlier whose tag is t, or that has no tag if t is nil.
// The user's labels stay, except that a tag replaces the user's own label named "scope".
func with(earlier unsafe.Pointer, t *Tag) unsafe.Pointer {
	old := (*labelSet)(earlier)
	if old.tag() == t {
		return earlier
	}
	var list []label
	if old != nil {
		list = slices.DeleteFunc(slices.Clone(old.list), func(l label) bool {
			return tagOf(&l) != nil || t != nil && l.key == LabelKey
		})
	}
	switch {
	case t == nil && len(list) == 0:
		return nil
	case t == nil:
		return unsafe.Pointer(&labelSet{list})
	case len(list) == 0:
		return unsafe.Pointer(&t.alone)
	}
	at, _ := slices.BinarySearchFunc(list, LabelKey, func(l label, key string) int {
		return strings.Compare(l.key, key)
	})
	return unsafe.Pointer(&labelSet{slices.Insert(list, at, t.only[0])})
}

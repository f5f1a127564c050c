//go:build gc && !scope_portable

package carrier

import (
	"context"
	"runtime/pprof"
	"slices"
	"strings"
	"unsafe"
)

// labels carries the tag as a profiler label.
type labels struct{}

// pprofKey is the key under which a context holds its profiler labels. It is
// set when labels are chosen, before any tag is bound, and not changed after.
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
	// The child has this goroutine's labels. Often they say it already.
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
		// Somebody changed the labels since. Keep theirs, give back ours.
		setLabels(with(getLabels(), (*labelSet)(earlier).tag()))
	}, true
}

// Labels lets runtime/pprof build the set itself, from the tag's own strings.
// A tag of another goroutine's among the parent's labels gives way, also where
// this goroutine has none.
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

// label and labelSet have the memory layout of runtime/pprof's own types,
// which [prove] checks before any pointer is followed.
type (
	label    struct{ key, value string }
	labelSet struct{ list []label } // sorted by key, each key once
)

// tag returns the set's tag, nil if it has none. A nil set has none.
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

// current returns the set's tag, or else that of the test which claims it.
func (s *labelSet) current() *Tag {
	t := s.tag()
	if t == nil && claims.count.Load() != 0 {
		return s.claimed()
	}
	return t
}

// claimed returns the tag of the test that package testing made the set for, or
// that claims the goroutine for its lineage. The name of a test around it comes last:
// a subtest "a/b" has a name as if it were inside its sibling "a".
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
	if test == "" { // a benchmark of testing.Benchmark claims that name
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

// detached is the label set of a goroutine that is bound to nothing, and that no
// test claims. For a profiler it has no labels.
var detached labelSet

// bind returns the label set of a goroutine that is bound to t. Without a tag no
// test claims it either.
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

// with returns the label set that is earlier's with t for its tag, without one
// when t is nil. The user's labels stay, but for one of their own named
// "scope", which gives way while a tag is bound.
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

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/scopetree/scope/internal/carrier"
)

// ErrEnded is scope.ErrEnded.
var ErrEnded = errors.New("has ended")

// New returns ctx with a named scope of its own that lasts until end is called.
func New(ctx context.Context, name string) (_ context.Context, end func()) {
	base := current(ctx)
	l := newLifetime(name, base, false)
	return newNode(ctx, base, l, nil), l.end
}

// Err returns an error that wraps [ErrEnded] if the scope that decides for ctx
// has ended.
func Err(ctx context.Context) error {
	if s := current(ctx); s != nil && s.ended() {
		return s.life.err()
	}
	return nil
}

// err says that the lifetime is over.
func (l *lifetime) err() error { return fmt.Errorf("scope %q %w", l.path, ErrEnded) }

// Name returns the name of the scope that decides for ctx, after those of the scopes
// around it. It returns "" if none of them has a name.
func Name(ctx context.Context) string {
	if l := current(ctx).lifetime(); l != nil {
		return l.path
	}
	return ""
}

// A lifetime belongs to a named scope and to the scopes that are derived from it. A nil
// lifetime never ends.
//
// Goroutines hold scopes through tags. A goroutine that nobody stops, such as an
// idle connection's, keeps its tag. So the lifetime has weak lists of the tags of
// its scopes and of the lifetimes below. When it ends, it empties the tags and
// ends the lifetimes.
type lifetime struct {
	path   string
	parent *lifetime
	ended  atomic.Bool
	base   atomic.Pointer[scope] // the scope around this one; nil after the parent's end
	empty  scope                 // has this lifetime, and binds nothing; replaces its scopes at the end
	site   site                  // the site of bindings whose place in the source is unknown
	notes  atomic.Pointer[notes] // for people; nil unless something tracks or watches

	live    *lifetime             // the nearest live lifetime, which may be this one; nil outside of tests
	bubble  string                // of a live lifetime: the bubble of testing/synctest in which it was made
	content atomic.Pointer[scope] // the bindings of a live lifetime; nil after the end
	version atomic.Uint64         // number of changes of content

	mu       sync.Mutex // guards the fields below
	tags     weakList[carrier.Tag]
	children weakList[lifetime]
	owned    []owned            // resources, in the order in which they were opened
	owners   map[*lifetime]bool // the children that own resources, or have owners
}

func newLifetime(name string, base *scope, live bool) *lifetime {
	if name == "" {
		name = "unnamed"
	}
	l := &lifetime{path: name, parent: base.lifetime()}
	l.base.Store(base)
	l.empty.life = l
	l.site.scope = l
	if l.live = base.below(); live {
		l.live = l
		l.content.Store(&l.empty)
	}
	if p := l.parent; p != nil {
		l.path = p.path + "/" + name
		p.adopt(l)
	}
	if tracked.on.Load() {
		l.track()
	}
	return l
}

// label returns the lifetime's name in profiles.
func (l *lifetime) label() string {
	if l == nil {
		return "unnamed"
	}
	return l.path
}

// ancestor returns the scope that replaces the scopes of an ended lifetime: the nearest
// one around it that has not ended, or nil.
func (l *lifetime) ancestor() *scope {
	for l != nil && l.ended.Load() {
		base := l.base.Load()
		if l = l.parent; l == nil || !l.ended.Load() {
			return base
		}
	}
	return nil
}

// hold makes the lifetime empty a tag at its end, or at once if it has ended.
func (l *lifetime) hold(t *carrier.Tag) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.Load() {
		carrier.SetPayload(t, &l.empty)
		return
	}
	l.tags.add(t)
	carrier.Payload[scope](t).track()
}

// adopt makes the lifetime end child at its own end.
func (l *lifetime) adopt(child *lifetime) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.Load() {
		child.ended.Store(true)
		child.base.Store(nil)
		return
	}
	l.children.add(child)
}

// end ends the lifetime and those below it. It closes their resources, the latest first,
// and empties their tags.
func (l *lifetime) end() {
	l.mu.Lock()
	first := l.ended.CompareAndSwap(false, true)
	tags, children, owned := l.tags, l.children, l.owned
	l.tags, l.children, l.owned = weakList[carrier.Tag]{}, weakList[lifetime]{}, nil
	l.mu.Unlock()
	if !first {
		return
	}
	l.content.Store(nil)
	if p := l.parent; p != nil {
		p.mu.Lock()
		delete(p.owners, l)
		p.mu.Unlock()
	}
	for t := range tags.all {
		carrier.SetPayload(t, &l.empty)
	}
	// Defer the calls, so that all are made even if one panics or calls Goexit.
	for i := range owned {
		defer owned[i].close()
	}
	for child := range children.all {
		child.base.Store(nil)
		defer child.end()
	}
}

// own adds a resource. l.mu is held.
//
// So far, the lifetimes around l have only weak pointers to it. From now on they keep it
// alive, so that their end closes the resource even if nothing else refers to l.
func (l *lifetime) own(o owned) {
	l.owned = append(l.owned, o)
	l.keep()
}

// opened makes a resource that is open now the last one. So what its open function has
// opened comes before it, and is closed after it.
func (l *lifetime) opened(opening any) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.IndexFunc(l.owned, func(o owned) bool { return o.opening == opening }); i >= 0 {
		o := l.owned[i]
		l.owned = append(slices.Delete(l.owned, i, i+1), o)
	}
}

func (l *lifetime) keep() {
	p := l.parent
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.owners[l] || p.ended.Load() {
		return
	}
	if p.owners == nil {
		p.owners = map[*lifetime]bool{}
	}
	p.owners[l] = true
	p.keep()
}

// A weakList is a list that keeps none of its elements alive. Its length is at most about
// twice the number of elements that are alive. The zero weakList is empty.
type weakList[T any] struct {
	list []weak.Pointer[T]
	full int // the length at which add removes dead elements
}

func (w *weakList[T]) add(v *T) {
	if len(w.list) >= w.full {
		alive := w.list[:0]
		for _, p := range w.list {
			if p.Value() != nil {
				alive = append(alive, p)
			}
		}
		clear(w.list[len(alive):])
		w.list = alive
		w.full = max(16, 2*len(alive))
	}
	w.list = append(w.list, weak.Make(v))
}

// last returns the last element that is alive, or nil if none is.
func (w *weakList[T]) last() *T {
	for _, p := range slices.Backward(w.list) {
		if v := p.Value(); v != nil {
			return v
		}
	}
	return nil
}

// all yields the elements that are alive.
func (w *weakList[T]) all(yield func(*T) bool) {
	for _, p := range w.list {
		if v := p.Value(); v != nil && !yield(v) {
			return
		}
	}
}

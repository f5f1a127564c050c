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

// Name returns the name of the scope that decides for ctx, after those of the
// scopes around it, "" where none has a name.
func Name(ctx context.Context) string {
	if l := current(ctx).lifetime(); l != nil {
		return l.path
	}
	return ""
}

// A lifetime is shared by a named scope and the scopes derived from it. A nil
// lifetime lasts as long as the process.
//
// Goroutines hold scopes through tags. A goroutine that nobody stops, such as an
// idle connection's, keeps its tag. So the lifetime has weak lists of the tags of
// its scopes and of the lifetimes below. When it ends, it empties the tags and
// ends the lifetimes.
type lifetime struct {
	path   string
	parent *lifetime
	ended  atomic.Bool
	base   atomic.Pointer[scope] // the scope around this one; emptied with the parent
	empty  scope                 // binds nothing, and has this lifetime: it is left after the end
	site   site                  // where Set and With bind, when nothing better is known
	notes  atomic.Pointer[notes] // what is kept for people; nil while nobody asked

	live    *lifetime             // the nearest that is live, itself included; nil outside of tests
	content atomic.Pointer[scope] // what a live one binds; nil after the end
	version atomic.Uint64         // how often that was changed

	mu       sync.Mutex // guards what follows
	tags     weakList[carrier.Tag]
	children weakList[lifetime]
	owned    []owned            // resources, in the order they were opened
	owners   map[*lifetime]bool // those of children that own some, or whose children do
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

// label is the lifetime's name in profiles.
func (l *lifetime) label() string {
	if l == nil {
		return "unnamed"
	}
	return l.path
}

// ancestor returns the scope that is read in place of an ended lifetime's scopes.
func (l *lifetime) ancestor() *scope {
	for l != nil && l.ended.Load() {
		base := l.base.Load()
		if l = l.parent; l == nil || !l.ended.Load() {
			return base
		}
	}
	return nil
}

// hold makes the end of the lifetime empty a tag: at once if l has ended.
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

// adopt makes the end of the lifetime end child too.
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

// end ends the lifetime and those below it, closes what they own, the latest
// first, and lets go of what they hold.
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
	// Deferred, because a close that panics, or fails a test with Goexit, must
	// not keep the others from being called.
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
// The lifetimes above have only weak pointers to this one. From now on they keep
// it, so that their end closes the resource even if nothing else keeps it.
func (l *lifetime) own(o owned) {
	l.owned = append(l.owned, o)
	l.keep()
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

// A weakList lists things without keeping them alive. It stays as long, within
// a factor of two, as what is alive in it. The zero weakList is empty.
type weakList[T any] struct {
	list []weak.Pointer[T]
	full int // the length at which the dead are taken out
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

// last returns the latest that is still alive, nil if none is.
func (w *weakList[T]) last() *T {
	for _, p := range slices.Backward(w.list) {
		if v := p.Value(); v != nil {
			return v
		}
	}
	return nil
}

// all yields what is still alive.
func (w *weakList[T]) all(yield func(*T) bool) {
	for _, p := range w.list {
		if v := p.Value(); v != nil && !yield(v) {
			return
		}
	}
}

package scope

import (
	"context"

	"github.com/scopetree/scope/internal/inside"
)

func init() {
	inside.Identity = identity
	inside.Carry = carry
	inside.Look = look
	inside.KeyOf = func(key any) any { return untyped(key) }
	inside.Show = func(b any) inside.Binding { e := b.(Binding).entry; return e.describe() }
	inside.Hide = func(key any) any { untyped(key).hidden = true; return key }
	inside.Track, inside.Live = track, live
	inside.Watch, inside.Routed, inside.Requests = watch, routed, requests
}

// identity returns the current scope's tag: every goroutine and every context
// that has this scope has this tag.
func identity(ctx context.Context) any {
	if n := nodeOf(Capture(ctx)); n != nil {
		if t := n.bound(); t != nil {
			return t
		}
	}
	return nil
}

// look is Get and Err in one search.
func look(ctx context.Context, key any) (any, error) {
	k := key.(*keyInfo)
	s := current(ctx)
	if s != nil && s.ended() {
		return nil, s.life.err()
	}
	if e := s.find(k); e != nil {
		return e.open(), nil
	}
	return k.fallback(), nil
}

// untyped returns what a *Key of any type has.
func untyped(key any) *keyInfo { return key.(interface{ untyped() *keyInfo }).untyped() }

func (k *Key[T]) untyped() *keyInfo { return &k.info }

// carry returns ctx with the scope that decides for from.
func carry(ctx, from context.Context) context.Context {
	n := nodeOf(Capture(from))
	if n == nil {
		return Detach(ctx)
	}
	t := n.bound()
	if t == nil {
		return Detach(ctx)
	}
	if outer, ok := ctx.(*node); ok {
		ctx = outer.Context
	}
	// The tag's copy of the scope: that of n lies beside the contexts around it.
	made := &node{Context: ctx, scope: *tagged(t)}
	made.tag.Store(t)
	return made
}

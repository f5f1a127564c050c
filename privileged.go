package scope

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/privileged"
)

func init() {
	privileged.Identity = identity
	privileged.NewLive = func(ctx context.Context, name, test string) (context.Context, func(any), func()) {
		ctx, bind, end := newLive(ctx, name, test)
		return ctx, func(b any) { bind(b.([]Binding)) }, end
	}
	privileged.Named = named
	privileged.Carry = carry
	privileged.Look = look
	privileged.KeyOf = func(key any) any { return untyped(key) }
	privileged.Show = func(b any) privileged.Binding { e := b.(Binding).entry; return e.describe() }
	privileged.Hide = func(key any) any { untyped(key).hidden = true; return key }
	privileged.Track, privileged.Live = track, live
	privileged.Watch, privileged.Routed, privileged.Requests = watch, routed, requests
	privileged.Failed, privileged.Failures, privileged.Below = failed, failures, below
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
		return e.reveal(), nil
	}
	return k.fallback(), nil
}

// named returns ctx with the scope of a live test.
func named(ctx context.Context, test string) (context.Context, bool) {
	t := carrier.OfTest(test)
	if t == nil {
		return ctx, false
	}
	return carrying(ctx, t), true
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
	return carrying(ctx, t)
}

// carrying returns ctx with the scope that a tag leads to. It is the tag's copy:
// that of a node lies beside the contexts around it.
func carrying(ctx context.Context, t *carrier.Tag) context.Context {
	if outer, ok := ctx.(*node); ok {
		ctx = outer.Context
	}
	made := &node{Context: ctx, scope: *tagged(t)}
	made.tag.Store(t)
	return made
}

package bench

import (
	"context"
	"fmt"

	"github.com/scopetree/scope"
)

// text is a variable, so that the compiler does not box the value ahead of
// time.
var text = "a value"

var (
	keptContext context.Context // loops store their results here
	textKey     = scope.NewKey("text", "")
	textKeys    = func() []*scope.Key[string] {
		keys := make([]*scope.Key[string], 256)
		for i := range keys {
			keys[i] = scope.NewKey(fmt.Sprint("text ", i), "")
		}
		return keys
	}()
	plainKeys = contextKeys(256)
)

// Set binds one value in a context that has some values already.
func Set(values int) Row {
	ctx, scoped := plainContext(contextKeys(values)), scopeContext(scopeKeys(values))
	return Row{fmt.Sprintf("Set/values=%d", values), []Peer{
		{Scope, func(n int) {
			for range n {
				keptContext = scope.Set(scoped, textKey, text)
			}
		}},
		{WithValue, func(n int) {
			for range n {
				keptContext = context.WithValue(ctx, plainKeys[0], text)
			}
		}},
	}}
}

// SetAll sets some values one after another. One operation is the whole chain.
func SetAll(values int) Row {
	return Row{fmt.Sprintf("SetAll/values=%d", values), []Peer{
		{Scope, func(n int) {
			for range n {
				ctx := context.Background()
				for _, k := range textKeys[:values] {
					ctx = scope.Set(ctx, k, text)
				}
				keptContext = ctx
			}
		}},
		{WithValue, func(n int) {
			for range n {
				keptContext = withValues(values)
			}
		}},
	}}
}

func withValues(n int) context.Context {
	ctx := context.Background()
	for _, k := range plainKeys[:n] {
		ctx = context.WithValue(ctx, k, text)
	}
	return ctx
}

// ByHand is the least that a context with eight strings costs: it boxes the
// strings, and makes one allocation for the rest. It can't look anything up.
const ByHand = "eight_in_one_by_hand"

type eight struct {
	context.Context
	pairs [8]struct {
		key   contextKey
		value any
	}
}

func byHand() context.Context {
	e := &eight{Context: context.Background()}
	for i := range e.pairs {
		e.pairs[i].key, e.pairs[i].value = plainKeys[i], text
	}
	return e
}

// With binds some values at once. Its peer calls WithValue for each value.
func With(values int) Row {
	bind := func() {
		var b [256]scope.Binding
		for i, k := range textKeys[:values] {
			b[i] = k.Bind(text)
		}
		keptContext = scope.With(context.Background(), b[:values]...)
	}
	if values == 8 {
		bind = func() {
			k := textKeys[:8]
			keptContext = scope.With(context.Background(), k[0].Bind(text), k[1].Bind(text), k[2].Bind(text), k[3].Bind(text),
				k[4].Bind(text), k[5].Bind(text), k[6].Bind(text), k[7].Bind(text))
		}
	}
	row := Row{fmt.Sprintf("With/values=%d", values), []Peer{
		{Scope, func(n int) {
			for range n {
				bind()
			}
		}},
		{WithValue, func(n int) {
			for range n {
				keptContext = withValues(values)
			}
		}},
	}}
	if values == 8 {
		row.Peers = append(row.Peers, Peer{ByHand, func(n int) {
			for range n {
				keptContext = byHand()
			}
		}})
	}
	return row
}

// New makes a scope with a lifetime, binds a value in it and ends it.
func New() Row {
	return Row{"New", []Peer{
		{Scope, func(n int) {
			for range n {
				ctx, end := scope.New(context.Background(), "job")
				keptContext = scope.Set(ctx, textKey, text)
				end()
			}
		}},
		{"context.WithCancel", func(n int) {
			for range n {
				ctx, cancel := context.WithCancel(context.Background())
				keptContext = context.WithValue(ctx, plainKeys[0], text)
				cancel()
			}
		}},
	}}
}

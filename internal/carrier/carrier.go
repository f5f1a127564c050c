// Package carrier binds a [Tag] to the running goroutine and finds it again.
//
// A tag has a name, for profiles, and a payload, which belongs to the caller. The
// package knows nothing of keys or values. It has two carriers, which behave alike
// except in what a goroutine inherits:
//
//   - labels keeps the tag in the goroutine's profiler labels. The runtime copies
//     these to every goroutine that the goroutine starts.
//   - gls uses github.com/jtolds/gls, which is plain Go. A goroutine inherits only if
//     [Carrier.Go] starts it.
//
// The labels carrier is in use if it can prove at run time that it reads what
// runtime/pprof writes. Otherwise gls is in use, and always with the build tag
// scope_portable. The proof runs when the first tag is bound. Before that, the package
// costs a load.
//
// All unsafe code and all linknames of this module are here, and its only use of gls.
package carrier

import (
	"context"
	"sync"
	"sync/atomic"
)

// A Carrier binds tags to goroutines. A nil *Tag stands for no tag.
type Carrier interface {
	// Name returns "labels" or "gls", or "none" on js/wasm, where gls can't start.
	Name() string

	// Current returns the running goroutine's tag.
	Current() *Tag

	// Run binds this goroutine to t and calls f(ctx). When f returns, panics or
	// exits the goroutine, the earlier binding comes back.
	Run(t *Tag, ctx context.Context, f func(context.Context))

	// Go calls f(ctx) on a new goroutine that is bound to t.
	Go(t *Tag, ctx context.Context, f func(context.Context))

	// Attach binds the rest of this goroutine to t. detach brings the earlier
	// binding back. If the carrier can't do this, ok is false.
	Attach(t *Tag) (detach func(), ok bool)

	// Labels returns the value of key for a context above parent, if key is the key
	// under which runtime/pprof keeps a context's labels. The value has parent's
	// labels and the running goroutine's tag. Therefore pprof.Do keeps the binding.
	Labels(parent context.Context, key any) (set any, ok bool)
}

// InUse returns the process's carrier, which it chooses at the first call.
func InUse() Carrier {
	once.Do(func() {
		chosen = choose()
		inUse.Store(true)
	})
	return chosen
}

var (
	once   sync.Once
	chosen Carrier     // guarded by once
	inUse  atomic.Bool // chosen is set, so a tag may be bound
)

// Current returns the running goroutine's tag, or nil if it has none. Before the first
// call of [InUse] no tag can be bound, and Current costs one load.
func Current() *Tag {
	if !inUse.Load() {
		return nil
	}
	return current()
}

// Labels calls [Carrier.Labels] of the carrier in use.
func Labels(parent context.Context, key any) (set any, ok bool) {
	if !inUse.Load() {
		return nil, false
	}
	return chosen.Labels(parent, key)
}

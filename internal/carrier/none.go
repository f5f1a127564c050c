//go:build js

package carrier

import "context"

// none is a carrier that binds nothing. It replaces gls under GOOS=js, because gls takes
// the build tag js for GopherJS, and panics in its init function on WebAssembly.
type none struct{}

func newPortable() Carrier { return none{} }

func (none) Name() string { return "none" }

func (none) Current() *Tag { return nil }

func (none) Run(_ *Tag, ctx context.Context, f func(context.Context)) { f(ctx) }

func (none) Go(_ *Tag, ctx context.Context, f func(context.Context)) { go f(ctx) }

func (none) Attach(*Tag) (func(), bool) { return nil, false }

func (none) Labels(context.Context, any) (any, bool) { return nil, false }

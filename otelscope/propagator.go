package otelscope

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel"
	otelpropagation "go.opentelemetry.io/otel/propagation"

	"github.com/scopetree/scope/propagation"
)

// New returns an OpenTelemetry propagator that extracts p's tokens, and with [To]
// injects them. It may be used by many goroutines. A nil p sends no token and
// accepts none: each that comes is an error.
func New(p *propagation.Propagator, opts ...Option) otelpropagation.TextMapPropagator {
	var first sync.Once
	made := &propagator{
		in:            p,
		injectFailed:  func(_ context.Context, err error) { otel.Handle(err) },
		extractFailed: func(_ context.Context, err error) { first.Do(func() { otel.Handle(err) }) },
	}
	for _, o := range opts {
		if o.apply != nil {
			o.apply(made)
		}
	}
	return made
}

// An Option changes what [New] returns. The zero Option changes nothing.
type Option struct{ apply func(*propagator) }

// To makes a propagator that injects a token for an audience into each carrier
// that it is given. "" is the audience of the propagation.Propagator. It is for
// a client that speaks to one destination, and never for
// otel.SetTextMapPropagator, which is for all.
//
// Into an http.Header it puts no token, but reports an error: an http.Client may
// be redirected to anywhere, and takes its header along. Use
// propagation.Transport, and for a message that has such a header, the Inject of
// propagation.Propagator.
func To(audience string) Option {
	return Option{func(p *propagator) { p.out = p.in.For(audience) }}
}

// OnError has f called with each error of Extract and Inject, and the context
// that they were given. It is the place to count refused tokens: errors.Is tells
// them apart by the errors of package propagation. It is called by many
// goroutines.
//
// Without it, errors go to otel.Handle: all of Inject's, and of Extract's the
// first alone, since anybody who can send a request could fill the log with them.
func OnError(f func(context.Context, error)) Option {
	if f == nil {
		panic("otelscope: OnError of a nil function")
	}
	return Option{func(p *propagator) { p.injectFailed, p.extractFailed = f, f }}
}

type propagator struct {
	in            *propagation.Propagator
	out           *propagation.Propagator // nil injects nothing
	injectFailed  func(context.Context, error)
	extractFailed func(context.Context, error)
}

var errHeader = errors.New("an http.Header may go anywhere: use propagation.Transport")

// Inject puts the token of the scope that decides for ctx into c.
func (p *propagator) Inject(ctx context.Context, c otelpropagation.TextMapCarrier) {
	if p.out == nil {
		return
	}
	var err error
	switch c.(type) {
	case otelpropagation.HeaderCarrier, propagation.HeaderCarrier:
		err = errHeader
	default:
		err = p.out.Inject(ctx, c)
	}
	if err != nil {
		p.injectFailed(ctx, fmt.Errorf("otelscope: Inject: %w", err))
	}
}

// Extract returns ctx with what c's token brings, or ctx.
func (p *propagator) Extract(ctx context.Context, c otelpropagation.TextMapCarrier) context.Context {
	out, err := p.in.Extract(ctx, c)
	if err != nil {
		p.extractFailed(ctx, fmt.Errorf("otelscope: Extract: %w", err))
	}
	return out
}

// Fields returns the name of the header, for carriers that are used again.
func (p *propagator) Fields() []string { return []string{propagation.Header} }

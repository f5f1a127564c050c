package httpxtest

import (
	"context"
	"net/http"
)

// A probe is called in place of a reply. It gets the request in which the mux has set the
// path's values, because there is no other way to learn them.
type probeKey struct{}

func withProbe(ctx context.Context, probe func(*http.Request)) context.Context {
	return context.WithValue(ctx, probeKey{}, probe)
}

func probeOf(ctx context.Context) func(*http.Request) {
	probe, _ := ctx.Value(probeKey{}).(func(*http.Request))
	return probe
}

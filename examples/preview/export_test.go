package main

import (
	"context"
	"io"
	"log"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/propagation"
)

// Run is the program without its signals and its exit.
var Run = run

// Insider returns the answer to a client that has staging's secret, and whose payments are not on staging's
// list.
func Insider(ctx context.Context) (status int, answer string, err error) {
	secret := newSecret()
	insider := client{name: "insider", secret: secret, preview: "pr-17", payments: "the insider", stranger: true}
	got, err := visit(ctx, secret, []client{insider}, log.New(io.Discard, "", 0))
	if err != nil {
		return 0, "", err
	}
	return got[0].status, got[0].answer, nil
}

// Scopes returns the propagator with which a process of staging accepts tokens.
func Scopes(t *testing.T, secret propagation.Secret, fakes ...string) *propagation.Propagator {
	t.Helper()
	p, err := newProcess(t.Context(), secret, fakes)
	require.NoError(t, err)
	t.Cleanup(p.close)
	return p.propagator
}

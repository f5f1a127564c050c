package grpcscope

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/scopetree/scope"
)

// Unrouted says what happens to a scope's calls that no route takes. It applies to
// connections with [DialOptions]. A test suite can set its default to [Refuse] in
// TestMain.
var Unrouted = scope.NewKey("grpcscope.unrouted", Allow)

// A Policy is a value of [Unrouted]. The zero Policy is Allow.
type Policy int

const (
	Allow  Policy = iota // the call goes through its own connection
	Refuse               // the call fails, and nothing is sent
)

// String returns a Policy's name, such as "Allow".
func (p Policy) String() string {
	switch p {
	case Allow:
		return "Allow"
	case Refuse:
		return "Refuse"
	}
	return fmt.Sprintf("Policy(%d)", int(p))
}

// ErrRefused means that no route takes a call, and that [Unrouted] is [Refuse]. Nothing
// was sent.
var ErrRefused = errors.New("refused")

// unrouted says why a call is refused.
func unrouted(ctx context.Context, p Policy, t table) error {
	if name := scope.Name(ctx); name != "" {
		return fmt.Errorf("%w: no route for it in scope %q, where grpcscope.Unrouted is %v; routes: %v", ErrRefused, name, p, t)
	}
	return fmt.Errorf("%w: no route for it, and grpcscope.Unrouted is %v; routes: %v", ErrRefused, p, t)
}

// A refusal is the error of a call that was not sent. Its code is FailedPrecondition,
// which gRPC does not retry.
type refusal struct {
	text  string
	cause error
}

func refuse(method, target string, cause error) error {
	return &refusal{fmt.Sprintf("grpcscope: %s to %s: %v", method, target, cause), cause}
}

func (r *refusal) Error() string              { return r.text }
func (r *refusal) Unwrap() error              { return r.cause }
func (r *refusal) GRPCStatus() *status.Status { return status.New(codes.FailedPrecondition, r.text) }

package grpctest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope/grpctest"
	"github.com/scopetree/scope/scopetest"
)

func TestParallelTestsHaveServersOfTheirOwn(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			want := fmt.Sprint("fake ", i)
			grpctest.Serve(t, target, says(want).register)
			inTest(t, func(ctx context.Context) {
				assert.Equal(t, want, pay())
				assert.Equal(t, want, follow(context.Background()))
				done := make(chan string)
				scope.Go(ctx, func(context.Context) { done <- pay() })
				assert.Equal(t, want, <-done)
			})
			assert.Equal(t, want, payIn(scopetest.Context(t)))
		})
	}
}

// sayCustomer says what a handler reads with its context and without.
func sayCustomer(ctx context.Context) string {
	return scope.Get(ctx, customer) + " " + customer.Get()
}

func TestAHandlerRunsInTheScopeOfTheCall(t *testing.T) {
	t.Parallel()
	scopetest.With(t, customer.Bind("the test's"))
	s := grpctest.Serve(t, target, fake{say: sayCustomer}.register)
	ctx := scopetest.Context(t)
	for range 2 {
		for _, name := range []string{"ada", "bob"} {
			ctx := scope.Set(ctx, customer, name)
			assert.Equal(t, name+" "+name, payIn(ctx))
			assert.Equal(t, name+" "+name, follow(ctx))
			scope.Run(ctx, func(context.Context) {
				assert.Equal(t, name+" "+name, pay())
				assert.Equal(t, name+" "+name, follow(context.Background()))
			})
		}
	}
	r, err := pb.NewTestServiceClient(s.Conn).UnaryCall(scope.Detach(t.Context()), &pb.SimpleRequest{})
	assert.NoError(t, err)
	assert.Equal(t, "the test's the test's", r.Username, "the call has no scope")
}

func TestInterceptorsOfTheServerAreInTheScopeOfTheCall(t *testing.T) {
	t.Parallel()
	var seen string
	grpctest.Serve(t, target, says("fake").register, grpc.UnaryInterceptor(
		func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			seen = scope.Get(ctx, customer)
			return h(ctx, req)
		}))
	payIn(scope.Set(scopetest.Context(t), customer, "ada"))
	assert.Equal(t, "ada", seen)
}

func TestAHandlerSeesOnlyTheCallersMetadata(t *testing.T) {
	t.Parallel()
	grpctest.Serve(t, target, fake{say: func(ctx context.Context) string {
		md, _ := metadata.FromIncomingContext(ctx)
		for _, usual := range []string{":authority", "content-type", "user-agent"} {
			assert.NotEmpty(t, md.Get(usual), usual)
			delete(md, usual)
		}
		return fmt.Sprint(md)
	}}.register)
	ctx := scopetest.Context(t)
	assert.Equal(t, "map[]", payIn(ctx))
	assert.Equal(t, "map[key:[value]]", follow(metadata.AppendToOutgoingContext(ctx, "key", "value")))
}

func TestAServerWorksInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		grpctest.Serve(t, target, fake{say: func(context.Context) string {
			time.Sleep(time.Hour)
			return customer.Get()
		}}.register)
		ctx := scope.Set(scopetest.Context(t), customer, "ada")
		start := time.Now()
		assert.Equal(t, "ada", payIn(ctx))
		assert.Equal(t, "ada", follow(ctx))
		assert.Equal(t, 2*time.Hour, time.Since(start))
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		assert.Contains(t, payIn(ctx), "DeadlineExceeded")
	})
}

func TestAStoppedServerIsNotReplacedByTheRealOne(t *testing.T) {
	t.Parallel()
	s := grpctest.Serve(t, target, says("fake").register)
	ctx := scopetest.Context(t)
	assert.Equal(t, "fake", payIn(ctx))
	s.Stop()
	_, err := pb.NewTestServiceClient(conn).UnaryCall(ctx, &pb.SimpleRequest{})
	assert.Equal(t, codes.Unavailable, status.Code(err), err)
}

// One that listens to its context, as it has to.
func TestTheEndOfATestCancelsAHandler(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	t.Run("short", func(t *testing.T) {
		started := make(chan struct{})
		grpctest.Serve(t, target, fake{say: func(ctx context.Context) string {
			close(started)
			<-ctx.Done()
			close(ended)
			return ""
		}}.register)
		scope.Go(scopetest.Context(t), func(ctx context.Context) { follow(ctx) })
		<-started
	})
	select {
	case <-ended:
	default:
		t.Error("the handler still runs")
	}
}

func TestACallAfterTheTestIsAnError(t *testing.T) {
	t.Parallel()
	var ctx context.Context
	t.Run("short", func(t *testing.T) {
		grpctest.Serve(t, target, says("fake").register)
		ctx = scopetest.Context(t)
	})
	assert.Contains(t, payIn(ctx), `scope "TestACallAfterTheTestIsAnError/short" has ended`)
}

// A token is a credential of a call.
type token string

func (t token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(t)}, nil
}
func (token) RequireTransportSecurity() bool { return true }

func TestCallsMayCarryCredentials(t *testing.T) {
	t.Parallel()
	grpctest.Serve(t, target, fake{say: func(ctx context.Context) string {
		return metadata.ValueFromIncomingContext(ctx, "authorization")[0]
	}}.register)
	r, err := pb.NewTestServiceClient(conn).UnaryCall(scopetest.Context(t), &pb.SimpleRequest{}, grpc.PerRPCCredentials(token("abc")))
	assert.NoError(t, err)
	assert.Equal(t, "Bearer abc", r.GetUsername())
}

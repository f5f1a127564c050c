package logx_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// labels says whether goroutines inherit scopes.
func labels() bool { return scope.Carrier() == "labels" }

// outside is a context that carries an empty scope.
func outside() context.Context { return scope.Detach(context.Background()) }

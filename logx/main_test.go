package logx_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outside is a context that carries an empty scope.
func outside() context.Context { return scope.Detach(context.Background()) }

//go:build !scope_portable

package logtest_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/logx/logtest"
)

// checkout is code under test: it knows of no test.
func checkout(order int) {
	slog.Info("paid", "order", order, "by", "card")
}

func TestCheckout(t *testing.T) {
	t.Parallel()
	log := logtest.Capture(t)
	log.Expect(slog.LevelInfo, "paid", "order", 7)
	log.Never(slog.LevelError)

	checkout(7)
}

func TestCheckoutOnce(t *testing.T) {
	t.Parallel()
	log := logtest.Capture(t)

	checkout(7)

	paid := log.Find(slog.LevelInfo, "paid", "order", 7)
	assert.Len(t, paid, 1)
	assert.Equal(t, "card", paid[0].Value("by").String())
}

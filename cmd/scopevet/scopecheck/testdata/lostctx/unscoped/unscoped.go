// Package unscoped knows nothing of scopes, and neither may its callers.
package unscoped

import (
	"context"
	"net/http"
	"runtime/pprof"
)

func Bye(ctx context.Context) {
	<-ctx.Done()
	_, _ = http.NewRequestWithContext(context.Background(), "DELETE", "", nil)
	pprof.Do(context.Background(), pprof.Labels(), func(context.Context) {})
}

package afterfunc

import (
	"context"
	"net/http"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

var url = scope.NewKey("url", "")

func use(string) {}

func wrong(client *http.Client) {
	time.AfterFunc(time.Second, func() { use(url.Get()) })                  // want `the function runs on a goroutine of the runtime's, in no scope, and calls scope.Key.Get: use scope.Wrap`
	time.AfterFunc(time.Second, func() { use(env.Getenv("URL")) })          // want `calls env.Getenv: use scope.Wrap`
	time.AfterFunc(time.Second, func() { http.Get("https://a.example") })   // want `calls http.Get: use scope.Wrap`
	time.AfterFunc(time.Second, func() { client.Get("https://a.example") }) // want `calls http.Client.Get: use scope.Wrap`
}

func right(ctx context.Context, client *http.Client) {
	time.AfterFunc(time.Second, scope.Wrap(ctx, func() { use(url.Get()) }))
	time.AfterFunc(time.Second, func() { use(scope.Get(ctx, url)) })
	time.AfterFunc(time.Second, func() { use("") })
	read := func() { use(url.Get()) } // followed through no variable
	time.AfterFunc(time.Second, read)
	time.AfterFunc(time.Second, func() { use(url.Get()) }) //scopevet:ignore the default is what is wanted
}

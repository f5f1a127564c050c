package sharedapp_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/examples/sharedapp"
	"github.com/scopetree/scope/httpx"
)

// app is the one server that all tests share.
var app *httptest.Server

func TestMain(m *testing.M) {
	httpx.Unrouted.SetDefault(httpx.Refuse)                // and no goroutine reaches the world without a route
	app = httptest.NewServer(httpx.Adopt(sharedapp.New())) // in TestMain, and app.Close() after m.Run()

	code := m.Run()

	err := stopChromium()
	app.Close()
	if err = errors.Join(err, goleak.Find()); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

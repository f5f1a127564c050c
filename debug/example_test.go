package debug_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/debug"
)

func ExampleHandler() {
	page := debug.Handler()
	defer page.Close()
	mux := http.NewServeMux()
	mux.Handle("/debug/scope", page)
	server := httptest.NewServer(mux)
	defer server.Close()

	paymentsURL := scope.NewKey("payments.url", "https://payments.example")
	paymentsKey := scope.NewKey("payments.key", "", scope.Redacted())
	ctx, end := scope.New(context.Background(), "checkout")
	defer end()
	ctx = scope.With(ctx, paymentsURL.Bind("http://127.0.0.1:4321"), paymentsKey.Bind("s3cret"))

	scope.Run(ctx, func(context.Context) { // a page shows what is in use
		resp, err := http.Get(server.URL + "/debug/scope?format=json&name=checkout")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		var answer struct {
			Scopes []struct {
				Path     string
				Bindings []struct{ Key, Value string }
			}
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			fmt.Println(err)
		}
		for _, s := range answer.Scopes {
			fmt.Println(s.Path)
			for _, b := range s.Bindings {
				fmt.Println(" ", b.Key, "=", b.Value)
			}
		}
	})
	// Output:
	// checkout
	//   payments.key = ‹redacted›
	//   payments.url = "http://127.0.0.1:4321"
}

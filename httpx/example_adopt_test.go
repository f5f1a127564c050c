package httpx_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// One server, started before the tests, serves each in its own scope.
func ExampleAdopt() {
	app := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		fetch(context.Background(), httpx.Client())
	})
	shared := httptest.NewServer(httpx.Adopt(app))
	defer shared.Close()
	ask := func(token string) {
		req, _ := http.NewRequest(http.MethodGet, shared.URL, nil)
		req.Header.Set("Scope-Token", token)
		resp, err := shared.Client().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		fmt.Println(resp.Status)
	}

	for _, test := range []string{"TestAda", "TestZoe"} {
		fake := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the fake of ", test) })
		ctx, end := scope.New(context.Background(), test)
		token := httpx.Token(scope.With(ctx, httpx.RouteHandler("api.github.com", fake)))
		ask(token)
		end()
		ask(token) // too late
	}
	// Output:
	// the fake of TestAda, asked https://api.github.com/users/x?full=1
	// 200 OK
	// 410 Gone
	// the fake of TestZoe, asked https://api.github.com/users/x?full=1
	// 200 OK
	// 410 Gone
}

// A client of the scope sends the token along, and its code knows nothing of it.
func Example_sendToken() {
	tenant := scope.NewKey("tenant", "nobody")
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello, ", scope.Get(r.Context(), tenant))
	})
	shared := httptest.NewServer(httpx.Adopt(app))
	defer shared.Close()

	ctx, end := scope.New(context.Background(), "TestGreeting")
	defer end()
	ctx = scope.With(ctx, tenant.Bind("Ada"), httpx.SendToken.Bind(true))

	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, shared.URL, nil)
	resp, err := httpx.Client().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	io.Copy(os.Stdout, resp.Body)
	// Output: hello, Ada
}

package httpx_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// fetch is code under test: it knows one URL, and nothing of routes.
func fetch(ctx context.Context, client *http.Client) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/users/x?full=1", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, asked %s\n", body, resp.Request.URL)
}

func ExampleRoute() {
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "fake GitHub got %s", r.RequestURI)
	}))
	defer fake.Close()

	ctx := scope.With(context.Background(), httpx.Route("api.github.com", fake.URL+"/v3"))
	fetch(ctx, httpx.Client())
	// Output: fake GitHub got /v3/users/x?full=1, asked https://api.github.com/users/x?full=1
}

func ExampleKeepHost() {
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "this is %s", r.Host)
	}))
	defer fake.Close()

	ctx := scope.With(context.Background(), httpx.Route("*.github.com", fake.URL, httpx.KeepHost))
	fetch(ctx, httpx.Client())
	// Output: this is api.github.com, asked https://api.github.com/users/x?full=1
}

func ExampleRouteHandler() {
	fake := http.NewServeMux()
	fake.HandleFunc("GET /users/{login}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s at %s", r.PathValue("login"), r.Host)
	})

	ctx := scope.With(context.Background(), httpx.RouteHandler("api.github.com", fake))
	fetch(ctx, httpx.Client())
	// Output: x at api.github.com, asked https://api.github.com/users/x?full=1
}

// A fault is a transport too.
func ExampleRouteTransport() {
	ctx := scope.With(context.Background(), httpx.RouteTransport("api.github.com", offline{}))
	fetch(ctx, httpx.Client())
	// Output: Get "https://api.github.com/users/x?full=1": no network today
}

type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("no network today")
}

func Example_baseURL() {
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s for %s", r.URL.Path, r.Header.Get("X-Forwarded-Host"))
	}))
	defer fake.Close()

	ctx := scope.Set(context.Background(), httpx.BaseURL, fake.URL+"/base")
	fetch(ctx, httpx.Client())
	// Output: /base/users/x for api.github.com, asked https://api.github.com/users/x?full=1
}

func Example_unrouted() {
	ctx, end := scope.New(context.Background(), "TestCheckout")
	defer end()
	ctx = scope.With(ctx,
		httpx.Route("auth.github.com", "http://127.0.0.1:4321"),
		httpx.Unrouted.Bind(httpx.Refuse),
	)
	fetch(ctx, httpx.Client())
	// Output:
	// Get "https://api.github.com/users/x?full=1": httpx: GET https://api.github.com/users/x: refused: no route for it in scope "TestCheckout", where httpx.Unrouted is Refuse; routes: auth.github.com → http://127.0.0.1:4321
}

// A client with a transport of its own does not use http.DefaultTransport.
func ExampleWrap() {
	own := &http.Transport{MaxIdleConnsPerHost: 20}
	client := &http.Client{Transport: httpx.Wrap(own)}

	ctx := scope.With(context.Background(), httpx.RouteHandler("*", http.NotFoundHandler()))
	fetch(ctx, client)
	// Output:
	// 404 page not found
	// , asked https://api.github.com/users/x?full=1
}

func ExampleClient() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	ctx := scope.With(context.Background(), httpx.RouteHandler("*", hello))
	fetch(ctx, httpx.Client())
	// Output: hello, asked https://api.github.com/users/x?full=1
}

// Install is for TestMain or main. After it, http.Get follows the scope of the
// goroutine that calls it.
func ExampleInstall() {
	uninstall := httpx.Install()
	defer uninstall()

	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	ctx := scope.With(context.Background(), httpx.RouteHandler("api.github.com", hello))
	scope.Run(ctx, func(context.Context) {
		resp, err := http.Get("https://api.github.com/users/x")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		fmt.Printf("%s\n", body)
	})
	// Output: hello
}

func ExampleMiddleware() {
	region := scope.NewKey("region", "nowhere")
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		fmt.Println("no context here, and yet:", region.Get())
	})

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r = r.WithContext(scope.Set(r.Context(), region, "Atlantis"))
	httpx.Middleware(page).ServeHTTP(httptest.NewRecorder(), r)
	fmt.Println("after it:", region.Get())
	// Output:
	// no context here, and yet: Atlantis
	// after it: nowhere
}

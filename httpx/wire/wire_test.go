package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

// allow returns routes that may travel, whose connections are closed with the test.
func allow(t testing.TB, to ...wire.Destination) *wire.Entry {
	t.Helper()
	w := wire.Routes(to...)
	require.NoError(t, w.Err())
	t.Cleanup(w.CloseIdleConnections)
	return w
}

// travel returns the scope that ctx's scope becomes in another process, which allows w.
func travel(t testing.TB, ctx context.Context, w *wire.Entry) (context.Context, error) {
	t.Helper()
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", []byte(strings.Repeat("k", 32)))},
		Audience: "test",
		Allow:    []propagation.Entry{w},
	})
	require.NoError(t, err)
	c := propagation.MapCarrier{}
	require.NoError(t, p.Inject(ctx, c))
	return p.Extract(scope.Detach(context.Background()), c)
}

// arrive is [travel] for routes that must be accepted.
func arrive(t testing.TB, w *wire.Entry, b ...scope.Binding) context.Context {
	t.Helper()
	ctx, err := travel(t, scope.With(t.Context(), b...), w)
	require.NoError(t, err)
	return ctx
}

// onlyWire returns a client whose own transport sends nothing.
func onlyWire(t testing.TB) *http.Client {
	return &http.Client{Transport: httpx.Wrap(roundTripper(func(r *http.Request) (*http.Response, error) {
		return nil, errors.New("the client's own transport was asked for " + r.URL.Host)
	}))}
}

func TestARouteTravels(t *testing.T) {
	t.Parallel()
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+r.URL.String()+" for "+r.Header.Get("X-Forwarded-Host"))
	})
	w := allow(t, wire.Destination{Host: fake.host()})
	ctx := arrive(t, w, httpx.Route("api.github.com", fake.URL+"/v3"))
	for range 2 { // over one more hop
		assert.Equal(t, fake.host()+"/v3/users/a%2Fb?x=1 for api.github.com", get(ctx, onlyWire(t), "https://api.github.com/users/a%2Fb?x=1"))
		var err error
		ctx, err = travel(t, ctx, w)
		require.NoError(t, err)
	}
	assert.Contains(t, get(ctx, onlyWire(t), "http://other.test"), "own transport was asked for other.test")
	assert.EqualValues(t, 1, fake.conns.Load(), "connections: they are kept for all scopes")
}

func TestKeepHostTravels(t *testing.T) {
	t.Parallel()
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })
	ctx := arrive(t, allow(t, wire.Destination{Host: fake.host()}), httpx.Route("api.test", fake.URL, httpx.KeepHost))
	assert.Equal(t, "api.test", get(ctx, onlyWire(t), "http://api.test"))
}

// The nearest scope comes before the most specific host, on the other side too.
func TestRoutesArriveInTheirOrder(t *testing.T) {
	t.Parallel()
	inner, outer := serve(t, says("inner")), serve(t, says("outer"))
	w := allow(t, wire.Destination{Host: "127.0.0.1"})
	for name, b := range map[string]scope.Binding{
		"base URL":     httpx.BaseURL.Bind(inner.URL),
		"any host":     httpx.Route("*", inner.URL),
		"any, by port": httpx.Route("*:80", inner.URL),
	} {
		ctx := scope.With(t.Context(), httpx.Route("api.test", outer.URL), httpx.BaseURL.Bind(outer.URL))
		ctx, err := travel(t, scope.With(ctx, b), w)
		require.NoError(t, err)
		assert.Equal(t, "inner", get(ctx, onlyWire(t), "http://api.test/"), name)

		ctx = scope.With(ctx, httpx.Route("api.test", outer.URL))
		assert.Equal(t, "outer", get(ctx, wrapped(t), "http://api.test/"), "%s: what is bound there is nearer", name)
	}
}

func TestEveryKindOfHostTravels(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	w := allow(t, wire.Destination{Host: "127.0.0.1"})
	for host, rawURL := range map[string]string{
		"api.test": "http://api.test:99", "api.test:99": "http://api.test:99", "*.test": "http://api.test", "*.test:99": "http://api.test:99",
		"*": "http://api.test", "[2001:db8::1]": "http://[2001:db8::1]:99", "[2001:db8::1]:99": "http://[2001:db8::1]:99",
	} {
		assert.Equal(t, "fake", get(arrive(t, w, httpx.Route(host, fake.URL)), onlyWire(t), rawURL), host)
	}
}

func TestOnlyRoutesToDestinationsTravel(t *testing.T) {
	t.Parallel()
	w := allow(t, wire.Destination{Host: "127.0.0.1"})
	text, ok, err := w.Encode(scope.With(t.Context(),
		httpx.RouteHandler("handler.test", says("x")),
		httpx.RouteTransport("transport.test", http.DefaultTransport),
		httpx.Route("local.test", "http://10.0.0.1"),
		httpx.Route("api.test", down),
	))
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, "api.test "+down+"\n", text)

	_, ok, err = w.Encode(scope.With(t.Context(), httpx.Route("local.test", "http://10.0.0.1")))
	require.NoError(t, err)
	assert.False(t, ok)

	_, _, err = w.Encode(scope.With(t.Context(), httpx.Route("api.test", "localhost:80")))
	assert.EqualError(t, err, `httpx: route "api.test": target "localhost:80": missing scheme`)
}

// The receiver's policy applies to requests that no route from the wire takes.
func TestTheReceiversPolicyStays(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	w := allow(t, wire.Destination{Host: fake.host()})
	text, _, err := w.Encode(scope.With(t.Context(), httpx.Route("api.test", fake.URL)))
	require.NoError(t, err)
	b, err := w.Decode(text)
	require.NoError(t, err)

	refusing := scope.With(scope.With(t.Context(), httpx.Unrouted.Bind(httpx.Refuse), httpx.Route("own.test", fake.URL)), b)
	assert.Equal(t, "fake", get(refusing, onlyWire(t), "http://api.test"))
	assert.Contains(t, get(refusing, onlyWire(t), "http://other.test"), "routes: api.test → "+fake.URL+" (from the wire), own.test → "+fake.URL)

	sending, end := scope.New(scope.Set(t.Context(), httpx.SendToken, true), "Sending")
	defer end()
	sending = scope.With(sending, b)
	echo := &http.Client{Transport: httpx.Wrap(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(r.Header.Get("Scope-Token")))}, nil
	}))}
	assert.Equal(t, httpx.Token(sending), get(sending, echo, "http://localhost/"))

	broken := scope.With(scope.With(t.Context(), httpx.Route("own.test", "nowhere")), b)
	assert.Contains(t, get(broken, onlyWire(t), "http://api.test"), `route "own.test": target "nowhere": missing scheme`)
}

func TestThePolicyTravelsWithTheRoutes(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", []byte(strings.Repeat("k", 32)))},
		Audience: "test",
		Allow: []propagation.Entry{
			propagation.Allow(httpx.Unrouted, propagation.JSON[httpx.Policy]()),
			allow(t, wire.Destination{Host: fake.host()}),
		},
	})
	require.NoError(t, err)
	c := propagation.MapCarrier{}
	require.NoError(t, p.Inject(scope.With(t.Context(), httpx.Unrouted.Bind(httpx.Refuse), httpx.Route("api.test", fake.URL)), c))
	ctx, err := p.Extract(scope.Detach(t.Context()), c)
	require.NoError(t, err)
	assert.Equal(t, "fake", get(ctx, onlyWire(t), "http://api.test"))
	assert.Contains(t, get(ctx, onlyWire(t), "http://other.test"), "refused")
}

func TestARouteToNoDestinationIsRefusedWithAllThatCameWithIt(t *testing.T) {
	t.Parallel()
	generous := allow(t, wire.Destination{Host: "127.0.0.1"}, wire.Destination{Host: "evil.test"})
	text, _, err := generous.Encode(scope.With(t.Context(), httpx.Route("good.test", down), httpx.Route("api.test", "http://evil.test/")))
	require.NoError(t, err)
	b, err := allow(t, wire.Destination{Host: "127.0.0.1"}).Decode(text)
	assert.ErrorIs(t, err, wire.ErrDestination)
	assert.EqualError(t, err, `httpx: route "api.test": target "http://evil.test/": not a destination that is allowed for routes from the wire`)
	assert.Zero(t, b)
}

// A peer that may send routes can't have requests for any host sent to a destination.
func TestADestinationIsForTheHostsThatItNames(t *testing.T) {
	t.Parallel()
	every := allow(t, wire.Destination{Host: "127.0.0.1"})
	some := allow(t, wire.Destination{Host: "127.0.0.1", From: []string{"pay.test", "mail.test:25", "*.shop.test"}})
	for host, allowed := range map[string]bool{
		"pay.test": true, "pay.test:80": true, "PAY.test.": true, "mail.test:25": true, "a.shop.test": true, "*.shop.test": true, "*.b.shop.test:80": true,
		"vault.test": false, "*": false, "*:80": false, "*.test": false, "mail.test": false, "mail.test:26": false,
		"shop.test": false, "x.pay.test": false, "*.pay.test": false, "ashop.test": false, "*.ashop.test": false,
	} {
		ctx := scope.With(t.Context(), httpx.Route(host, down))
		text, _, err := every.Encode(ctx)
		require.NoError(t, err)
		_, err = some.Decode(text)
		if allowed {
			assert.NoError(t, err, host)
		} else {
			assert.ErrorIs(t, err, wire.ErrDestination, host)
		}
		_, ok, err := some.Encode(ctx)
		require.NoError(t, err)
		assert.Equal(t, allowed, ok, "%s: sent", host)
	}
	_, ok, err := some.Encode(scope.Set(t.Context(), httpx.BaseURL, down))
	require.NoError(t, err)
	assert.False(t, ok, "base URL")
	_, err = allow(t, wire.Destination{Host: "127.0.0.1", From: []string{"*"}}).Decode("* " + down)
	assert.NoError(t, err)
}

func TestMalformedWireRoutesAreRefused(t *testing.T) {
	t.Parallel()
	w := allow(t, wire.Destination{Host: "127.0.0.1"}, wire.Destination{Host: "*.preview.test:80"})
	for _, text := range []string{
		"", "\n", " ", "api.test", "api.test ", " " + down, "api.test  " + down, "api.test " + down + "\n\n",
		"api.test 127.0.0.1", "api.test ftp://127.0.0.1", "api.test http://u:p@127.0.0.1", "api.test http://127.0.0.1?x", "api.test //127.0.0.1",
		"http://api.test " + down, "* * " + down, "**.test " + down,
		"api.test http://127.0.0.1.evil.test", "api.test http://127.0.0.1@evil.test", "api.test http://[::ffff:127.0.0.1]",
		"api.test http://2130706433", "api.test http://127.1", "api.test http://0x7f000001",
		"api.test http://preview.test", "api.test http://x.preview.test:81", "api.test http://é.preview.test",
		"api.test http://evil.test/.preview.test", "api.test http://evil.test#.preview.test", `api.test http://evil.test\.preview.test`,
		"api.test " + down + " keephos", "api.test " + down + "\napi.test " + down,
	} {
		b, err := w.Decode(text)
		assert.Error(t, err, "%q", text)
		assert.Zero(t, b, "%q", text)
	}
}

func TestDestinationsAreChecked(t *testing.T) {
	t.Parallel()
	for want, to := range map[string][]wire.Destination{
		`httpx: destination "": empty host: use "*" for all hosts`:                         {{}},
		`httpx: destination "http://x": want a host, such as "api.example.com", not a URL`: {{Host: "http://x"}},
		`httpx: destination "*": "*" needs Networks`:                                       {{Host: "*"}},
		`httpx: destination "x": from "": empty host: use "*" for all hosts`:               {{Host: "x", From: []string{"a", ""}}},
		`httpx: destination "x": an invalid network`:                                       {{Host: "x", Networks: []netip.Prefix{{}}}},
		`httpx: destination "X": named twice`:                                              {{Host: "x"}, {Host: "X", Trusted: true}},
	} {
		w := wire.Routes(to...)
		assert.EqualError(t, w.Err(), want)
		_, err := propagation.New(propagation.Config{Allow: []propagation.Entry{w}})
		assert.ErrorContains(t, err, want)
		_, _, err = w.Encode(t.Context())
		assert.ErrorContains(t, err, want)
		_, err = w.Decode("api.test http://x")
		assert.ErrorContains(t, err, want)
	}
	_, err := wire.Routes().Decode("api.test http://x")
	assert.ErrorIs(t, err, wire.ErrDestination, "none")
}

// Whatever a peer signs: text that can be decoded is encoded to the same text again.
func FuzzRoutes(f *testing.F) {
	w := wire.Routes(wire.Destination{Host: "127.0.0.1"}, wire.Destination{Host: "*.preview.test:80"})
	for _, s := range []string{
		"api.test http://127.0.0.1/v3\n", "* http://127.0.0.1 keephost\n*.b.test http://x.preview.test/a%2Fb\n", "[::1]:80 http://127.0.0.1\n",
		"api.test http://evil.test\n", "a b c\n", "\n\n", "API.test. HTTP://127.0.0.1./ é\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := w.Decode(text)
		if err != nil {
			return
		}
		again, ok, err := w.Encode(scope.With(context.Background(), b))
		if err != nil || !ok {
			t.Fatalf("%q: %v, %v", text, ok, err)
		}
		b, err = w.Decode(again)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, again, err)
		}
		if third, _, _ := w.Encode(scope.With(context.Background(), b)); third != again {
			t.Fatalf("%q became %q, and then %q", text, again, third)
		}
		for line := range strings.Lines(again) {
			u, err := url.Parse(strings.Fields(line)[1])
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if host := strings.ToLower(u.Hostname()); strings.TrimSuffix(host, ".") != "127.0.0.1" && !strings.HasSuffix(strings.TrimSuffix(host, "."), ".preview.test") {
				t.Fatalf("%q leads to %q", text, host)
			}
		}
	})
}

package debug_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/internal/engine"
	"github.com/scopetree/scope/scopetest"
)

const canary = "c4nary"

// credentials bear a secret, with every way of printing it.
type credentials struct{ User, Password string }

func (c credentials) String() string               { return c.Password }
func (c credentials) GoString() string             { return c.Password }
func (c credentials) Error() string                { return c.Password }
func (c credentials) MarshalText() ([]byte, error) { return []byte(c.Password), nil }
func (c credentials) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, c.Password), nil }
func (c credentials) Format(f fmt.State, _ rune)   { fmt.Fprint(f, c.Password) }

// silent bears one too, under a key that is not redacted.
type silent struct{ password string }

// No value of a redacted key shows in anything that this module says of a scope.
func TestNoOutputShowsASecret(t *testing.T) {
	t.Parallel()
	var (
		word    = scope.NewKey("secret.word", canary, scope.Redacted())
		object  = scope.NewKey("secret.object", credentials{"ada", canary}, scope.Redacted())
		pointer = scope.NewKey("secret.pointer", &credentials{"ada", canary}, scope.Redacted())
		failure = scope.NewKey[error]("secret.error", errors.New(canary), scope.Redacted())
		parts   = scope.NewKey("secret.parts", "", scope.Redacted())
		part    = scope.NewKey("secret.part", "", scope.Redacted())
		number  = env.NewKey("SECRET_NUMBER", strconv.Atoi, 0, scope.Redacted())
		open    = scope.NewKey("open", silent{canary})
		fetch   = scope.NewKey("fetch", func() string { return canary })
		shown   = scope.NewKey("shown", "")
	)
	engine.Collect(part, parts, func(a, v string, _ bool) string { return a + v })
	bindings := []scope.Binding{
		word.Bind(canary), object.Bind(credentials{"ada", canary}), pointer.Bind(&credentials{"ada", canary}),
		failure.Bind(errors.New(canary)), part.Bind(canary), part.Bind(canary),
		env.Bind("SECRET_TOKEN", canary), env.Bind("SECRET_NUMBER", canary), env.Hide("SECRET_HIDDEN"),
		shown.Bind("sh0wn"), httpx.RouteHandler("pay.test", http.HandlerFunc(ok)),
	}
	// Not redacted, but no page and no log looks into them.
	all := append(bindings, open.Bind(silent{canary}), fetch.Bind(func() string { return canary }))
	p := newPage(t)
	ctx, end := scope.New(t.Context(), t.Name())
	ctx = scope.With(ctx, all...)
	inner, endInner := scope.New(ctx, "inner")
	defer endInner()
	large := inner
	for i := range 20 {
		large = scope.Set(large, scope.NewKey(fmt.Sprint("more", i), 0), i)
	}
	send(t, ctx, "https://ada:"+canary+"@pay.test/charge?key="+canary+"#"+canary)
	_, err := number.Get(ctx)
	require.Error(t, err)

	outputs := func() map[string]string {
		said := map[string]string{
			"HTML":                 html(t, p, t.Name()),
			"JSON":                 text(t, p, t.Name()),
			"Explain":              scope.Explain(ctx, word) + scope.Explain(inner, object) + scope.Explain(ctx, pointer) + scope.Explain(ctx, failure) + scope.Explain(ctx, parts),
			"Explain of a default": scope.Explain(t.Context(), word) + scope.Explain(scope.Detach(ctx), object),
			"env.Explain":          env.Explain(ctx, "SECRET_TOKEN") + number.Explain(ctx),
			"a failing test's log": strings.Join(failing(t, all), "\n"),
			"a request's error":    refusal(t, ctx),
		}
		for name, f := range map[string]func(){
			"a panic of Run":        func() { scope.Run(ctx, nil) },
			"a panic of env.Set":    func() { env.Set(ctx, "SECRET="+canary, canary) },
			"a panic of NUL":        func() { env.Set(ctx, "SECRET", canary+"\x00") },
			"a panic of the values": func() { panic(fmt.Sprint(bindings, ctx)) },
		} {
			said[name] = panics(f)
		}
		for i, v := range []any{ctx, inner, large, bindings, bindings[0], word, object, part, err, scope.Err(ctx), p} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				said[fmt.Sprintf("%s of %d: %T", verb, i, v)] = fmt.Sprintf(verb, v)
			}
		}
		return said
	}
	check := func(when string) {
		said := outputs()
		for what, out := range said {
			assert.NotContains(t, out, canary, "%s, %s", what, when)
			assert.NotContains(t, strings.ToLower(out), fmt.Sprintf("%x", canary), "%s, %s", what, when)
			assert.NotEmpty(t, out, what)
		}
		if when == "live" {
			for _, what := range []string{"HTML", "JSON", "a failing test's log"} {
				assert.Contains(t, said[what], "sh0wn", "the scope is there: %s", what)
				assert.Contains(t, said[what], "SECRET_TOKEN", what)
				assert.Contains(t, said[what], "‹redacted›", what)
			}
		}
	}
	check("live")
	assert.Equal(t, canary, env.Get(ctx, "SECRET_TOKEN"), "the canary is there")
	assert.Equal(t, canary+canary, scope.Get(large, parts))
	end()
	check("ended")
}

// failing returns what a test that fails logs of its bindings.
func failing(t testing.TB, b []scope.Binding) []string {
	f := &failed{TB: t}
	send(t, scopetest.With(f, b...), "https://ada:"+canary+"@pay.test/charge?key="+canary)
	for _, c := range f.cleanups {
		c()
	}
	return f.logs
}

// failed is a test that has failed.
type failed struct {
	testing.TB
	logs     []string
	cleanups []func()
}

func (f *failed) Failed() bool     { return true }
func (f *failed) Log(args ...any)  { f.logs = append(f.logs, fmt.Sprint(args...)) }
func (f *failed) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }

// refusal returns the error of a request that is not sent.
func refusal(t testing.TB, ctx context.Context) string {
	ctx = scope.Set(ctx, httpx.Unrouted, httpx.Refuse)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://ada:"+canary+"@mail.test/?key="+canary, nil)
	require.NoError(t, err)
	_, err = httpx.Wrap(nil).RoundTrip(r)
	require.Error(t, err)
	return err.Error()
}

// panics returns what f panics with.
func panics(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

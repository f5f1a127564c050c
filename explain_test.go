package scope_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

func TestExplainOfADefault(t *testing.T) {
	t.Parallel()
	url := scope.NewKey("api.url", "https://api.example.com")
	assert.Equal(t,
		`api.url = "https://api.example.com", the default; no scope in the context or the goroutine`,
		scope.Explain(t.Context(), url))
	assert.Equal(t,
		`n = 7, the default; asked an unnamed scope, from the context`,
		scope.Explain(scope.Set(t.Context(), url, ""), scope.NewKeyFunc("n", func() int { return 7 })))
	assert.Equal(t,
		`api.url = "https://api.example.com", the default; asked an unnamed scope, from the context`,
		scope.Explain(scope.Detach(t.Context()), url))
}

func TestExplainOfABinding(t *testing.T) {
	t.Parallel()
	url := scope.NewKey("api.url", "default")
	unnamed := scope.Set(t.Context(), url, "http://unnamed")
	assert.Equal(t,
		`api.url = "http://unnamed", bound in an unnamed scope; asked an unnamed scope, from the context`,
		scope.Explain(unnamed, url))

	test, end := scope.New(t.Context(), "TestCheckout")
	defer end()
	test = scope.Set(test, url, "http://127.0.0.1:4321")
	assert.Equal(t,
		`api.url = "http://127.0.0.1:4321", bound in scope "TestCheckout"; asked scope "TestCheckout", from the context`,
		scope.Explain(test, url))

	card, endCard := scope.New(test, "card")
	defer endCard()
	const want = `api.url = "http://127.0.0.1:4321", bound in scope "TestCheckout"; asked scope "TestCheckout/card", from the `
	assert.Equal(t, want+"context", scope.Explain(card, url), "the scope that binds, and the one that was asked")
	inScope(t, card, func(context.Context) {
		assert.Equal(t, want+"goroutine", scope.Explain(t.Context(), url))
	})
}

func TestExplainSaysWhereABindingWasMade(t *testing.T) {
	t.Parallel()
	var pc [1]uintptr
	runtime.Callers(1, pc[:]) // line 56
	key := scope.NewKey("n", 0)
	placed := key.Bind(1)
	engine.Place(&placed, pc[0])
	ctx, end := scope.New(t.Context(), "job")
	defer end()
	assert.Equal(t,
		`n = 1, bound in an unnamed scope at explain_test.go:56; asked an unnamed scope, from the context`,
		scope.Explain(scope.With(t.Context(), placed), key))
	ctx = scope.With(ctx, placed)
	inner, endInner := scope.New(ctx, "inner")
	defer endInner()
	assert.Equal(t,
		`n = 1, bound in scope "job" at explain_test.go:56; asked scope "job/inner", from the context`,
		scope.Explain(inner, key))
	again := scope.Set(inner, key, 2)
	assert.Equal(t,
		`n = 2, bound in scope "job/inner"; asked scope "job/inner", from the context`,
		scope.Explain(again, key), "the place goes with its binding")
}

func TestExplainOfAnEndedScope(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("n", 0)
	outer, endOuter := scope.New(t.Context(), "outer")
	ctx, end := scope.New(scope.Set(outer, key, 1), "inner")
	ctx = scope.Set(ctx, key, 2)
	end()
	assert.Equal(t,
		`n = 1, bound in scope "outer"; asked scope "outer/inner", from the context; scope "outer/inner" has ended`,
		scope.Explain(ctx, key))
	endOuter()
	assert.Equal(t,
		`n = 0, the default; asked scope "outer/inner", from the context; scope "outer/inner" has ended`,
		scope.Explain(ctx, key))
}

func TestExplainShowsSecretsToNobody(t *testing.T) {
	t.Parallel()
	token := scope.NewKey("token", canary, scope.Redacted())
	assert.Equal(t,
		`token = ‹redacted›, the default; no scope in the context or the goroutine`,
		scope.Explain(t.Context(), token))
	assert.Equal(t,
		`token = ‹redacted›, bound in an unnamed scope; asked an unnamed scope, from the context`,
		scope.Explain(scope.Set(t.Context(), token, canary), token))
}

func TestExplainIsOneLineAndNotTooLong(t *testing.T) {
	t.Parallel()
	text := scope.NewKey("text", "")
	type page struct{ body string }
	object := scope.NewKey("page", page{})
	ctx := scope.With(t.Context(), text.Bind(strings.Repeat("é\n", 1000)), object.Bind(page{"a\nb"}))
	assert.Contains(t, scope.Explain(ctx, object), `page = {a\nb}, bound`)
	got := scope.Explain(ctx, text)
	assert.NotContains(t, got, "\n")
	assert.LessOrEqual(t, len([]rune(got)), 300)
	assert.Contains(t, got, "…, bound")
}

func TestExplainOfANil(t *testing.T) {
	t.Parallel()
	fault := scope.NewKey[error]("err", nil)
	assert.Contains(t, scope.Explain(t.Context(), fault), "err = <nil>, the default;")
	assert.Contains(t, scope.Explain(scope.Set(t.Context(), fault, nil), fault), "err = <nil>, bound in")
}

// A context's scope is used whole, which is what surprises most.
func TestExplainNamesTheScopeThatWasNotAsked(t *testing.T) {
	t.Parallel()
	url, other := scope.NewKey("api.url", "default"), scope.NewKey("other", "")
	asked := scope.Set(t.Context(), other, "x")
	inScope(t, scope.Set(t.Context(), url, "the goroutine's"), func(context.Context) {
		const want = `api.url = "default", the default; asked an unnamed scope, from the context`
		assert.Equal(t, want+"; the goroutine's scope binds it, and was not asked", scope.Explain(asked, url))
		assert.NotContains(t, scope.Explain(asked, other), "not asked")
		assert.NotContains(t, scope.Explain(t.Context(), url), "not asked")
	})
	assert.Equal(t, `api.url = "default", the default; asked an unnamed scope, from the context`, scope.Explain(asked, url))
}

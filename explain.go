package scope

import (
	"context"
	"fmt"
	"strings"
)

// Explain says on one line why [Get] answers what it does: the value, or
// ‹redacted›; the scope that binds it, with file and line where they are known,
// or that it is the default; and which scope was asked, how it was found, and
// whether the goroutine's would have answered in place of a context's. The text
// is for people. Its form may change.
//
//	api.url = "http://127.0.0.1:4321", bound in scope "TestCheckout" at checkout_test.go:12; asked scope "TestCheckout/card", from the context
func Explain[T any](ctx context.Context, key *Key[T]) string {
	if key == nil {
		panic(nilKey)
	}
	asked := current(ctx)
	var b strings.Builder
	fmt.Fprintf(&b, "%s = ", key.info.name)
	bound := asked.alive().find(&key.info)
	if bound != nil {
		fmt.Fprintf(&b, "%s, bound %s", bound.show(), bound.site)
	} else {
		e := entry{key: &key.info, value: any(key.Default())}
		fmt.Fprintf(&b, "%s, the default", e.show())
	}
	switch {
	case asked == nil:
		b.WriteString("; no scope in the context or the goroutine")
	case nodeOf(ctx) != nil:
		fmt.Fprintf(&b, "; asked %s, from the context", asked.title())
		if bound == nil && ambient().alive().find(&key.info) != nil {
			b.WriteString("; the goroutine's scope binds it, and was not asked")
		}
	default:
		fmt.Fprintf(&b, "; asked %s, from the goroutine", asked.title())
	}
	if err := Err(ctx); err != nil {
		b.WriteString("; ")
		b.WriteString(err.Error())
	}
	return b.String()
}

// title names a scope in a sentence.
func (s *scope) title() string {
	if s.life == nil {
		return "an unnamed scope"
	}
	return fmt.Sprintf("scope %q", s.life.path)
}

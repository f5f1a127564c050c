package engine

import (
	"context"
	"fmt"
	"strings"
)

// Explain says on one line why [Value] returns what it does.
func Explain(ctx context.Context, k *Key) string {
	asked := current(ctx)
	var b strings.Builder
	fmt.Fprintf(&b, "%s = ", k.name)
	bound := asked.alive().find(k)
	if bound != nil {
		fmt.Fprintf(&b, "%s, bound %s", bound.show(), bound.site)
	} else {
		byDefault := k.Bind(k.Default())
		fmt.Fprintf(&b, "%s, the default", byDefault.show())
	}
	switch {
	case asked == nil:
		b.WriteString("; no scope in the context or the goroutine")
	case nodeOf(ctx) != nil:
		fmt.Fprintf(&b, "; asked %s, from the context", asked.title())
		if bound == nil && ambient().alive().find(k) != nil {
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

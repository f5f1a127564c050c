package httpx

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// Adopt returns a handler that binds each request that carries a [Token] to
// the scope that the token stands for, and then calls next: for one server that
// many tests share. The goroutine and the request's context both have that
// scope while next runs, and the connection's next request sees nothing of it.
//
// The token is looked for in the header Scope-Token, in the cookie of that
// name, and, for browsers, in the User-Agent, which may end in
// " Scope-Token/" and the token. A request that has none goes to next as it
// came. One whose token stands for nothing, because it is malformed, its scope
// is over or another process made it, is answered with 410 Gone and never
// reaches next, and so is one that has several that differ.
//
// Adopt belongs in TestMain and in test builds. Who has a token has a request
// served in that scope, with all that is bound there, and whoever sees the
// request, or a log of it, has its token. It is worth nothing to another
// process, nor after its scope: the token of a test ends with the test.
func Adopt(next http.Handler) http.Handler {
	if next == nil {
		panic("httpx: Adopt of a nil handler")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens := tokensIn(r.Header)
		if len(tokens) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		from, err := redeemOne(tokens)
		if err != nil {
			w.Header().Set("Cache-Control", "no-store") // a cache may keep a 410 (RFC 9110 section 15.1)
			http.Error(w, err.Error(), http.StatusGone)
			return
		}
		scope.Run(engine.Carry(r.Context(), from), func(ctx context.Context) {
			serveIn(ctx, next, w, r)
		})
	})
}

// A carriedToken is a token, or what stands in a token's place, and the header
// that it came in.
type carriedToken struct{ token, header string }

// tokensIn returns all that a request's header has in the places for a token.
// Nothing is left out for how it looks: a token that can't be read must not
// pass for none.
func tokensIn(h http.Header) (found []carriedToken) {
	for _, token := range h[tokenName] {
		found = append(found, carriedToken{token, tokenName})
	}
	for _, line := range h["Cookie"] { // Request.Cookies leaves out those with a bad value
		for cookie := range strings.SplitSeq(line, ";") {
			if name, token, _ := strings.Cut(strings.TrimSpace(cookie), "="); name == tokenName {
				found = append(found, carriedToken{token, "Cookie"})
			}
		}
	}
	for _, agent := range h["User-Agent"] {
		for product := range strings.FieldsSeq(agent) {
			if token, ok := strings.CutPrefix(product, tokenName+"/"); ok {
				found = append(found, carriedToken{token, "User-Agent"})
			}
		}
	}
	return found
}

// redeemOne is redeem for the one token that is found, perhaps in several
// places. Its errors are for the client, and leave the tokens out.
func redeemOne(found []carriedToken) (context.Context, error) {
	first := found[0]
	for _, other := range found[1:] {
		switch {
		case other.token == first.token:
		case other.header == first.header:
			return nil, fmt.Errorf("httpx: the request's %s header has tokens that differ: send one", first.header)
		default:
			return nil, fmt.Errorf("httpx: the request's %s and %s headers have tokens that differ: send one", first.header, other.header)
		}
	}
	ctx, err := redeem(first.token)
	if err != nil {
		return nil, fmt.Errorf("httpx: the token in the request's %s header %w", first.header, err)
	}
	return ctx, nil
}

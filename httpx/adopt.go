package httpx

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// Adopt returns a handler that serves each request in the scope whose [Token] the
// request carries. Use it for one server that many tests share. While next runs,
// the goroutine and the request's context have that scope, and the request still has its
// token. The connection's next request does not see the scope.
//
// Adopt looks for the token in the header Scope-Token and in the cookie of that
// name. For browsers it also looks in the User-Agent, which may end in
// " Scope-Token/" and the token. A request without a token goes to next unchanged, in no
// test's scope. Requests of clients that this package does not reach have none, such as
// those of httptest's srv.Client(): wrap its transport. Adopt answers 410 Gone, and does
// not call next, if the token is malformed, its scope has ended or another process made
// it. It does the same if a request has several tokens that differ.
//
// Use Adopt in TestMain and in test builds only. Anyone who has a token can make
// requests in that scope and use everything that is bound there. Anyone who sees the
// request, or a log of it, has its token. A token is worthless to another process
// and after its scope has ended, so a test's token ends with the test.
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

// A carriedToken is the text in a token's place, valid or not, and the header that
// it came in.
type carriedToken struct{ token, header string }

// tokensIn returns the text in all places where a request may carry a token. It
// keeps malformed tokens: a request with one must not pass as a request without.
func tokensIn(h http.Header) (found []carriedToken) {
	for _, token := range h[tokenName] {
		found = append(found, carriedToken{token, tokenName})
	}
	for _, line := range h["Cookie"] { // Request.Cookies drops cookies with a bad value
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

// redeemOne redeems the token that was found. Several places may hold it, but all
// must hold the same one. The errors are sent to the client, so they don't quote
// tokens.
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

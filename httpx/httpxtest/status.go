package httpxtest

import (
	"fmt"
	"net/http"
)

// checkStatus panics if package http can't send a status. Package http would panic later,
// on the goroutine of the request.
func checkStatus(reply string, status, least int) {
	if status < least || status > 999 {
		panic(fmt.Sprintf("httpxtest: %s at %s: status %d: want %d to 999", reply, caller(), status, least))
	}
}

// bodyAllowed reports whether an answer may have a body (RFC 9110 section 6.4.1).
func bodyAllowed(method string, status int) bool {
	return method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified
}

package fakegithub

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// A failure describes how the calls for one login fail.
type failure struct {
	user  func(http.ResponseWriter) // nil if this call works
	repos func(http.ResponseWriter)
}

var failures = map[string]failure{
	"ratelimited": {user: rateLimited, repos: rateLimited},
	"broken":      {user: broken, repos: broken},
	"garbled":     {user: garbled, repos: garbled},
	"halfway":     {repos: broken},
}

// limitWindow is how long the fake's rate limit still lasts.
const limitWindow = 12 * time.Minute

func rateLimited(w http.ResponseWriter) {
	w.Header().Set("X-RateLimit-Limit", "60")
	w.Header().Set("X-RateLimit-Remaining", "0")
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(limitWindow).Unix(), 10))
	writeError(w, http.StatusForbidden, "API rate limit exceeded")
}

func broken(w http.ResponseWriter) {
	writeError(w, http.StatusInternalServerError, "Server Error")
}

// garbled answers with JSON that breaks off in the middle.
func garbled(w http.ResponseWriter) {
	w.Header().Set("Content-Type", jsonType)
	_, _ = io.WriteString(w, `{"login": "garb`)
}

func notFound(w http.ResponseWriter) {
	writeError(w, http.StatusNotFound, "Not Found")
}

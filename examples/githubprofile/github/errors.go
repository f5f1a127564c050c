package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

var (
	// ErrInvalidLogin means that no account can have this login. Nothing was sent.
	ErrInvalidLogin = errors.New("invalid login")

	// ErrNotFound means that GitHub knows no such account.
	ErrNotFound = errors.New("not found")

	// ErrBadAnswer means that GitHub answered 200, but not with what the request asked for.
	ErrBadAnswer = errors.New("bad answer")
)

// A StatusError is an answer with a status for which this package has no other error.
type StatusError struct {
	Code    int    // such as 500
	Message string // what GitHub said about it; may be empty
}

func (e *StatusError) Error() string {
	text := strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code)))
	if e.Message == "" {
		return text
	}
	return text + ": " + e.Message
}

// statusError turns an answer other than 200 into the error that callers branch on.
func statusError(resp *http.Response, body []byte) error {
	if err, ok := rateLimit(resp); ok {
		return err
	}
	if resp.StatusCode == http.StatusNotFound {
		return ErrNotFound
	}
	// The HTML page of a proxy has no message, and needs none.
	var answer struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &answer)
	return &StatusError{Code: resp.StatusCode, Message: answer.Message}
}

package shop

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// A Problem is an error that a customer can be told.
type Problem struct {
	Status  int    `json:"-"` // of the HTTP answer
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // of the request, if one is to blame
}

func (p *Problem) Error() string { return p.Code + ": " + p.Message }

func invalid(field, format string, args ...any) *Problem {
	return &Problem{http.StatusUnprocessableEntity, "invalid", fmt.Sprintf(format, args...), field}
}

// problemOf returns the problem that the customer is told. An error that is no Problem goes to the log, and the customer
// learns only that something went wrong.
func problemOf(r *http.Request, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	return &Problem{http.StatusInternalServerError, "internal", "Something went wrong on our side. Please try again later.", ""}
}

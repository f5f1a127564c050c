package shop

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// A Problem is an error that the customer sees.
type Problem struct {
	Status  int    `json:"-"` // of the HTTP answer
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // the field of the request that is wrong, if there is one
}

func (p *Problem) Error() string { return p.Code + ": " + p.Message }

func invalid(field, format string, args ...any) *Problem {
	return &Problem{http.StatusUnprocessableEntity, "invalid", fmt.Sprintf(format, args...), field}
}

// problemOf returns the problem to show to the customer. An error that is not a Problem goes to the log. The customer
// then reads only that something went wrong.
func problemOf(r *http.Request, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	return &Problem{http.StatusInternalServerError, "internal", "Something went wrong on our side. Please try again later.", ""}
}

package profile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/scopetree/scope/examples/githubprofile/github"
)

// A problem is an error, worded for the reader of the page.
type problem struct {
	Text       string
	status     int
	retryAfter string // the Retry-After header, in seconds; empty if unknown
}

// badQuery is the problem if the query of the page's address has a broken escape, such as
// ?username=%zz.
var badQuery = problem{status: http.StatusBadRequest, Text: "The username in this page’s address could not be read. " +
	"Please type it in the field above."}

// explain returns the text and the status for an error of [github.Client.User].
func explain(username string, err error) *problem {
	var (
		limited *github.RateLimitError
		refused *github.StatusError
	)
	switch {
	case errors.Is(err, github.ErrInvalidLogin):
		return &problem{status: http.StatusBadRequest, Text: "“" + cut(username) + "” cannot be a GitHub username. " +
			"Usernames are letters, digits and single hyphens between them, 39 characters at most."}
	case errors.Is(err, github.ErrNotFound):
		return &problem{status: http.StatusNotFound, Text: "GitHub has no user named “" + username + "”."}
	case errors.As(err, &limited):
		return explainLimit(limited.Reset, time.Now())
	case errors.As(err, &refused):
		return &problem{status: http.StatusBadGateway, Text: fmt.Sprintf(
			"GitHub answered with status %d instead of a profile. Please try again later.", refused.Code)}
	case errors.Is(err, github.ErrBadAnswer):
		return &problem{status: http.StatusBadGateway,
			Text: "GitHub sent an answer that could not be read. Please try again later."}
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{status: http.StatusGatewayTimeout,
			Text: "GitHub took too long to answer. Please try again later."}
	default:
		return &problem{status: http.StatusBadGateway,
			Text: "GitHub could not be reached. Please try again later."}
	}
}

// explainLimit says when to try again. Minutes are rounded up, so that nobody comes back too early.
func explainLimit(reset, now time.Time) *problem {
	const limited = "GitHub takes no more requests from here for now. "
	wait := reset.Sub(now)
	if wait <= 0 { // unknown, or in the past by now
		return &problem{status: http.StatusServiceUnavailable, Text: limited + "Please try again in a few minutes."}
	}
	minutes := ceil(wait, time.Minute)
	unit := "minutes"
	if minutes == 1 {
		unit = "minute"
	}
	at := reset.Add(time.Minute - time.Nanosecond).Truncate(time.Minute).UTC()
	return &problem{
		status:     http.StatusServiceUnavailable,
		Text:       fmt.Sprintf("%sPlease try again in %d %s, at %s UTC.", limited, minutes, unit, at.Format("15:04")),
		retryAfter: strconv.FormatInt(ceil(wait, time.Second), 10),
	}
}

// ceil returns d divided by unit, rounded up. d must be positive.
func ceil(d, unit time.Duration) int64 {
	return int64((d-1)/unit) + 1
}

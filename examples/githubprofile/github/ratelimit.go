package github

import (
	"net/http"
	"strconv"
	"time"
)

// A RateLimitError means that GitHub takes no more requests from here for now.
type RateLimitError struct {
	Reset time.Time // when it takes them again; zero if GitHub did not say
}

func (e *RateLimitError) Error() string {
	if e.Reset.IsZero() {
		return "rate limit exceeded"
	}
	return "rate limit exceeded until " + e.Reset.UTC().Format(time.RFC3339)
}

// rateLimit recognises the answers of both limits that GitHub has: the hourly one counts down in
// X-RateLimit-Remaining, the one for bursts sends Retry-After. Either may come as 403 or 429, and a 403 with neither
// header is a refusal of another kind.
func rateLimit(resp *http.Response) (*RateLimitError, bool) {
	retryAfter := resp.Header.Get("Retry-After")
	spent := resp.Header.Get("X-RateLimit-Remaining") == "0"
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
	case http.StatusForbidden:
		if retryAfter == "" && !spent {
			return nil, false
		}
	default:
		return nil, false
	}
	if reset, ok := parseRetryAfter(retryAfter, time.Now()); ok {
		return &RateLimitError{Reset: reset}, true
	}
	if seconds, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); spent && err == nil {
		return &RateLimitError{Reset: time.Unix(seconds, 0)}, true
	}
	return &RateLimitError{}, true
}

// parseRetryAfter reads both forms of the header, seconds and a date (RFC 9110 section 10.2.3).
func parseRetryAfter(value string, now time.Time) (time.Time, bool) {
	// 31 bits, 68 years, keep the multiplication below from overflowing.
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return now.Add(time.Duration(seconds) * time.Second), true
	}
	date, err := http.ParseTime(value)
	return date, err == nil
}

package github

import (
	"net/http"
	"strconv"
	"time"
)

// A RateLimitError means that GitHub refuses further requests from here for now.
type RateLimitError struct {
	Reset time.Time // when GitHub takes requests again; zero if it did not say
}

func (e *RateLimitError) Error() string {
	if e.Reset.IsZero() {
		return "rate limit exceeded"
	}
	return "rate limit exceeded until " + e.Reset.UTC().Format(time.RFC3339)
}

// rateLimit recognises the answers of GitHub's two rate limits. The hourly limit counts down in
// X-RateLimit-Remaining, and the limit for bursts sends Retry-After. Both may come as 403 or 429. A 403 with neither
// header is another kind of refusal.
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
	// 31 bits are 68 years. So the multiplication below can't overflow.
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return now.Add(time.Duration(seconds) * time.Second), true
	}
	date, err := http.ParseTime(value)
	return date, err == nil
}

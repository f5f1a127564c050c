package shop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// attempts is how many times at most the shop calls a service that fails.
const attempts = 3

// A refusal is an answer of a service with an error status.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("answered %d %s: %s", r.status, http.StatusText(r.status), r.message)
}

// refused reports whether err is an answer with one of these statuses.
func refused(err error, statuses ...int) bool {
	var r *refusal
	return errors.As(err, &r) && slices.Contains(statuses, r.status)
}

// A request is a call of a service. It may be sent more than once: the services treat requests with the same key as
// one.
type request struct {
	method, url string
	key         string // the Idempotency-Key
	bearer      string // no Authorization header if empty
	body        any    // sent as JSON; no body if nil
}

// call sends a request, and decodes the answer into out unless out is nil. It tries again after a broken connection, a
// timeout, an answer that says to slow down, and an error in the service.
func call(ctx context.Context, cfg config, r request, out any) error {
	pause := cfg.pause
	for attempt := 1; ; attempt++ {
		err := try(ctx, cfg.timeout, r, out)
		if err == nil || !passing(err) || attempt == attempts || ctx.Err() != nil {
			return err
		}
		slog.Warn("trying again", "method", r.method, "url", r.url, "attempt", attempt, "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause *= 2
	}
}

// passing reports whether the next attempt may succeed.
func passing(err error) bool {
	var r *refusal
	return !errors.As(err, &r) || r.status >= 500 || r.status == http.StatusTooManyRequests
}

func try(ctx context.Context, timeout time.Duration, r request, out any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var body bytes.Buffer
	if r.body != nil {
		if err := json.NewEncoder(&body).Encode(r.body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, &body)
	if err != nil {
		return err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Idempotency-Key", r.key)
	if r.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+r.bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.url, err)
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %w", r.method, r.url, &refusal{resp.StatusCode, messageOf(answer)})
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not the JSON that it should be: %w", r.method, r.url, err)
	}
	return nil
}

// messageOf returns the message of a service's error, {"message": "..."}, or "" if there is none.
func messageOf(answer []byte) string {
	var e struct{ Message string }
	if json.Unmarshal(answer, &e) != nil || e.Message == "" {
		return "no message"
	}
	return e.Message[:min(len(e.Message), 200)]
}

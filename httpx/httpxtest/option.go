package httpxtest

import (
	"io"
	"log"
	"time"

	"github.com/scopetree/scope"
)

// An Option changes how [NewServer] or [Mock] makes a server.
type Option func(*config)

// AllowUnrouted leaves requests that have no route alone, which [Mock]
// otherwise refuses in the test's scope.
func AllowUnrouted() Option { return func(c *config) { c.allowUnrouted = true } }

// Patience is how long the end of the test waits for requests in flight before
// it fails. Without it that is five seconds.
func Patience(d time.Duration) Option { return func(c *config) { c.patience = d } }

type config struct {
	allowUnrouted bool
	patience      time.Duration
}

func configure(opts []Option) config {
	c := config{patience: 5 * time.Second}
	for _, o := range opts {
		o(&c)
	}
	return c
}

type scopeBinding = scope.Binding

// discard is for what net/http's server would log to standard error: what
// matters in it fails the test anyway.
var discard = log.New(io.Discard, "", 0)

package boundaries

import (
	"context"
	"sync"

	"github.com/scopetree/scope"
)

// A ClientWrong keeps for whom it was made.
type ClientWrong struct{ customer string }

// NewClientWrong reads the scope of whoever needs a client first.
func NewClientWrong() *ClientWrong { return &ClientWrong{customer: Customer.Get()} }

// Greet greets whom the client was made for.
func (c *ClientWrong) Greet() string { return "hello, " + c.customer }

// A Client keeps nothing of a scope, so that all can share one.
type Client struct{}

// Greet greets whom it is called for.
func (Client) Greet(ctx context.Context) string { return "hello, " + scope.Get(ctx, Customer) }

// Caches is a cache for each test, and one for all that is in no test.
var Caches = scope.NewResource(func() *sync.Map { return new(sync.Map) }, nil)

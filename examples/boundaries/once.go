package boundaries

import (
	"context"
	"sync"

	"github.com/scopetree/scope"
)

// A ClientWrong keeps the customer that it was made for.
type ClientWrong struct{ customer string }

// NewClientWrong reads the scope of the first caller that needs a client.
func NewClientWrong() *ClientWrong { return &ClientWrong{customer: Customer.Get()} }

// Greet greets the customer that the client was made for.
func (c *ClientWrong) Greet() string { return "hello, " + c.customer }

// A Client keeps nothing of a scope, so all callers can share one.
type Client struct{}

// Greet greets the customer that it is called for.
func (Client) Greet(ctx context.Context) string { return "hello, " + scope.Get(ctx, Customer) }

// Caches has a cache for each test, and one for all code outside tests.
var Caches = scope.NewResource(func() *sync.Map { return new(sync.Map) }, nil)

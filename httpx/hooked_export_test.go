package httpx

// LastingTickets is how many scopes without a lifetime have a ticket.
func LastingTickets() int {
	lasting.mu.Lock()
	defer lasting.mu.Unlock()
	return max(len(lasting.tickets), len(lasting.scopes))
}

// TicketOf and ScopeOf are what tells the proxy of a scope.
var (
	TicketOf = ticketOf
	ScopeOf  = scopeOf
)

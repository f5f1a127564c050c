package httpx

// TicketOf and ScopeOf are what tells the proxy of a scope.
var (
	TicketOf = ticketOf
	ScopeOf  = scopeOf
)

package httpx

// TicketOf and ScopeOf are the functions by which the proxy learns of a scope.
var (
	TicketOf = ticketOf
	ScopeOf  = scopeOf
)

//go:build !js

package carrier

// Live returns how many bindings of the gls carrier c are in force.
func Live(c Carrier) int64 { return c.(*glsCarrier).live.Load() }

// Torn returns how many goroutines the gls carrier c keeps the tags of itself.
func Stale(c Carrier) int64 { return c.(*glsCarrier).staleCount.Load() }

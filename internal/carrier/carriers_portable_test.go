//go:build !gc || scope_portable

package carrier_test

import "github.com/scopetree/scope/internal/carrier"

// carriers returns every carrier that this build has.
func carriers() []carrier.Carrier { return []carrier.Carrier{carrier.InUse()} }

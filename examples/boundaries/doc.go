// Package boundaries has the code of docs/boundaries.md. It shows code that
// reads another scope than one expects, and how to fix it. Names with Wrong in
// them mark the code to avoid. The package has a module of its own, so that
// nothing else depends on SQLite.
package boundaries

import "github.com/scopetree/scope"

// Customer is whom a request, a job or a test is for.
var Customer = scope.NewKey("customer", "nobody")

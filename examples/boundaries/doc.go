// Package boundaries has the code of docs/boundaries.md: what reads another
// scope than its reader expects, and the cure for each. What has Wrong in its
// name is there to be avoided. The package has a module of its own, so that
// nobody else has to have SQLite.
package boundaries

import "github.com/scopetree/scope"

// Customer is whom a request, a job or a test is for.
var Customer = scope.NewKey("customer", "nobody")

// Package scopecheck finds uses of package scope that compile and do not do
// what they seem to: a context that is made and dropped, a binding that is never
// taken back, a key that nobody can find again.
//
// Each check is an [analysis.Analyzer] of its own, and has a wrong and a right
// example in its Doc. [Analyzers] is all of them, for a driver: the command
// scopevet, golangci-lint through package plugin, or another.
//
// # What is matched
//
// Functions are known by the package that declares them, never by how they are
// written: renamed and dot imports, type arguments and parentheses change
// nothing. A check looks at one function at a time, and setenv also at what
// imported packages read. A key and a detach are followed through one variable,
// and no other value through any. Where it goes further, the check says nothing:
// a finding should be worth reading.
//
// # What is ignored
//
// A comment takes the findings of its line back, or those of the next line
// where it stands alone. If a statement begins on that line, it takes back those
// of the whole statement, but not those of statements inside. It must say why:
//
//	//scopevet:ignore the worker serves all tenants
package scopecheck

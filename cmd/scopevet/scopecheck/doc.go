// Package scopecheck finds uses of package scope that compile but do not do what they
// seem to: a context that is made and dropped, a binding that is never undone, a key that
// no other code can find.
//
// Each check is an [analysis.Analyzer]. Its Doc has a wrong and a right example.
// [Analyzers] returns the checks for a driver: the command scopevet, golangci-lint
// through package plugin, or another one.
//
// # What is matched
//
// A check recognizes a function by the package that declares it, and not by its spelling.
// So it sees through renamed and dot imports, type arguments and parentheses. A check
// looks at one function at a time. Only setenv also looks at the variables that imported
// packages read. A check follows a key or a detach through one variable, and other values
// through none. If a value goes further, the check reports nothing, because a finding
// should be worth reading.
//
// # What is ignored
//
// A comment ignores the findings of its line. A comment on a line of its own ignores the
// findings of the next line. If a statement begins on that line, the comment ignores the
// findings of the whole statement, but not of the statements inside it. The comment must
// give a reason:
//
//	//scopevet:ignore the worker serves all tenants
package scopecheck

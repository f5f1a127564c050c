// Package conformance is tests of package scope that need more than the root
// module's dependencies: golang.org/x/sync, and the parser of profiles of
// github.com/google/pprof. It has a module of its own so that nobody else has
// to have them.
package conformance

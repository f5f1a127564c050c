// Package conformance is tests of this module that need more than the root
// module's dependencies: errgroup and singleflight, pprof's parser of profiles,
// and what people stack above and below package httpx or read the environment
// with. It has a module of its own so that nobody else has
// to have them.
package conformance

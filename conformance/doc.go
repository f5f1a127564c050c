// Package conformance has tests of this module that need more than the root
// module's dependencies: errgroup and singleflight, pprof's parser of profiles,
// transports that people use above and below package httpx, and libraries that
// read the environment. It has a module of its own, so that nothing else
// depends on them.
package conformance

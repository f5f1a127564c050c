// Package temporal is tests of package temporalscope with a Temporal server, in
// this process and on loopback, with clients and workers as people have them.
//
// It has a module of its own so that nobody else has the server, which is large:
// a first build takes minutes.
package temporal

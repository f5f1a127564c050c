// Package temporal tests package temporalscope with a Temporal server, in this process
// and on loopback, and with the clients and workers that people use.
//
// It has a module of its own, so that nothing else depends on the server. The server is
// large: a first build takes minutes.
package temporal

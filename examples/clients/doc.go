// Package clients is tests that vendors' clients, unmodified, reach the fake of
// the test that calls them. They write docs/clients.md, which says which of them
// are reached by importing httpxtest, and which line hooks the others. It has a module of its
// own so that nobody else has to have its dependencies.
package clients

// Package clients tests that vendors' clients, unmodified, reach the fake of the test that
// calls them. The tests write docs/clients.md. That page says for which clients it is enough
// to import httpxtest, and which line hooks the others. The package has a module of its own,
// so that nothing else depends on these clients.
package clients

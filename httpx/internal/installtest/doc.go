// Package installtest has the tests of httpx.Install. Install changes the whole
// process, and the tests of package httpx call it too, so these tests need a process
// of their own.
package installtest

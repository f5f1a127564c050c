// Package installtest is the tests of httpx.Install. What it installs is
// the process's, and so is what httpx.Install does in the tests of httpx: they
// can't be one package.
package installtest

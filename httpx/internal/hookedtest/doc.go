// Package hookedtest is the tests of httpx.InstallHooked. What it installs is
// the process's, and so is what httpx.Install does in the tests of httpx: they
// can't be one package.
package hookedtest

// Package runners tests this module under test runners that people use in place
// of package testing's: Ginkgo, godog and testify's suites.
package runners

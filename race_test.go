//go:build race

package scope_test

// raceDetector says that allocations can't be counted.
const raceDetector = true

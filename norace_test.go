//go:build !race

package scope_test

const raceDetector = false

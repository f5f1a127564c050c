//go:build !race

package dbx_test

const raceEnabled = false

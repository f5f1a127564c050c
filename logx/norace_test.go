//go:build !race

package logx_test

const raceEnabled = false

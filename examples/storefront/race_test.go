//go:build race

package main_test

// most is how many percent of the serial time the parallel suite may take. The race detector makes SQLite the larger
// part of it, and that needs processors.
const most = 90

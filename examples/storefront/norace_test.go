//go:build !race

package main_test

// most is how many percent of the serial time the parallel suite may take, on a busy machine too.
const most = 50

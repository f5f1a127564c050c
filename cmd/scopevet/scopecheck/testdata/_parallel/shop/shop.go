package shop

import "os"

var timeout = 5

type store struct{ orders []string }

var shared = &store{}

func (s *store) add(o string) { s.orders = append(s.orders, o) }
func (s *store) len() int     { return len(s.orders) }

func configure() {
	os.Setenv("A", "b")
}

func even(n int) {
	if n > 0 {
		odd(n - 1)
	}
	timeout = n
}

func odd(n int) {
	if n > 0 {
		even(n - 1)
	}
}

module github.com/scopetree/scope

go 1.25.0

require github.com/jtolds/gls v4.20.0+incompatible

require (
	github.com/gopherjs/gopherjs v1.21.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	go.uber.org/goleak v1.3.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

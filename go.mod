module github.com/scopetree/scope

go 1.25.0

require (
	github.com/jtolds/gls v4.20.0+incompatible
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	golang.org/x/net v0.54.0
	pgregory.net/rapid v1.3.0
)

require (
	github.com/gopherjs/gopherjs v1.21.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.37.0 // indirect
)

module github.com/scopetree/scope/conformance

go 1.25.0

replace github.com/scopetree/scope => ../

require (
	github.com/google/pprof v0.0.0-20250820193118-f64d9cf942d6
	github.com/hashicorp/go-retryablehttp v0.7.8
	github.com/scopetree/scope v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	golang.org/x/sync v0.19.0
	gopkg.in/dnaeon/go-vcr.v4 v4.0.7
)

require (
	github.com/gopherjs/gopherjs v1.21.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/jtolds/gls v4.20.0+incompatible // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	go.yaml.in/yaml/v4 v4.0.0-rc.6 // indirect
)

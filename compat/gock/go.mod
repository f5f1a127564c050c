module github.com/scopetree/scope/compat/gock

go 1.25.0

replace github.com/scopetree/scope => ../..

require (
	github.com/h2non/gock v1.2.0
	github.com/scopetree/scope v0.1.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
)

require (
	github.com/gopherjs/gopherjs v1.21.0 // indirect
	github.com/h2non/parth v0.0.0-20190131123155-b4df798d6542 // indirect
	github.com/jtolds/gls v4.20.0+incompatible // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/net v0.54.0 // indirect
	golang.org/x/text v0.37.0 // indirect
)

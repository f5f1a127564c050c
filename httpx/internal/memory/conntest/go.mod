module github.com/scopetree/scope/httpx/internal/memory/conntest

go 1.25.0

replace github.com/scopetree/scope => ../../../../

require (
	github.com/scopetree/scope v0.1.0
	go.uber.org/goleak v1.3.0
)

require golang.org/x/net v0.54.0

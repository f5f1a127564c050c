package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/cmd/scopevet/internal/testmodule"
	"github.com/scopetree/scope/cmd/scopevet/scopecheck"
)

var program string // the file of scopevet, built for the tests

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "scopevet")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "scopevet.exe") // a name that works on every system
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// The module has a package that reads a variable, and the tests are in another
// package. Under go vet, another run of the program must tell setenv about the
// variable. The tests of package shop learn of it through package shop, which
// imports package pay.
var module = fstest.MapFS{
	"pay/pay.go": {Data: []byte(`package pay

import (
	"context"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

var Tenant = scope.NewKey("tenant", "")

func Address(ctx context.Context) string {
	scope.Set(ctx, Tenant, "acme")
	return env.Get(ctx, "PAY_URL")
}
`)},
	"pay/pay_test.go": {Data: []byte(`package pay_test

import (
	"testing"

	"example.com/tested/pay"
)

func TestAddress(t *testing.T) {
	t.Setenv("PAY_URL", "http://127.0.0.1:1")
	t.Log(pay.Address(t.Context()))
}
`)},
	"home/home.go": {Data: []byte(`package home

import "os"

func Dir() string { return os.Getenv("SHOP_HOME") }
`)},
	"cart/cart.go": {Data: []byte(`package cart

import "example.com/tested/home"

func File() string { return home.Dir() + "/cart" }
`)},
	"shop/shop.go": {Data: []byte(`package shop

import (
	"context"

	"example.com/tested/cart"
	"example.com/tested/pay"
	"github.com/scopetree/scope/env"
)

func Address(ctx context.Context) string {
	return pay.Address(ctx) + env.Get(ctx, "SHOP_HOME") + cart.File()
}
`)},
	"shop/shop_test.go": {Data: []byte(`package shop_test

import (
	"testing"

	"example.com/tested/shop"
)

func TestPay(t *testing.T) {
	t.Setenv("PAY_URL", "http://127.0.0.1:1")
	t.Log(shop.Address(t.Context()))
}

func TestHome(t *testing.T) {
	t.Setenv("SHOP_HOME", t.TempDir())
	t.Log(shop.Address(t.Context()))
}
`)},
}

const (
	foundInCode = "pay.go:13:2: the result of scope.Set is discarded"
	foundInTest = "pay_test.go:10:2: t.Setenv makes this test serial, and PAY_URL is read through package env"
	foundAbove  = "shop_test.go:10:2: t.Setenv makes this test serial, and PAY_URL is read through package env"
	readByOSToo = "SHOP_HOME"
)

func TestGoVetRunsTheChecks(t *testing.T) {
	t.Parallel()
	dir := testmodule.New(t, module)
	out, code := run(t, dir, "go", "vet", "-vettool="+program, "./...")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, foundInCode)
	assert.Contains(t, out, foundInTest)
	assert.Contains(t, out, foundAbove)
	assert.NotContains(t, out, readByOSToo)

	out, code = run(t, dir, "go", "vet", "-vettool="+program, "-discarded=false", "./...")
	assert.Equal(t, 1, code)
	assert.NotContains(t, out, foundInCode)
	assert.Contains(t, out, foundInTest)
}

func TestTheProgramFindsTheSameOnItsOwnAndFixesIt(t *testing.T) {
	t.Parallel()
	dir := testmodule.New(t, module)
	out, code := run(t, dir, program, "./...")
	assert.Equal(t, 3, code)
	assert.Contains(t, out, foundInCode)
	assert.Contains(t, out, foundInTest)
	assert.Contains(t, out, foundAbove)
	assert.NotContains(t, out, readByOSToo)

	out, code = run(t, dir, program, "-fix", "./...")
	require.Zero(t, code, out)
	out, code = run(t, dir, "go", "vet", "-vettool="+program, "./...") // this compiles it, too
	assert.Zero(t, code, out)
}

func TestParallelRunsOnlyIfItIsAskedFor(t *testing.T) {
	t.Parallel()
	dir := testmodule.New(t, module)
	const found = "TestAddress can't be parallel: it calls t.Setenv (pay_test.go:10)"
	for _, vettool := range []bool{false, true} {
		command := func(args ...string) (out string, code int) {
			if vettool {
				return run(t, dir, "go", append([]string{"vet", "-vettool=" + program}, args...)...)
			}
			return run(t, dir, program, args...)
		}
		out, _ := command("./...")
		assert.NotContains(t, out, "parallel: it")
		out, code := command("-parallel", "./...")
		assert.NotZero(t, code)
		assert.Contains(t, out, found)
		assert.NotContains(t, out, foundInCode, "a check that is named runs alone")
	}
}

func TestHelpListsTheChecks(t *testing.T) {
	t.Parallel()
	help, code := run(t, ".", program, "help")
	assert.Zero(t, code)
	none, code := run(t, ".", program)
	assert.Equal(t, 2, code)
	assert.Equal(t, help, none)
	for _, a := range append(scopecheck.Analyzers(), scopecheck.Parallel) {
		assert.Contains(t, help, "\t"+a.Name)
		one, code := run(t, ".", program, "help", a.Name)
		assert.Zero(t, code)
		assert.Contains(t, one, "Wrong:")
	}
}

// run runs a program in dir and returns what it printed and its exit code.
func run(t *testing.T, dir, name string, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=")
	var buf bytes.Buffer
	cmd.Stdout, cmd.Stderr = &buf, &buf
	err := cmd.Run()
	require.NotNil(t, cmd.ProcessState, "%s: %v", name, err)
	return buf.String(), cmd.ProcessState.ExitCode()
}

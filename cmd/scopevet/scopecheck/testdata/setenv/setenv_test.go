package setenv_test

import (
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"

	"example.com/tested/setenv"
)

func TestPort(t *testing.T) {
	t.Setenv("APP_PORT", "80") // want `t.Setenv makes this test serial, and APP_PORT is read through package env: use envtest.Setenv`
	t.Run("a subtest", func(t *testing.T) {
		t.Setenv("APP_"+"REGION", "eu") // want `APP_REGION`
	})
	t.Setenv("APP_DEBUG", "1")   // want `APP_DEBUG`
	t.Setenv("APP_ZONE", "1")    // want `APP_ZONE`
	t.Setenv("APP_RETRIES", "1") // want `APP_RETRIES`
	setenv.Address(t.Context())
}

func serve(tb testing.TB) {
	tb.Setenv("APP_PORT", "80") // want `APP_PORT`
}

func expression(t *testing.T) {
	(*testing.T).Setenv(t, "APP_PORT", "80") // want `APP_PORT`
}

type suite struct{ *testing.T }

func (s suite) embedded() {
	s.Setenv("APP_PORT", "80") // want `APP_PORT`
}

type byValue struct{ testing.T }

func embeddedByValue(v byValue) {
	v.Setenv("APP_PORT", "80") // want `APP_PORT`
}

func shadowed(t *testing.T) {
	envtest := 1
	t.Setenv("APP_PORT", "80") // want `APP_PORT`
	_ = envtest
}

func TestOfAnotherVariable(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("APP_PORT", "80")
}

func TestOfOneThatOSReadsToo(t *testing.T) { t.Setenv("APP_HOME", "/") }

func TestOfAnyName(t *testing.T) {
	for _, name := range []string{"APP_PORT"} {
		t.Setenv(name, "80")
	}
}

func TestInAFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("APP_PORT", "80")
}

var key = scope.NewKey("key", "")

func TestOfAGlobal(t *testing.T) {
	scopetest.SetGlobal(t, key, "x")
	t.Setenv("APP_PORT", "80")
}

func TestByValue(t *testing.T) {
	set := t.Setenv
	set("APP_PORT", "80")
}

func BenchmarkPort(b *testing.B) { b.Setenv("APP_PORT", "80") }

package setenv_test

import "testing"
import et "github.com/scopetree/scope/env/envtest"

func TestOfAFileThatImportsIt(t *testing.T) {
	et.Setenv(t, "APP_REGION", "eu")
	t.Setenv("APP_PORT", "80") // want `APP_PORT`
}

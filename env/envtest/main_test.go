package envtest_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

const (
	inherited = "ENVTEST_INHERITED" // the process has it, all the time that tests run
	absent    = "ENVTEST_ABSENT"    // and never this
)

func TestMain(m *testing.M) {
	os.Setenv(inherited, "process's")
	os.Unsetenv(absent)
	goleak.VerifyTestMain(m)
}

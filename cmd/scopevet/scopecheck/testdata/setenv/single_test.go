package setenv_test

import "testing"

func TestOfAFileWithOneImport(t *testing.T) {
	t.Setenv("APP_PORT", "80") // want `APP_PORT`
}

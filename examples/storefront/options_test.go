package main_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	main "github.com/scopetree/scope/examples/storefront"
)

func TestBadArgumentsExitWith2AndAreNamed(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-port 80":                         "flag provided but not defined: -port",
		"-addr":                            "flag needs an argument: -addr",
		"-addr=":                           `-addr "": want host:port, such as 127.0.0.1:8080`,
		"buoy":                             `unexpected argument "buoy"`,
		"-fakes=some":                      `invalid boolean value "some" for -fakes`,
		"-database=":                       `-database "": want a file, :memory: or a postgres:// URL`,
		"-database mysql://me:secret@db/x": "-database mysql://…: want a file, :memory: or a postgres:// URL",
		"-database shop.db?mode=ro":        `-database "shop.db?mode=ro": want a file name without a question mark`,
		"-database postgres://me:secret@%": "-database postgres://…: not a URL",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 2, main.Run(t.Context(), strings.Fields(args), &stdout, &stderr))
			assert.Empty(t, stdout.String())
			assert.Contains(t, stderr.String(), "storefront: "+want)
			assert.Contains(t, stderr.String(), "Run with -h for help.")
			assert.NotContains(t, stderr.String(), "secret")
		})
	}
}

func TestHelpExitsWith0(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-h", "--help"} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 0, main.Run(t.Context(), []string{flag}, &stdout, &stderr))
		assert.Empty(t, stderr.String())
		for _, want := range []string{"go run .", "-addr host:port", "-database file", "-fakes", "PAYMENTS_URL", "FREE_SHIPPING_FROM"} {
			assert.Contains(t, stdout.String(), want)
		}
	}
}

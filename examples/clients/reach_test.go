package clients

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
)

// A reach says which clients an installation reaches, of those that are made in
// one way.
type reach string

const (
	all   reach = "yes"
	later reach = "if made after it"
	none  reach = "no"
)

// early are clients that were made before the installation, as those in
// package-level variables are, by name.
var early = make(map[string]struct{ usual, hooked ask })

func makeEarly() {
	for _, c := range clients {
		early[c.name] = struct{ usual, hooked ask }{c.usual(), c.hooked()}
	}
}

func TestInstallReachesWhatDoesNotEscape(t *testing.T) {
	t.Parallel()
	for _, c := range clients {
		assert.Equal(t, c.escapes, observe(t, c) == none, c.name)
	}
}

// observe sees how far this process's installation reaches, and that the hook
// works with it.
func observe(t *testing.T, c client) reach {
	var before, after bool
	t.Run(c.name, func(t *testing.T) {
		t.Run("made before", func(t *testing.T) { before = reached(t, c, early[c.name].usual) })
		t.Run("made after", func(t *testing.T) { after = reached(t, c, c.usual()) })
		t.Run("hooked", func(t *testing.T) { assert.True(t, reached(t, c, early[c.name].hooked)) })
	})
	switch {
	case before && after:
		return all
	case after:
		return later
	}
	require.False(t, before, "%s: reached only if made before the installation", c.name)
	return none
}

// reached says whether a client asks the test's fake. The other way is the exit.
func reached(t *testing.T, c client, ask ask) bool {
	fake := httpxtest.Mock(t, c.host)
	fake.Stub(c.pattern).Reply(c.reply("answer"))
	got, err := ask(contextOf(t))
	if err != nil {
		require.ErrorContains(t, err, escaped)
		require.Empty(t, fake.Requests())
		return false
	}
	require.Equal(t, "answer", got)
	require.Len(t, fake.Requests(), 1)
	return true
}

package clients

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
)

// early has the clients by name, made before any test, like clients in package-level
// variables.
var early = make(map[string]struct{ usual, hooked ask })

func makeEarly() {
	for _, c := range clients {
		early[c.name] = struct{ usual, hooked ask }{c.usual(), c.hooked()}
	}
}

func TestTheImportReachesWhatDoesNotEscape(t *testing.T) {
	t.Parallel()
	for _, c := range clients {
		assert.Equal(t, !c.escapes, observe(t, c), c.name)
	}
}

// observe reports whether the import alone is enough to reach a client. It also tests
// that this does not depend on when the client was made, and that the hook works.
func observe(t *testing.T, c client) (yes bool) {
	t.Run(c.name, func(t *testing.T) {
		t.Run("made before", func(t *testing.T) { yes = reached(t, c, early[c.name].usual) })
		t.Run("made in the test", func(t *testing.T) { assert.Equal(t, yes, reached(t, c, c.usual())) })
		t.Run("hooked", func(t *testing.T) { assert.True(t, reached(t, c, early[c.name].hooked)) })
	})
	return yes
}

// reached reports whether a client reaches the test's fake. If not, the guard must have
// refused the request.
func reached(t *testing.T, c client, ask ask) bool {
	fake := httpxtest.Mock(t, c.host)
	fake.Stub(c.pattern).Reply(c.reply("answer"))
	got, err := ask(contextOf(t))
	if err != nil {
		require.ErrorContains(t, err, "httpxtest refused "+c.host)
		require.ErrorContains(t, err, "httpx.Wrap")
		require.Empty(t, fake.Requests())
		return false
	}
	require.Equal(t, "answer", got)
	require.Len(t, fake.Requests(), 1)
	return true
}

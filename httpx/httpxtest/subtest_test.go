package httpxtest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestSubtestSharesItsParentsServer(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	for _, login := range []string{"octocat", "zoe", "newcomer"} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			gh.Expect("GET /users/" + login).Reply(httpxtest.Text(200, login))
			assert.Equal(t, reply{200, login}, get(t, "https://api.github.com/users/"+login))
		})
	}
}

func TestSubtestsMockShadowsItsParents(t *testing.T) {
	t.Parallel()
	parents := httpxtest.Mock(t, "api.github.com")
	parents.Expect("GET /").Times(2).Reply(httpxtest.Text(200, "the parent's"))
	assert.Equal(t, "the parent's", get(t, "https://api.github.com").body)

	t.Run("child", func(t *testing.T) {
		own := httpxtest.Mock(t, "api.github.com")
		own.Expect("GET /").Reply(httpxtest.Text(200, "its own"))
		assert.Equal(t, "its own", get(t, "https://api.github.com").body)
	})

	assert.Equal(t, "the parent's", get(t, "https://api.github.com").body)
}

func TestSubtestKeepsItsParentsOtherRoutes(t *testing.T) {
	t.Parallel()
	uploads := httpxtest.Mock(t, "uploads.github.com")
	uploads.Stub("GET /").Reply(httpxtest.Text(200, "uploads"))
	t.Run("child", func(t *testing.T) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /").Reply(httpxtest.Text(200, "api"))
		assert.Equal(t, "api", get(t, "https://api.github.com").body)
		assert.Equal(t, "uploads", get(t, "https://uploads.github.com").body)
	})
}

// What a subtest declares on its parent's server is checked when the parent ends: a later subtest may still meet it.
func TestParentFailsForWhatASubtestDeclared(t *testing.T) {
	t.Parallel()
	var child *fakeTB
	parent := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		child = rehearse(func(testing.TB) { gh.Expect("GET /users/octocat") })
	})
	assert.False(t, child.Failed())
	assert.True(t, parent.Failed())
	assert.Contains(t, parent.text(), "#1 GET /users/octocat  expected once, got 0")
}

func TestSubtestFailsForItsOwnServer(t *testing.T) {
	t.Parallel()
	var child *fakeTB
	parent := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com")
		child = rehearse(func(t testing.TB) { httpxtest.Mock(t, "api.github.com").Expect("GET /users/octocat") })
	})
	assert.True(t, child.Failed())
	assert.False(t, parent.Failed())
}

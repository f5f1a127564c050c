package httpxtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestRequestsAreThoseAnsweredInTheirOrder(t *testing.T) {
	t.Parallel()
	before := time.Now()
	var journal []httpxtest.Request
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")
		gh.Stub("POST /user/repos").JSONBody(`{}`)
		assert.Empty(t, gh.Requests())
		req, err := http.NewRequestWithContext(scopetest.Context(t), "GET", api+"/users/octo%2Fcat?page=2", nil)
		assert.NoError(t, err)
		req.Header.Set("X-Api-Key", "k")
		_, err = do(req)
		assert.NoError(t, err)
		send(t, "POST", api+"/user/repos", "{ }")
		send(t, "DELETE", api+"/user", "")
		journal = gh.Requests()
	})
	assert.Contains(t, f.text(), "DELETE /user")
	require.Len(t, journal, 3)
	assert.Equal(t, "GET", journal[0].Method)
	assert.Equal(t, "/users/octo%2Fcat?page=2", journal[0].URL.String())
	assert.Equal(t, "api.github.com", journal[0].Host)
	assert.Equal(t, "k", journal[0].Header.Get("X-Api-Key"))
	assert.Equal(t, "#1 GET /users/{login}", journal[0].Route)
	assert.Equal(t, "{ }", string(journal[1].Body))
	assert.Equal(t, "#2 POST /user/repos", journal[1].Route)
	assert.Equal(t, "DELETE", journal[2].Method)
	assert.Empty(t, journal[2].Route, "nobody took it")
	for i, r := range journal {
		assert.False(t, r.Time.Before(before), "request %d", i)
		before = r.Time
	}
}

func TestRequestIsThereWhenItsAnswerIs(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("POST /").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, gh.Requests(), "it is not answered yet")
		_, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
	})
	send(t, "POST", api, "body")
	require.Len(t, gh.Requests(), 1)
	assert.Equal(t, "body", string(gh.Requests()[0].Body))
}

func TestWaitReturnsWhenSoManyAreAnswered(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("POST /events")
	ctx := scopetest.Context(t)
	require.NoError(t, gh.Wait(ctx, 0))
	for range 3 {
		go func() { _, _ = try(ctx, "POST", api+"/events", "") }() // nobody waits for it
	}
	require.NoError(t, gh.Wait(ctx, 3))
	assert.Len(t, gh.Requests(), 3)
	require.NoError(t, gh.Wait(ctx, 2), "more than enough")
}

func TestWaitReturnsTheCauseWhenItsContextIsDone(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("POST /events")
	send(t, "POST", api+"/events", "")

	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(scopetest.Context(t))
	waiting := make(chan error)
	go func() { waiting <- gh.Wait(ctx, 2) }()
	cancel(cause)
	require.ErrorIs(t, <-waiting, cause)
	require.ErrorIs(t, gh.Wait(ctx, 2), cause)
	assert.NoError(t, gh.Wait(ctx, 1), "what has come needs no waiting")
}

const mib = 1 << 20

func TestLargeBodyIsWholeForTheReplyAndCutInTheJournal(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", mib) + "tail"
	for name, match := range map[string]func(*httpxtest.Expectation){
		"read by the reply": func(*httpxtest.Expectation) {},
		"read to match": func(e *httpxtest.Expectation) {
			e.Match(func(*http.Request) error { return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			e := gh.Expect("PUT /blob").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
				got, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				assert.True(t, string(got) == body, "read %d bytes", len(got))
			})
			match(e)
			send(t, "PUT", api+"/blob", body)
			kept := gh.Requests()[0].Body
			assert.True(t, string(kept) == body[:mib], "kept %d bytes", len(kept))
		})
	}
}

// A check sees what the reply would: no less of the body than there is.
func TestMatchSeesAllOfALargeBody(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", mib) + "tail"
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("PUT /blob").Match(func(r *http.Request) error {
		got, err := io.ReadAll(r.Body)
		if err == nil && string(got) != body {
			err = errors.New("the body is cut")
		}
		return err
	})
	assert.Equal(t, http.StatusOK, send(t, "PUT", api+"/blob", body).status)
}

func TestJournalKeepsWhatWasReadOfABody(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("PUT /half").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadFull(r.Body, make([]byte, 4))
		assert.NoError(t, err)
	})
	gh.Expect("PUT /unread").ReplyFunc(func(http.ResponseWriter, *http.Request) {})
	send(t, "PUT", api+"/half", "readunread")
	send(t, "PUT", api+"/unread", "unread")
	assert.Equal(t, "read", string(gh.Requests()[0].Body))
	assert.Empty(t, gh.Requests()[1].Body)
}

func TestRequestSaysWhichLineOfTheTestSentIt(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		var header http.Header
		s.Stub("/").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) { header = r.Header })

		resp, err := s.Client().Do(request(t, t.Context(), s))
		require.NoError(t, err)
		resp.Body.Close()

		list := s.Requests()
		require.Len(t, list, 1)
		assert.Regexp(t, `^journal_test\.go:\d+$`, list[0].From)
		assert.Empty(t, list[0].Header["Httpxtest-Origin"])
		assert.Empty(t, header["Httpxtest-Origin"], "what a reply sees")
	})
}

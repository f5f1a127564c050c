package sharedapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// The app asks GitHub for a webhook. GitHub calls it at once, and the app asks
// GitHub who the sender of the call is. All of this happens between one shared
// app and the fake of one test.
func TestWebhookJoinsTheTestThatOwnsTheFake(t *testing.T) {
	t.Parallel()
	for n := range 20 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("Octocat of test %02d", n)
			gh := httpxtest.Mock(t, "api.github.com")
			token := httpx.Token(scopetest.Context(t))
			thanks := make(chan string, 1)
			gh.Expect("POST /repos/octocat/tide/hooks").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
				thanks <- ping(t, r, token)
				w.WriteHeader(http.StatusCreated)
			})
			gh.Expect("GET /users/octocat").Reply(httpxtest.JSON(200, map[string]string{"login": "octocat", "name": name}))

			req, err := http.NewRequest(http.MethodPost, app.URL+"/watch?repo=octocat/tide", nil)
			require.NoError(t, err)
			req.Header.Set("Scope-Token", token)
			status, body := send(t, app.Client(), req)

			assert.Equal(t, http.StatusCreated, status, body)
			assert.Equal(t, "Thank you, "+name+".", <-thanks)
		})
	}
}

// ping calls the webhook that r asks for, as octocat, and returns the answer.
func ping(t *testing.T, r *http.Request, token string) string {
	var hook struct{ Config struct{ URL string } }
	if !assert.NoError(t, json.NewDecoder(r.Body).Decode(&hook)) {
		return ""
	}
	call, err := http.NewRequest(http.MethodPost, hook.Config.URL, strings.NewReader(`{"sender": {"login": "octocat"}}`))
	if !assert.NoError(t, err) {
		return ""
	}
	call.Header.Set("X-GitHub-Event", "ping")
	call.Header.Set("Scope-Token", token)
	status, answer := send(t, app.Client(), call)
	assert.Equal(t, http.StatusOK, status)
	return answer
}

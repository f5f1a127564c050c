package httpxtest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// In these examples rehearse calls a function as package testing calls a test, keeps what it prints, and says whether
// it fails. The functions send their requests with http.DefaultClient.

// A fake GitHub for one test: declared in two lines, verified at the end.
func ExampleMock() {
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").Reply(httpxtest.JSON(200, map[string]string{"name": "The Octocat"}))

		fmt.Print(get(t, "https://api.github.com/users/octocat").body)
	})
	fmt.Println("failed:", f.Failed())
	// Output:
	// {"name":"The Octocat"}
	// failed: false
}

// A request that the test does not expect fails the test, and says what it is like.
func ExampleMock_unexpected() {
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")

		r := send(t, "DELETE", "https://api.github.com/users/octocat", "")
		fmt.Println("status", r.status)
	})
	fmt.Println("failed:", f.Failed())
	// Output:
	// status 501
	// failed: true
}

// Expectations of one pattern are answered in the order in which they were declared. A stub answers what is left.
func ExampleServer_Expect() {
	rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /emojis").Reply(httpxtest.Text(503, "busy"))
		gh.Expect("GET /emojis").Reply(httpxtest.Text(502, "gone"))
		gh.Stub("GET /emojis").Reply(httpxtest.Text(200, "✓"))

		for range 4 {
			r := get(t, "https://api.github.com/emojis")
			fmt.Println(r.status, r.body)
		}
	})
	// Output:
	// 503 busy
	// 502 gone
	// 200 ✓
	// 200 ✓
}

// Never forbids what a stub would answer.
func ExampleServer_Never() {
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("/")
		gh.Never("DELETE /users/{login}")

		fmt.Println(send(t, "PATCH", "https://api.github.com/users/octocat", "{}").status)
		fmt.Println(send(t, "DELETE", "https://api.github.com/users/octocat", "").status)
	})
	fmt.Println("failed:", f.Failed())
	// Output:
	// 200
	// 501
	// failed: true
}

// A log-in must come before what needs it.
func ExampleExpectation_After() {
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		login := gh.Expect("POST /login")
		gh.Expect("GET /user").After(login)

		send(t, "POST", "https://api.github.com/login", "")
		get(t, "https://api.github.com/user")
	})
	fmt.Println("failed:", f.Failed())
	// Output: failed: false
}

// JSON is compared by its meaning.
func ExampleExpectation_JSONBody() {
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("POST /user/repos").JSONBody(`{"name": "tide", "private": true}`).Reply(httpxtest.Status(201))

		fmt.Println(send(t, "POST", "https://api.github.com/user/repos", `{"private":true,"name":"tide"}`).status)
	})
	fmt.Println("failed:", f.Failed())
	// Output:
	// 201
	// failed: false
}

// Match takes any condition; its error stands in the report.
func ExampleExpectation_Match() {
	rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("POST /hook").Match(func(r *http.Request) error {
			if r.Header.Get("X-Hub-Signature-256") == "" {
				return errors.New("it is not signed")
			}
			return nil
		})

		fmt.Println(send(t, "POST", "https://api.github.com/hook", "{}").status)
	})
	// Output: 501
}

// Wait is for code that nobody waits for otherwise.
func ExampleServer_Wait() {
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /events").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
		})
		ctx := scopetest.Context(t)

		go try(ctx, "POST", "https://api.github.com/events", "started")

		if err := gh.Wait(ctx, 1); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s\n", gh.Requests()[0].Body)
	})
	fmt.Println("failed:", f.Failed())
	// Output:
	// started
	// failed: false
}

// A server without a route, for code that is told its address.
func ExampleNewServer() {
	f := rehearse(func(t testing.TB) {
		s := httpxtest.NewServer(t)
		s.Expect("GET /health").Reply(httpxtest.Status(204))

		resp, err := s.Client().Get(s.URL + "/health")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		fmt.Println(resp.Status)
	})
	fmt.Println("failed:", f.Failed())
	// Output:
	// 204 No Content
	// failed: false
}

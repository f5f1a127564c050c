package httpxtest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// returns is a RoundTrip reply that returns a response.
func returns(resp func() *http.Response) http.Handler {
	return httpxtest.RoundTrip(func(*http.Request) (*http.Response, error) { return resp(), nil })
}

func body(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

func TestRoundTripSendsTheResponse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		resp   func() *http.Response
		body   string
		length int64
	}{
		"no body":         {"GET", func() *http.Response { return &http.Response{StatusCode: 201} }, "", 0},
		"no header":       {"GET", func() *http.Response { return &http.Response{StatusCode: 200, Body: body("hello")} }, "hello", 5},
		"with a length":   {"GET", func() *http.Response { return &http.Response{StatusCode: 200, Body: body("hello"), ContentLength: 5} }, "hello", 5},
		"unknown length":  {"GET", func() *http.Response { return &http.Response{StatusCode: 200, Body: body("hello"), ContentLength: -1} }, "hello", 5},
		"204 with a body": {"GET", func() *http.Response { return &http.Response{StatusCode: 204, Body: body("hello")} }, "", 0},
		"304 with a body": {"GET", func() *http.Response { return &http.Response{StatusCode: 304, Body: body("hello")} }, "", 0},
		"HEAD with a body": {"HEAD", func() *http.Response {
			return &http.Response{StatusCode: 200, Body: body("hello"), ContentLength: 5}
		}, "", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s *httpxtest.Server) {
				s.Expect("/").Reply(returns(c.resp))
				req := request(t, t.Context(), s)
				req.Method = c.method
				resp, err := s.Client().Do(req)
				require.NoError(t, err)
				assert.Equal(t, c.resp().StatusCode, resp.StatusCode)
				assert.Equal(t, c.length, max(resp.ContentLength, 0))
				assert.Equal(t, c.body, text(t, resp, nil))
			})
		})
	}
}

func TestRoundTripSendsTrailers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Expect("/").Reply(returns(func() *http.Response {
			return &http.Response{StatusCode: 200, Body: body("hello"), ContentLength: 5, Trailer: http.Header{"Grpc-Status": {"0"}}}
		}))
		resp, err := s.Client().Do(request(t, t.Context(), s))
		assert.Equal(t, "hello", text(t, resp, err))
		assert.Equal(t, http.Header{"Grpc-Status": {"0"}}, resp.Trailer)
	})
}

// The client must see the part that came, and then an error.
func TestRoundTripBreaksOffWhereTheBodyDoes(t *testing.T) {
	t.Parallel()
	for name, resp := range map[string]func() *http.Response{
		"error": func() *http.Response {
			broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("broken")))
			return &http.Response{StatusCode: 200, Body: io.NopCloser(broken)}
		},
		"short": func() *http.Response { return &http.Response{StatusCode: 200, Body: body("half"), ContentLength: 8} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s *httpxtest.Server) {
				s.Expect("/ok")
				s.Expect("/").Reply(returns(resp))
				ok, err := s.Client().Get(s.URL + "/ok") // so that the connection is used
				text(t, ok, err)
				got, err := s.Client().Do(request(t, t.Context(), s))
				require.NoError(t, err)
				defer got.Body.Close()
				part, err := io.ReadAll(got.Body)
				assert.Error(t, err)
				assert.Equal(t, "half", string(part))
			})
		})
	}
}

func TestRoundTripThatCantBeSentNamesItsExpectation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		resp *http.Response
		why  string
	}{
		"nothing":   {nil, "the function returned no response and no error"},
		"no status": {&http.Response{}, "the function returned a response with StatusCode 0: want 200 to 999"},
		"long": {&http.Response{StatusCode: 200, ContentLength: 3, Body: body("hello")},
			"the function returned a response with more body than its Content-Length of 3"},
	} {
		for kind, opts := range kinds {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				c := c
				if c.resp != nil && c.resp.Body != nil {
					own := *c.resp
					own.Body = body("hello")
					c.resp = &own
				}
				f := rehearse(func(t testing.TB) {
					s := httpxtest.Mock(t, "api.test", opts...)
					s.Expect("GET /user").Reply(returns(func() *http.Response { return c.resp }))
					_, _ = try(scopetest.Context(t), "GET", s.URL+"/user", "")
				})
				assert.True(t, f.Failed())
				assert.Regexp(t, `the reply of #1 GET /user \(roundtrip_test\.go:\d+\) for GET /user panicked: httpxtest: RoundTrip: `, f.text())
				assert.Contains(t, f.text(), c.why)
				assert.NotContains(t, f.text(), "did not receive")
			})
		}
	}
}

func TestStatusThatIsNoneFailsWhereItIsDeclared(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(){
		"Status(0)":     func() { httpxtest.Status(0) },
		"Status(1000)":  func() { httpxtest.Status(1000) },
		"JSON(99)":      func() { httpxtest.JSON(99, nil) },
		"Text(-1)":      func() { httpxtest.Text(-1, "") },
		"Redirect(0)":   func() { httpxtest.Redirect(0, "/") },
		"Chunked(0)":    func() { httpxtest.Chunked(0) },
		"WithStatus(0)": func() { httpxtest.WithStatus(0, httpxtest.Status(200)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				assert.Regexp(t, `^httpxtest: \w+ at roundtrip_test\.go:\d+: status -?\d+: want [12]00 to 999$`, recover())
			}()
			declare()
		})
	}
}

// A status that allows no body leaves the connection whole, also around replies that write one.
func TestWithStatusAroundRepliesThatHaveABody(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]http.Handler{
		"File":     httpxtest.File("testdata/panic.golden"),
		"JSON":     httpxtest.JSON(200, map[string]int{"id": 1}),
		"Redirect": httpxtest.Redirect(302, "/next"),
		"Chunked":  httpxtest.Chunked(200, "one", "two"),
		"SSE":      httpxtest.SSE(httpxtest.Event{Data: "one"}),
	} {
		for _, method := range []string{"GET", "HEAD"} {
			for _, status := range []int{201, 204, 304} {
				t.Run(name+" "+method+" "+http.StatusText(status), func(t *testing.T) {
					t.Parallel()
					onEach(t, func(t *testing.T, s *httpxtest.Server) {
						s.Expect("/").Times(2).Reply(httpxtest.WithStatus(status, reply))
						for range 2 {
							req := request(t, t.Context(), s)
							req.Method = method
							resp, err := s.Client().Do(req)
							got := text(t, resp, err)
							assert.Equal(t, status, resp.StatusCode)
							if method == "HEAD" || status >= 204 {
								assert.Empty(t, got)
							}
						}
					})
				})
			}
		}
	}
}

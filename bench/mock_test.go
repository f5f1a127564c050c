package bench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scopetree/scope/bench"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// A shortTest is a testing.TB that has cleanups, and little else.
type shortTest struct {
	testing.TB // nil, so a call of any other method panics

	ctx      context.Context
	failed   string
	cleanups []func()
}

func (*shortTest) Name() string               { return "TestShort" }
func (*shortTest) Helper()                    {}
func (s *shortTest) Context() context.Context { return s.ctx }
func (s *shortTest) Failed() bool             { return s.failed != "" }
func (s *shortTest) Cleanup(f func())         { s.cleanups = append(s.cleanups, f) }
func (s *shortTest) Log(args ...any)          {}
func (s *shortTest) Error(args ...any)        { s.failed += fmt.Sprintln(args...) }
func (s *shortTest) Errorf(format string, args ...any) {
	s.Error(fmt.Sprintf(format, args...))
}

// runShort runs a test on a goroutine of its own, as package testing does.
func runShort(test func(t testing.TB)) {
	ctx, cancel := context.WithCancel(context.Background())
	t := &shortTest{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(t)
		cancel()
		for i := len(t.cleanups) - 1; i >= 0; i-- {
			t.cleanups[i]()
		}
	}()
	<-done
	if t.failed != "" {
		panic(t.failed)
	}
}

func fetchWith(ctx context.Context, client *http.Client, url string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
}

// tests returns a row of whole tests with one request each. Some have a fake, whose one
// expectation is verified, and some have a plain server.
func tests() bench.Row {
	fake := func(name string, expectations int, opts ...httpxtest.Option) bench.Peer {
		return bench.Peer{Name: name, Loop: func(n int) {
			for range n {
				runShort(func(t testing.TB) {
					github := httpxtest.Mock(t, "api.github.com", opts...)
					for i := range expectations - 1 {
						github.Stub(fmt.Sprint("GET /other/", i))
					}
					github.Expect("GET /users/{login}").Reply(httpxtest.Text(200, "octocat"))
					fetchWith(scopetest.Context(t), http.DefaultClient, "https://api.github.com/users/octocat")
				})
			}
		}}
	}
	plain := func(name string, start func(http.Handler) *httptest.Server) bench.Peer {
		return bench.Peer{Name: name, Loop: func(n int) {
			for range n {
				runShort(func(t testing.TB) {
					server := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "octocat") }))
					t.Cleanup(server.Close)
					fetchWith(t.Context(), server.Client(), server.URL)
				})
			}
		}}
	}
	return bench.Row{Name: "Test", Peers: []bench.Peer{
		plain("httptest", httptest.NewServer),
		plain("httptest_TLS", httptest.NewTLSServer),
		fake("Mock", 1),
		fake("Mock_in_memory", 1, httpxtest.InMemory()),
		fake("Mock_TLS", 1, httpxtest.TLS()),
		fake("Mock_of_10", 10, httpxtest.InMemory()),
		fake("Mock_of_100", 100, httpxtest.InMemory()),
		fake("Mock_of_1000", 1000, httpxtest.InMemory()),
	}}
}

func BenchmarkTest(b *testing.B) {
	for _, p := range tests().Peers {
		b.Run(p.Name, func(b *testing.B) {
			b.ReportAllocs()
			p.Loop(b.N)
		})
	}
}

// TestTestRatios prints its ratios, as TestRatios does.
func TestTestRatios(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("times nothing under the race detector")
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := tests()
	printRatios(out,
		target{"a test with a Mock", row, "Mock", "httptest", 1.2},
		target{"a test with a Mock, in memory", row, "Mock_in_memory", "httptest", 0.4},
		target{"a test with a Mock, TLS", row, "Mock_TLS", "httptest_TLS", 1.2},
		target{"10 expectations against 1", row, "Mock_of_10", "Mock_in_memory", 10},
		target{"100 expectations against 1", row, "Mock_of_100", "Mock_in_memory", 100},
		target{"1,000 expectations against 100", row, "Mock_of_1000", "Mock_of_100", 10},
	)
	out.Flush()
}

// Ten thousand tests run in one process. The last thousand must not take longer than the
// first, because an ended test leaves nothing behind.
func TestTenThousandTests(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("times nothing under the race detector")
	}
	loop := tests().Peers[3].Loop
	for i := range 10 {
		began := time.Now()
		loop(1000)
		t.Logf("tests %d to %d: %v each", i*1000, (i+1)*1000, time.Since(began)/1000)
	}
}

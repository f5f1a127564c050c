package bench_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

var (
	suite  = flag.Bool("suite", false, "run the suite of 400 tests that each wait 50 ms for their own server; see -parallel")
	memory = flag.Bool("memory", false, "with -suite: servers in memory, not on sockets")
)

func TestMain(m *testing.M) {
	uninstall := httpx.Install()
	code := m.Run()
	uninstall()
	os.Exit(code)
}

// TestSuite is what a team's tests look like. Each test has a fake of its own behind the
// same address, and the fake takes its time to answer. TestSuite prints how long the
// tests took.
func TestSuite(t *testing.T) {
	const tests, latency = 400, 50 * time.Millisecond
	if !*suite {
		t.Skip("20 s one after another; run it with -suite and -parallel")
	}
	var options []httpxtest.Option
	if *memory {
		options = append(options, httpxtest.InMemory())
	}
	began := time.Now()
	t.Run("tests", func(t *testing.T) {
		for i := range tests {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				want := fmt.Sprint("user ", i)
				api := httpxtest.Mock(t, "api.example.com", options...)
				api.Expect("GET /user").Reply(httpxtest.Delay(latency, httpxtest.Text(200, want)))
				resp, err := http.Get("https://api.example.com/user")
				require.NoError(t, err)
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Equal(t, want, string(got))
			})
		}
	})
	fmt.Printf("suite: %d tests in %d ms\n", tests, time.Since(began).Milliseconds())
}

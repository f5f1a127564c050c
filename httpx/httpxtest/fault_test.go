package httpxtest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// kinds are the servers that must behave alike.
var kinds = map[string][]httpxtest.Option{
	"socket":    nil,
	"IPv6":      {httpxtest.IPv6()},
	"TLS":       {httpxtest.TLS()},
	"TLS HTTP2": {httpxtest.TLS(), httpxtest.HTTP2()},
	"HTTP2":     {httpxtest.HTTP2()},
	"in memory": {httpxtest.InMemory()},

	"TLS, in memory":       {httpxtest.InMemory(), httpxtest.TLS()},
	"TLS HTTP2, in memory": {httpxtest.InMemory(), httpxtest.TLS(), httpxtest.HTTP2()},
	"HTTP2, in memory":     {httpxtest.InMemory(), httpxtest.HTTP2()},
}

// onEach runs f as a subtest for each kind of server.
func onEach(t *testing.T, f func(t *testing.T, s *httpxtest.Server)) {
	t.Helper()
	for name, opts := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, httpxtest.NewServer(t, opts...))
		})
	}
}

// ways are the ways to send a request to a server.
func ways(s *httpxtest.Server) map[string]func(*http.Request) (*http.Response, error) {
	return map[string]func(*http.Request) (*http.Response, error){
		"http.Client":       s.Client().Do,
		"http.RoundTripper": s.Transport().RoundTrip,
	}
}

func request(t *testing.T, ctx context.Context, s *httpxtest.Server) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/", nil)
	require.NoError(t, err)
	return req
}

func TestFaultsBeforeTheHeader(t *testing.T) {
	t.Parallel()
	faults := map[string]struct {
		reply http.Handler
		want  func(error) bool
	}{
		"Reset":     {httpxtest.Reset(), func(err error) bool { return errors.Is(err, syscall.ECONNRESET) || isStream(err) }},
		"EOF":       {httpxtest.EOF(), func(err error) bool { return errors.Is(err, io.EOF) || isStream(err) }},
		"Malformed": {httpxtest.Malformed("HTTP/9.9 what"), func(err error) bool { return err != nil }},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s *httpxtest.Server) {
				s.Stub("/").Reply(fault.reply) // a transport may try again
				for way, send := range ways(s) {
					resp, err := send(request(t, t.Context(), s))
					require.Error(t, err, way)
					assert.Nil(t, resp, way)
					assert.True(t, fault.want(err), "%s: %v", way, err)
				}
			})
		})
	}
}

func TestFaultsInTheBody(t *testing.T) {
	t.Parallel()
	whole := httpxtest.Text(200, "hello, world")
	faults := map[string]struct {
		reply http.Handler
		sent  string
		want  error
	}{
		"ResetAfter": {httpxtest.ResetAfter(5, whole), "hello", syscall.ECONNRESET},
		"EOFAfter":   {httpxtest.EOFAfter(5, whole), "hello", io.ErrUnexpectedEOF},
		"Truncated":  {httpxtest.Truncated(100, "hello"), "hello", io.ErrUnexpectedEOF},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s *httpxtest.Server) {
				s.Stub("/").Reply(fault.reply)
				for way, send := range ways(s) {
					resp, err := send(request(t, t.Context(), s))
					require.NoError(t, err, way)
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					assert.True(t, errors.Is(err, fault.want) || isStream(err), "%s: %v", way, err)
					if !errors.Is(err, syscall.ECONNRESET) { // a reset may overtake the bytes before it
						assert.Equal(t, fault.sent, string(body), way)
					}
				}
			})
		})
	}
}

func TestStallLastsUntilTheClientGivesUp(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		for way, send := range ways(s) {
			ctx, cancel := context.WithCancel(t.Context())
			s.Expect("/").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
				cancel()
				httpxtest.Stall().ServeHTTP(w, r)
			})

			_, err := send(request(t, ctx, s))

			assert.ErrorIs(t, err, context.Canceled, way)
		}
	})
}

func TestStallInTheBodyLastsUntilTheClientGivesUp(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Stub("/").Reply(httpxtest.StallAfter(5, httpxtest.Text(200, "hello, world")))
		for way, send := range ways(s) {
			ctx, cancel := context.WithCancel(t.Context())
			resp, err := send(request(t, ctx, s))
			require.NoError(t, err, way)
			sent := make([]byte, 5)
			_, err = io.ReadFull(resp.Body, sent)
			require.NoError(t, err, way)
			assert.Equal(t, "hello", string(sent), way)
			cancel()
			_, err = resp.Body.Read(sent)
			assert.ErrorIs(t, err, context.Canceled, way)
			resp.Body.Close()
		}
	})
}

func TestDripSendsByteByByte(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Stub("/").Reply(httpxtest.Drip(time.Millisecond, httpxtest.Text(200, "drip")))
		for way, send := range ways(s) {
			resp, err := send(request(t, t.Context(), s))
			require.NoError(t, err, way)
			one := make([]byte, 1)
			for _, want := range "drip" {
				_, err := io.ReadFull(resp.Body, one)
				require.NoError(t, err, way)
				assert.Equal(t, string(want), string(one), way)
			}
			resp.Body.Close()
		}
	})
}

func TestDownRefusesAndUpAnswersOnTheSamePort(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *httpxtest.Server) {
		s.Expect("/").Times(2)
		client, url := s.Client(), s.URL

		resp, err := client.Do(request(t, t.Context(), s))
		require.NoError(t, err)
		resp.Body.Close()

		s.Down()
		s.Down()
		_, err = client.Do(request(t, t.Context(), s))
		require.ErrorIs(t, err, syscall.ECONNREFUSED)

		s.Up()
		s.Up()
		assert.Equal(t, url, s.URL)
		resp, err = client.Do(request(t, t.Context(), s))
		require.NoError(t, err)
		resp.Body.Close()
	})
}

func TestTLSFaults(t *testing.T) {
	t.Parallel()
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var hostname x509.HostnameError
	for name, c := range map[string]struct {
		opt  httpxtest.Option
		want func(error) bool
	}{
		"expired":    {httpxtest.ExpiredCertificate(), func(err error) bool { return errors.As(err, &invalid) && invalid.Reason == x509.Expired }},
		"wrong host": {httpxtest.WrongHostCertificate(), func(err error) bool { return errors.As(err, &hostname) }},
		"handshake":  {httpxtest.HandshakeFailure(), func(err error) bool { return strings.Contains(err.Error(), "remote error: tls") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httpxtest.Mock(t, "api.example.com", c.opt)

			_, err := fetchIn(t, scopetest.Context(t), "https://api.example.com/")
			require.Error(t, err)
			assert.True(t, c.want(err), "%v", err)
			for way, send := range ways(s) {
				_, err := send(request(t, t.Context(), s))
				require.Error(t, err, way)
				assert.True(t, c.want(err), "%s: %v", way, err)
			}
		})
	}
	t.Run("nobody else trusts the certificates", func(t *testing.T) {
		t.Parallel()
		s := httpxtest.NewServer(t, httpxtest.TLS())

		_, err := fetchIn(t, scopetest.With(t, httpx.Unrouted.Bind(httpx.Allow)), s.URL)

		assert.ErrorAs(t, err, &unknown)
	})
}

func TestMockShowsACertificateForTheRealHost(t *testing.T) {
	t.Parallel()
	s := httpxtest.Mock(t, "*.example.com", httpxtest.TLS(), httpxtest.HTTP2())
	s.Expect("GET api.example.com/")
	var state tls.ConnectionState
	ctx := httptrace.WithClientTrace(scopetest.Context(t), &httptrace.ClientTrace{
		TLSHandshakeDone: func(cs tls.ConnectionState, _ error) { state = cs },
	})

	resp, err := fetchIn(t, ctx, "https://api.example.com/")
	require.NoError(t, err)

	assert.Equal(t, "HTTP/2.0", resp.Proto)
	assert.Equal(t, []string{"api.example.com"}, state.PeerCertificates[0].DNSNames)
}

// sendIn sends a GET in the scope of a context.
func sendIn(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

// fetchIn is sendIn for callers who do not read the body.
func fetchIn(t *testing.T, ctx context.Context, url string) (*http.Response, error) {
	t.Helper()
	resp, err := sendIn(ctx, url)
	if resp != nil {
		resp.Body.Close()
	}
	return resp, err
}

// isStream says whether an error is HTTP/2's for a broken stream, which has no
// reset or end of its own.
func isStream(err error) bool {
	var s interface{ Error() string }
	return errors.As(err, &s) && (strings.Contains(s.Error(), "stream error") || strings.Contains(s.Error(), "server sent GOAWAY"))
}

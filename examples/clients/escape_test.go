package clients

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx/httpxtest"
)

// This test is serial, because a report lists every request that was refused in
// no scope while its test ran.
func TestEscapedClientIsNoticed(t *testing.T) {
	report := escapeReport(t)

	assert.Contains(t, report, awsS3.host+" did not receive what the test expects")
	assert.Contains(t, report, "It received no request at all")
	assert.Contains(t, report, "httpxtest refused "+awsS3.host+": the client has a transport of its own")
	assert.Contains(t, report, "httpx.Wrap")
}

// escapeReport returns the output of a test whose client has a transport of its
// own and no hook. The test's code swallows the error.
func escapeReport(t *testing.T) string {
	f := rehearse(t, func(t testing.TB) {
		fake := httpxtest.Mock(t, awsS3.host)
		fake.Expect("GET /object").Reply(httpxtest.Text(200, "content"))

		_, _ = awsS3.usual()(contextOf(t))
	})
	assert.True(t, f.failed)
	return f.text
}

package httpxtest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// upload is a multipart body: two texts, a secret, a picture and a part of JSON.
func upload(t testing.TB) (contentType, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(t, w.SetBoundary("b"))
	require.NoError(t, w.WriteField("title", "harbour"))
	require.NoError(t, w.WriteField("notes", strings.Repeat("long ", 100)))
	require.NoError(t, w.WriteField("password", "hunter2"))
	file, err := w.CreateFormFile("photo", "harbour.png")
	require.NoError(t, err)
	_, _ = file.Write([]byte("\x89PNG\r\n\x1a\n\x00\x00"))
	meta, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="meta data"`}, "Content-Type": {"application/json"}})
	require.NoError(t, err)
	_, _ = meta.Write([]byte(`{"year": 1911}`))
	require.NoError(t, w.Close())
	return w.FormDataContentType(), b.String()
}

func gzipOf(t testing.TB, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

// postGzip sends a body that says that it is gzip.
func postGzip(t testing.TB, contentType, body string) {
	req, err := http.NewRequestWithContext(scopetest.Context(t), "POST", "https://api.example.com/", strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Content-Encoding", "gzip")
	_, err = do(req)
	require.NoError(t, err)
}

// Each is a test that declares a stub and sends one body.
var bodyReports = []struct {
	name    string
	declare func(*httpxtest.Expectation)
	send    func(t testing.TB)
}{
	{"multipart-form", func(e *httpxtest.Expectation) { e.Form("title", "pier") }, sendUpload},
	{"multipart-form-file", func(e *httpxtest.Expectation) { e.Form("photo", "\x89PNG") }, sendUpload},
	{"multipart-body", func(e *httpxtest.Expectation) { e.Body("title=harbour") }, sendUpload},
	{"multipart-json", func(e *httpxtest.Expectation) { e.JSONBody(`{}`) }, sendUpload},
	{"gzip-json", func(e *httpxtest.Expectation) { e.JSONBody(`{"a": 1, "b": 2}`) }, func(t testing.TB) {
		postGzip(t, "application/json", gzipOf(t, `{"a": 1, "b": 3}`))
	}},
	{"gzip-contains", func(e *httpxtest.Expectation) { e.BodyContains("order 7") }, func(t testing.TB) {
		postGzip(t, "text/plain", gzipOf(t, "order 8, by card"))
	}},
	{"gzip-broken", func(e *httpxtest.Expectation) { e.JSONBody(`{}`) }, func(t testing.TB) {
		postGzip(t, "application/json", `{}`)
	}},
	{"gzip-cut", func(e *httpxtest.Expectation) { e.Form("a", "1") }, func(t testing.TB) {
		postGzip(t, "application/x-www-form-urlencoded", gzipOf(t, "a=1")[:12])
	}},
	{"binary", func(e *httpxtest.Expectation) { e.Body("\x00\x01\nplain") }, func(t testing.TB) {
		post(t, "application/octet-stream", "\x00\x02\n\x1b[31m\xff")
	}},
	{"large-json", func(e *httpxtest.Expectation) { e.JSONBody(rows(0, "")) }, func(t testing.TB) {
		b, err := json.Marshal(rows(7, strings.Repeat("long ", 1000)))
		require.NoError(t, err)
		post(t, "application/json", string(b))
	}},
	{"large-text", func(e *httpxtest.Expectation) { e.Body(strings.Repeat("the same line\n", 700_000) + "the end\n") }, func(t testing.TB) {
		post(t, "text/plain", strings.Repeat("the same line\n", 700_000)+"another end\n")
	}},
	{"large-line", func(e *httpxtest.Expectation) { e.Body(strings.Repeat("x", 10*mib) + "the end") }, func(t testing.TB) {
		post(t, "text/plain", strings.Repeat("x", 10*mib)+"another end")
	}},
	{"large-binary", func(e *httpxtest.Expectation) { e.Body(strings.Repeat("\x00", 10*mib) + "\n") }, func(t testing.TB) {
		post(t, "application/octet-stream", strings.Repeat("\x00", 10*mib)+"\xff")
	}},
}

func sendUpload(t testing.TB) {
	contentType, body := upload(t)
	post(t, contentType, body)
}

// rows is some 10 MB of JSON, in which each of the last few rows has another text.
func rows(others int, text string) []map[string]any {
	const n = 10_000
	long := strings.Repeat("a text of 1 kB. ", 64)
	list := make([]map[string]any, n)
	for i := range list {
		list[i] = map[string]any{"id": i, "name": fmt.Sprint("row ", i), "text": long}
		if i >= n-others {
			list[i]["text"] = text
			list[i]["key "+fmt.Sprint(i%3)] = i
			list[i]["more"] = []int{i}
			delete(list[i], "name")
		}
	}
	return list
}

func TestReportsOfBodies(t *testing.T) {
	t.Parallel()
	for _, report := range bodyReports {
		t.Run(report.name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				report.declare(httpxtest.Mock(t, "api.example.com", httpxtest.InMemory()).Stub("POST /"))
				report.send(t)
			})
			assert.True(t, f.Failed())
			assert.Less(t, len(f.text()), 8<<10, "a report is for reading")
			assertGolden(t, "body-"+report.name, f.text())
		})
	}
}

// A request that nobody reads has its parts in the report all the same.
func TestReportNamesThePartsOfAMultipartRequest(t *testing.T) {
	t.Parallel()
	var journal string
	f := rehearse(func(t testing.TB) {
		s := httpxtest.Mock(t, "api.example.com", httpxtest.InMemory())
		s.Expect("POST /upload")
		sendUpload(t)
		journal = fmt.Sprint(s.Requests())
	})
	assertGolden(t, "multipart-received", f.text())
	for _, text := range []string{f.text(), journal} {
		assert.Contains(t, text, `multipart (title: "harbour"; notes: 500 bytes; password: ‹redacted›; photo: file "harbour.png"`)
		assert.NotContains(t, text, "hunter2")
	}
}

func TestGzipIsMatchedByItsContent(t *testing.T) {
	t.Parallel()
	assertPasses(t, func(t testing.TB) {
		s := httpxtest.Mock(t, "api.example.com", httpxtest.InMemory())
		s.Expect("POST /").JSONBody(`{"a": 1}`)
		s.Expect("POST /").Form("title", "pier")
		s.Expect("POST /").Form("title", "harbour")
		postGzip(t, "application/json", gzipOf(t, `{"a":1}`))
		postGzip(t, "application/x-www-form-urlencoded", gzipOf(t, "title=pier"))
		contentType, body := upload(t)
		postGzip(t, contentType, gzipOf(t, body))
	})
}

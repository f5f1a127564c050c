package sharedapp_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/githubprofile/fakegithub"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

var update = flag.Bool("update", false, "write the screenshots to docs")

func TestBrowserCarriesTheTokenInACookieOrAHeader(t *testing.T) {
	t.Parallel()
	for way, carry := range map[string]bearer{"cookie": byCookie, "header": byHeader} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			mockGitHub(t, "Octocat by "+way)
			tab := open(t)
			carry(t, tab, httpx.Token(scopetest.Context(t)))
			assert.Equal(t, page{Name: "Octocat by " + way, Avatars: 1}, visit(t, tab))
		})
	}
}

// Eight browser contexts load the page at once. No avatar is served before all
// pages wait for theirs.
//
// The subtests don't call t.Parallel. The testing package would run only as many
// of them at once as there are processors.
func TestBrowsersSeeTheirOwnGitHubAtOnce(t *testing.T) {
	t.Parallel()
	needChromium(t)
	const browsers = 8
	var waiting, ended sync.WaitGroup
	waiting.Add(browsers)
	for n := range browsers {
		ended.Go(func() {
			arrive := sync.OnceFunc(waiting.Done)
			defer arrive() // of a test that ends early, or that -run leaves out
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				name := fmt.Sprintf("Octocat of browser %d", n)
				mockGitHub(t, name).Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if strings.HasPrefix(r.URL.Path, "/avatars/") {
							arrive()
							waiting.Wait()
						}
						next.ServeHTTP(w, r)
					})
				})
				tab := open(t)
				byUserAgent(t, tab, httpx.Token(scopetest.Context(t)))
				assert.Equal(t, page{Name: name, Avatars: 1}, visit(t, tab))
			})
		})
	}
	ended.Wait()
}

func TestBrowserWithATokenThatEndedIsToldSo(t *testing.T) {
	t.Parallel()
	tab := open(t)
	byUserAgent(t, tab, "over")
	resp, err := chromedp.Run(tab, chromedp.NavigateResponse(app.URL+"/?username=octocat"))
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusGone, resp.Status)
	text, err := chromedp.Run(tab, chromedp.Text("body"))
	require.NoError(t, err)
	assert.Contains(t, text, "the token in the request's User-Agent header names no scope that is alive")
}

// This test takes the pictures in docs. Without -update it takes them too, but
// checks only what it can measure.
func TestProfileOnAPhoneAndOnADesktop(t *testing.T) {
	t.Parallel()
	for _, screen := range []struct {
		name          string
		width, height int64
		options       []chromedp.EmulateViewportOption
	}{
		{"phone", 390, 844, []chromedp.EmulateViewportOption{
			chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait}},
		{"desktop", 1280, 800, nil},
	} {
		t.Run(screen.name, func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			gh.Stub("/").Reply(linkingTo(gh.URL, fakegithub.New()))
			tab := open(t)
			byUserAgent(t, tab, httpx.Token(scopetest.Context(t)))
			require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(screen.width, screen.height, screen.options...)))

			assert.Equal(t, page{Name: "The Octocat", Repos: 5, Avatars: 1}, visit(t, tab))

			require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void]("document.activeElement.blur()"))) // the caret would blink in the picture
			picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			require.NotEmpty(t, picture)
			if *update {
				require.NoError(t, os.WriteFile("../../docs/profile-"+screen.name+".png", picture, 0o644))
			}
		})
	}
}

// linkingTo makes h believe that the request came to url. So the links in its
// answers, such as those to avatars, work in a browser, which has no route to
// the fake.
func linkingTo(url string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = strings.TrimPrefix(url, "http://")
		h.ServeHTTP(w, r)
	})
}

// A page is what a browser shows of a profile.
type page struct {
	Name    string
	Repos   int
	Avatars int    // images that were loaded
	Broken  int    // images that were not
	TooWide bool   // the page scrolls sideways
	Problem string // the message that the page shows instead of a profile
}

// visit goes to octocat's page of the shared app, and returns it when
// everything has loaded.
func visit(t *testing.T, tab context.Context) page {
	t.Helper()
	resp, err := chromedp.Run(tab, chromedp.NavigateResponse(app.URL+"/?username=octocat"))
	require.NoError(t, err)
	assert.EqualValues(t, http.StatusOK, resp.Status)
	p, err := chromedp.Run(tab, chromedp.Evaluate[page](`({
		Name: document.querySelector("#who")?.textContent ?? "",
		Repos: document.querySelectorAll("section li").length,
		Avatars: [...document.images].filter(i => i.complete && i.naturalWidth > 0).length,
		Broken: [...document.images].filter(i => i.complete && i.naturalWidth == 0).length,
		TooWide: document.documentElement.scrollWidth > innerWidth,
		Problem: document.querySelector("[role=alert]")?.textContent ?? "",
	})`))
	require.NoError(t, err)
	return p
}

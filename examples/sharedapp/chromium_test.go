package sharedapp_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// patience is how long a test waits for the browser. It is enough on a busy
// machine, too.
const patience = 2 * time.Minute

// chromium is the browser that all tests share. The first test that needs it
// starts it, in no scope, and TestMain ends it.
var chromium struct {
	once  sync.Once
	ctx   context.Context
	agent string // its User-Agent
	stop  func() error
	err   error
}

func startChromium() {
	scope.Run(scope.Detach(context.Background()), func(ctx context.Context) {
		path, err := findChromium()
		if err != nil {
			chromium.err = err
			return
		}
		ctx, stopAllocator := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path),
			chromedp.NoSandbox, // the sandbox does not work for root, and the pages are our own
			chromedp.DisableGPU,
			chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-quic", true),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), // no network
		)...)
		ctx, _ = chromedp.NewContext(ctx)
		chromium.stop = func() error {
			defer stopAllocator() // waits until the process has ended and its profile is removed
			bounded, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return chromedp.Cancel(bounded)
		}
		version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
		chromium.ctx, chromium.agent, chromium.err = ctx, version.UserAgent, err
	})
}

// stopChromium ends the browser, if a test has started it.
func stopChromium() error {
	if chromium.stop == nil {
		return nil
	}
	return chromium.stop()
}

func findChromium() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium: none of %v is in PATH", names)
}

// needChromium starts the browser. If this machine has none, it skips the test,
// or fails it where a browser is required, as in CI.
func needChromium(t *testing.T) {
	t.Helper()
	chromium.once.Do(startChromium)
	required := os.Getenv("CI") != "" || os.Getenv("SCOPE_BROWSER") == "required"
	if _, err := findChromium(); err != nil && !required {
		t.Skip(err)
	}
	require.NoError(t, chromium.err)
}

// open opens a tab in a browser context of its own. The tab shares no cookies,
// cache or connections with other tabs, and is closed when the test ends.
func open(t *testing.T) (tab context.Context) {
	t.Helper()
	needChromium(t)
	ctx, closeTab := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	require.NoError(t, chromedp.Do(ctx)) // opens the tab; a timeout in this context would close it
	tab, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	return tab
}

// A bearer adds a token to every request of a tab.
type bearer func(t *testing.T, tab context.Context, token string)

func byUserAgent(t *testing.T, tab context.Context, token string) {
	t.Helper()
	_, err := chromedp.Call(tab, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: chromium.agent + " Scope-Token/" + token,
	})
	require.NoError(t, err)
}

func byCookie(t *testing.T, tab context.Context, token string) {
	t.Helper()
	_, err := chromedp.Call(tab, network.SetCookie, network.SetCookieParams{
		Name: "Scope-Token", Value: token, URL: app.URL,
	})
	require.NoError(t, err)
}

func byHeader(t *testing.T, tab context.Context, token string) {
	t.Helper()
	_, err := chromedp.Call(tab, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	_, err = chromedp.Call(tab, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
		Headers: network.Headers{"Scope-Token": token},
	})
	require.NoError(t, err)
}

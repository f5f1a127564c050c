package main_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

// A real browser fills in the form, while other tests run. Each test has its own store, so each page thanks its own
// customer by name.
func TestABrowserPlacesAnOrder(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			tab, s := newTab(t), open(t)
			name, tracking := fmt.Sprintf("Customer %d", n), fmt.Sprintf("TRK-%d", 100+n)
			s.shipping.Expect("POST /v1/shipments").Reply(httpxtest.JSON(201, map[string]string{"tracking": tracking}))

			visit(t, tab, s.server.URL)
			fill(t, tab, name, "tok_visa")
			thanks := shows(t, tab, "#who")

			assert.Equal(t, name, thanks)
			assert.Equal(t, "Confirmed", shows(t, tab, "#status"))
			assert.Equal(t, "€1,276.40", shows(t, tab, "#total"))
			assert.Contains(t, shows(t, tab, "dl"), tracking)
			assert.Equal(t, 2, s.stock("buoy"))
		})
	}
}

func TestABrowserShowsThatTheCardWasDeclined(t *testing.T) {
	t.Parallel()
	tab, s := newTab(t), open(t)
	s.payments.Expect("POST /v1/charges").Reply(declined)

	visit(t, tab, s.server.URL)
	fill(t, tab, "Ada", "tok_declined")

	assert.Equal(t, "Your card was declined. Nothing was charged.", shows(t, tab, "[role=alert]"))
	name, err := chromedp.Run(tab, chromedp.Value("#name"))
	require.NoError(t, err)
	assert.Equal(t, "Ada", name, "the form is as it was")
	assert.Equal(t, 3, s.stock("buoy"))
}

func TestABrowserCancelsAnOrder(t *testing.T) {
	t.Parallel()
	tab, s := newTab(t), open(t)
	order := s.bought(cart("buoy", 1))

	visit(t, tab, s.server.URL+"/orders/"+order.ID)
	press(t, tab, "button")
	title := shows(t, tab, "h1")

	assert.Equal(t, "Your order was cancelled", title)
	assert.Equal(t, shop.Cancelled, s.status())
}

// This test takes the pictures in the README. Without -update it takes them too, but checks only what it can measure.
func TestThePageFitsOnAPhoneAndOnADesktop(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int64{"phone": 390, "desktop": 1024} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab, s := newTab(t), open(t)
			envtest.Setenv(t, "FREE_SHIPPING_FROM", "5000")
			require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(width, 1200)))

			visit(t, tab, s.server.URL)

			wide, err := chromedp.Run(tab, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > innerWidth"))
			require.NoError(t, err)
			assert.False(t, wide, "one has to scroll sideways")
			picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			require.NotEmpty(t, picture)
			if *update && name == "desktop" {
				require.NoError(t, os.WriteFile("docs/page.png", picture, 0o644))
			}
		})
	}
}

func visit(t *testing.T, tab context.Context, url string) {
	t.Helper()
	resp, err := chromedp.Run(tab, chromedp.NavigateResponse(url))
	require.NoError(t, err)
	require.EqualValues(t, 200, resp.Status)
}

// fill fills in the form of the shop, with a buoy and two ropes, and sends it.
func fill(t *testing.T, tab context.Context, name, card string) {
	t.Helper()
	for field, text := range map[string]string{
		`[name="quantity.buoy"]`: "1", `[name="quantity.rope"]`: "2", "#name": name, "#email": "ada@lovelace.example", "#address": "1 Quay", "#card": card,
	} {
		require.NoError(t, chromedp.Do(tab, chromedp.SendKeys(field, text)))
	}
	press(t, tab, "button")
}

// press presses a button, and waits for the next page.
func press(t *testing.T, tab context.Context, button string) {
	t.Helper()
	_, err := chromedp.RunResponse(tab, chromedp.Click(button))
	require.NoError(t, err)
}

// shows returns the text of an element.
func shows(t *testing.T, tab context.Context, element string) string {
	t.Helper()
	text, err := chromedp.Run(tab, chromedp.Text(element))
	require.NoError(t, err)
	return text
}

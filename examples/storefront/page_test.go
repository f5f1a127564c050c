package main_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
)

// form returns the data that a browser sends for a form that Ada has filled in.
func form(change ...string) url.Values {
	f := url.Values{}
	for _, field := range []string{"name=Ada", "email=ada@lovelace.example", "address=1 Quay", "card=tok_visa", "quantity.rope=2", "quantity.buoy="} {
		m := regexp.MustCompile(`(.*?)=(.*)`).FindStringSubmatch(field)
		f.Set(m[1], m[2])
	}
	for i := 0; i < len(change); i += 2 {
		f.Set(change[i], change[i+1])
	}
	return f
}

func TestThePageShowsWhatIsSold(t *testing.T) {
	t.Parallel()
	s := open(t)
	envtest.Setenv(t, "SHOP_NAME", "Nemo & Sons")
	_, err := shop.DB.Exec("UPDATE products SET stock = 0 WHERE id = 'rope'")
	require.NoError(t, err)

	r := s.get("/")

	assert.Equal(t, 200, r.status)
	assert.Equal(t, "text/html; charset=utf-8", r.header.Get("Content-Type"))
	assert.Contains(t, r.body, "<title>Nemo &amp; Sons</title>")
	assert.Contains(t, r.body, "€1,234.50")
	assert.Contains(t, r.body, "12 in stock")
	assert.Contains(t, r.body, "Sold out")
	assert.NotContains(t, r.body, "role=\"alert\"")
}

func TestTheFormPlacesAnOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.submit("/orders", form())

	require.Equal(t, 303, r.status, r.body)
	page := s.get(r.header.Get("Location"))
	assert.Equal(t, 200, page.status)
	assert.Contains(t, page.body, `Thank you, <span id="who" dir="auto">Ada</span>`)
	assert.Contains(t, page.body, `<td class="number" id="total">€41.90</td>`)
	assert.Contains(t, page.body, "TRK-1")
	assert.Equal(t, 38, s.stock("rope"))
}

// The form has a key, so two clicks on its button make one order.
func TestTwoClicksAreOneOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	key := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(s.get("/").body)
	require.NotNil(t, key)

	first, second := s.submit("/orders", form("key", key[1])), s.submit("/orders", form("key", key[1]))

	assert.Equal(t, 303, second.status)
	assert.Equal(t, first.header.Get("Location"), second.header.Get("Location"))
	assert.Equal(t, 1, s.orders())
}

func TestAFormThatIsRefusedComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		field, value string
		status       int
		want         []string
	}{
		"e-mail":        {"email", "ada", 422, []string{"&#34;ada&#34; is not an e-mail address.", `id="email" name="email" type="email" value="ada" autocomplete="email" required aria-invalid="true"`}},
		"nothing":       {"quantity.rope", "0", 422, []string{"Please choose something."}},
		"not a number":  {"quantity.rope", "two", 422, []string{"&#34;two&#34; is not a number of pieces."}},
		"too many":      {"quantity.buoy", "4", 409, []string{"We have only 3 left of Harbour buoy.", `name="quantity.buoy" value="4"`}},
		"no card":       {"card", "", 422, []string{"Please give your card.", `aria-describedby="card.hint problem"`}},
		"no such thing": {"address", " ", 422, []string{"Please give your address."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.payments.Never("/")

			r := s.submit("/orders", form(test.field, test.value))

			assert.Equal(t, test.status, r.status)
			assert.Contains(t, r.body, `role="alert"`)
			assert.Contains(t, r.body, `value="Ada"`)
			assert.NotContains(t, r.body, `value="tok_visa"`, "no page shows a card")
			for _, want := range test.want {
				assert.Contains(t, r.body, want)
			}
		})
	}
}

func TestADeclinedCardIsShownOnThePage(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(declined)

	r := s.submit("/orders", form())

	assert.Equal(t, 402, r.status)
	assert.Contains(t, r.body, "Your card was declined. Nothing was charged.")
}

func TestPagesEscapeWhatCustomersWrite(t *testing.T) {
	t.Parallel()
	const script = `<script>alert("1")</script>`
	s := open(t)

	r := s.submit("/orders", form("name", script, "address", script, "email", script))
	assert.Equal(t, 422, r.status)
	assert.NotContains(t, r.body, "<script>")

	r = s.submit("/orders", form("name", script, "address", script))
	page := s.get(r.header.Get("Location"))
	assert.Equal(t, 200, page.status)
	assert.NotContains(t, page.body, "<script>")
	assert.Contains(t, page.body, "&lt;script&gt;alert(&#34;1&#34;)")
}

func TestThePageCancelsAnOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))

	r := s.submit("/orders/"+order.ID+"/cancel", nil)

	assert.Equal(t, 303, r.status)
	assert.Contains(t, s.get(r.header.Get("Location")).body, "Your order was cancelled")
}

func TestThePageOfNoOrder(t *testing.T) {
	t.Parallel()
	r := open(t).get("/orders/1")
	assert.Equal(t, 404, r.status)
	assert.Contains(t, r.body, "There is no such order.")
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.send("POST", "/orders", form().Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, 403, r.status)
	assert.Zero(t, s.orders())
}

func TestNoOtherSiteMayEmbedThePage(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range []string{"/", "/style.css", "/api/products", "/nothing"} {
		h := s.get(path).header
		assert.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
	}
}

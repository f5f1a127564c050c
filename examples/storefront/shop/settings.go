package shop

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// The settings are environment variables. They are read when they are needed, so
// that a change counts at once.

func paymentsURL() string { return cmp.Or(Getenv("PAYMENTS_URL"), "https://api.payments.example") }
func shippingURL() string { return cmp.Or(Getenv("SHIPPING_URL"), "https://api.shipping.example") }
func mailURL() string     { return cmp.Or(Getenv("MAIL_URL"), "https://mail.example") }

// Currency returns the ISO 4217 code of all prices.
func Currency() string { return cmp.Or(Getenv("SHOP_CURRENCY"), "EUR") }

// mostPerOrder is how many pieces one order may have.
func mostPerOrder() int64 { return number("SHOP_MAX_PER_ORDER", 10) }

// freeShippingFrom is the value of an order that is shipped for free.
func freeShippingFrom() Cents { return Cents(number("SHOP_FREE_SHIPPING_FROM", 5000)) }

// shippingFee is what other orders pay.
func shippingFee() Cents { return Cents(number("SHOP_SHIPPING_FEE", 490)) }

// retryWait is how long the shop waits before it asks a failing API again.
func retryWait() time.Duration {
	return time.Duration(number("SHOP_RETRY_MILLISECONDS", 100)) * time.Millisecond
}

// apiTimeout bounds one request to an API.
func apiTimeout() time.Duration {
	return time.Duration(number("SHOP_API_TIMEOUT_MILLISECONDS", 5000)) * time.Millisecond
}

// number returns a setting, and def where it is unset or no number of at least 0.
func number(name string, def int64) int64 {
	text := Getenv(name)
	if text == "" {
		return def
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		slog.Warn("setting ignored", "name", name, "value", text, "want", "a number of at least 0")
		return def
	}
	return n
}

// Cents is an amount of money in a hundredth of the currency's unit.
type Cents int64

// String returns the amount for people: 1,234.50.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	units := strconv.FormatInt(int64(c/100), 10)
	for i := len(units) - 3; i > 0; i -= 3 {
		units = units[:i] + "," + units[i:]
	}
	return fmt.Sprintf("%s%s.%02d", sign, units, c%100)
}

package shop

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The addresses of the services, unless PAYMENTS_URL, SHIPPING_URL and MAIL_URL are set.
const (
	PaymentsURL = "https://api.payments.example"
	ShippingURL = "https://api.shipping.example"
	MailURL     = "https://mail.example"
)

// Getenv reads the environment. Everything that configures the shop comes through it, at each request, so that a
// change needs no restart. It is a variable for the sake of the tests: they give it a function that asks the scope.
var Getenv = os.Getenv

// A config is the shop's configuration, read from the environment at one moment.
type config struct {
	name          string
	currency      string
	payments      string
	shipping      string
	mail          string
	paymentsKey   string
	webhookSecret string
	mailFrom      string
	timeout       time.Duration // of one attempt to call a service
	pause         time.Duration // before the second attempt; twice that before the third
	fee           Cents         // for shipping
	freeFrom      Cents         // no fee from this subtotal on; if 0, there is always a fee
	closed        bool
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`) // ISO 4217

// CheckConfig reports the variables with values that the shop can't use. Call it when the program starts.
func CheckConfig() error {
	_, err := loadConfig()
	return err
}

func loadConfig() (config, error) {
	var errs []error
	c := config{
		name:          cmp.Or(Getenv("SHOP_NAME"), "Tide & Lantern"),
		currency:      cmp.Or(Getenv("SHOP_CURRENCY"), "EUR"),
		payments:      service(&errs, "PAYMENTS_URL", PaymentsURL),
		shipping:      service(&errs, "SHIPPING_URL", ShippingURL),
		mail:          service(&errs, "MAIL_URL", MailURL),
		paymentsKey:   Getenv("PAYMENTS_KEY"),
		webhookSecret: Getenv("WEBHOOK_SECRET"),
		mailFrom:      cmp.Or(Getenv("MAIL_FROM"), "orders@shop.example"),
		timeout:       variable(&errs, "SERVICE_TIMEOUT", 5*time.Second, positive, "a duration above zero, such as 5s"),
		pause:         variable(&errs, "RETRY_PAUSE", 100*time.Millisecond, positive, "a duration above zero, such as 100ms"),
		fee:           variable(&errs, "SHIPPING_FEE", 490, parseCents, "cents, such as 490"),
		freeFrom:      variable(&errs, "FREE_SHIPPING_FROM", 0, parseCents, "cents, such as 5000"),
		closed:        variable(&errs, "SHOP_CLOSED", false, strconv.ParseBool, "true or false"),
	}
	if !currencyCode.MatchString(c.currency) {
		errs = append(errs, fmt.Errorf("SHOP_CURRENCY=%q: want three capital letters, such as EUR", c.currency))
	}
	return c, errors.Join(errs...)
}

// variable parses an environment variable, or returns def if it is not set.
func variable[T any](errs *[]error, name string, def T, parse func(string) (T, error), want string) T {
	text := Getenv(name)
	if text == "" {
		return def
	}
	v, err := parse(text)
	if err != nil {
		*errs = append(*errs, fmt.Errorf("%s=%q: want %s", name, text, want))
	}
	return v
}

// service returns the URL of a service. Its errors don't show the URL, which may have a password.
func service(errs *[]error, name, def string) string {
	text := cmp.Or(Getenv(name), def)
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		*errs = append(*errs, fmt.Errorf("%s: want an http or https URL without user, query and fragment, such as %s", name, def))
	}
	return strings.TrimSuffix(text, "/")
}

func positive(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d <= 0 {
		err = errors.New("not positive")
	}
	return d, err
}

func parseCents(text string) (Cents, error) {
	n, err := strconv.ParseUint(text, 10, 40)
	return Cents(n), err
}

package shop

import (
	"strconv"
)

// Cents is an amount of money, in hundredths of the shop's currency.
type Cents int64

var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£"}

// In formats the amount for people: €1,234.50, or 1,234.50 CHF if the currency has no symbol.
func (c Cents) In(currency string) string {
	sign := ""
	if c < 0 {
		sign, c = "−", -c
	}
	digits := strconv.FormatInt(int64(c/100), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	amount := digits + "." + strconv.Itoa(int(c%100/10)) + strconv.Itoa(int(c%10))
	if symbol, ok := symbols[currency]; ok {
		return sign + symbol + amount
	}
	return sign + amount + " " + currency
}

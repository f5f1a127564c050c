package shop

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

//go:embed page
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page/*.html"))

// A view is the data that a page shows.
type view struct {
	Shop     string
	Currency string
	Closed   bool
	Problem  *Problem
	Products []line // all products of the shop
	Cart     Cart   // as the customer filled it in
	Order    Order  // on the page of an order
}

// A line is a product, and how many of it the customer has chosen.
type line struct {
	Product
	Chosen string
}

// Least returns the smaller of the stock and the most pieces that an order may have.
func (l line) Least() int64 { return min(l.Stock, most) }

func (v view) Money(c Cents) string { return c.In(v.Currency) }

// Blames reports whether the problem is in a field of the form.
func (v view) Blames(field string) bool { return v.Problem != nil && v.Problem.Field == field }

func pageShop(w http.ResponseWriter, r *http.Request) {
	showShop(w, r, http.StatusOK, view{})
}

// showShop shows the shop. The view may already have a cart, and a problem with it.
func showShop(w http.ResponseWriter, r *http.Request, status int, v view) {
	products, err := Products(r.Context())
	if err != nil {
		v.Problem = problemOf(r, err)
		status = v.Problem.Status
	}
	for _, p := range products {
		v.Products = append(v.Products, line{p, r.PostFormValue("quantity." + p.ID)})
	}
	v.Cart.Key = newID() // for the next try: the failed order has used its own
	show(w, r, status, "shop.html", v)
}

func pageCheckout(w http.ResponseWriter, r *http.Request) {
	c, err := cartOf(r)
	if err == nil {
		var o Order
		if o, _, err = Checkout(r.Context(), c); err == nil {
			http.Redirect(w, r, "/orders/"+o.ID, http.StatusSeeOther)
			return
		}
	}
	p := problemOf(r, err)
	c.Card = "" // no page shows it
	showShop(w, r, p.Status, view{Cart: c, Problem: p})
}

// cartOf reads the form. It skips a product whose quantity is empty or zero.
func cartOf(r *http.Request) (Cart, error) {
	if err := r.ParseForm(); err != nil {
		return Cart{}, &Problem{http.StatusBadRequest, "bad_form", "The form could not be read.", ""}
	}
	c := Cart{
		Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Address: r.PostFormValue("address"),
		Card: CardToken(r.PostFormValue("card")), Key: r.PostFormValue("key"),
	}
	products, err := Products(r.Context())
	if err != nil {
		return c, err
	}
	for _, p := range products {
		text := strings.TrimSpace(r.PostFormValue("quantity." + p.ID))
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return c, invalid("items", "%q is not a number of pieces.", text)
		}
		if n != 0 {
			c.Items = append(c.Items, CartItem{p.ID, n})
		}
	}
	return c, nil
}

func pageOrder(w http.ResponseWriter, r *http.Request) {
	showOrder(w, r, nil)
}

func pageCancel(w http.ResponseWriter, r *http.Request) {
	if _, err := Cancel(r.Context(), r.PathValue("id")); err != nil {
		showOrder(w, r, err)
		return
	}
	http.Redirect(w, r, "/orders/"+r.PathValue("id"), http.StatusSeeOther)
}

// showOrder shows the order of the request's path, and a problem with it, if there is one.
func showOrder(w http.ResponseWriter, r *http.Request, problem error) {
	status, v := http.StatusOK, view{}
	o, err := FindOrder(r.Context(), r.PathValue("id"))
	if err = errors.Join(err, problem); err != nil {
		v.Problem = problemOf(r, err)
		status = v.Problem.Status
	}
	v.Order = o
	show(w, r, status, "order.html", v)
}

func show(w http.ResponseWriter, r *http.Request, status int, page string, v view) {
	cfg, err := loadConfig()
	if err != nil {
		v.Problem = problemOf(r, err)
		status = v.Problem.Status
	}
	v.Shop, v.Currency, v.Closed = cfg.name, cfg.currency, cfg.closed
	if v.Order.ID != "" {
		v.Currency = v.Order.Currency // the shop's currency may have changed since
	}
	var b bytes.Buffer // so that an error does not follow half a page
	if err := pages.ExecuteTemplate(&b, page, v); err != nil {
		slog.Error("page not made", "page", page, "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	b.WriteTo(w)
}

func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "page/style.css")
}

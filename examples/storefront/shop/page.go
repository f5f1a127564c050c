package shop

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// A view is what the page shows: the catalog, or one order.
type view struct {
	Products []Product
	Asked    Request // what the customer has typed, after an error
	Quantity string  // likewise
	Most     int64
	Currency string
	Problem  string
	Order    *Order
}

func showCatalog(w http.ResponseWriter, r *http.Request) {
	showForm(w, r, http.StatusOK, view{Quantity: "1"})
}

func showForm(w http.ResponseWriter, r *http.Request, status int, v view) {
	products, err := Products(r.Context())
	if err != nil {
		status, v.Problem = http.StatusInternalServerError, sayable(r, err)
	}
	v.Products, v.Most = products, mostPerOrder()
	show(w, r, status, v)
}

func orderFromPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		showForm(w, r, http.StatusBadRequest, view{Problem: "the form could not be read", Quantity: "1"})
		return
	}
	form := r.PostForm
	quantity, err := strconv.ParseInt(form.Get("quantity"), 10, 64)
	asked := Request{SKU: form.Get("sku"), Quantity: quantity, Email: form.Get("email"), Card: form.Get("card")}
	var o Order
	if err == nil {
		o, err = Place(r.Context(), asked)
	} else {
		err = errors.Join(ErrInvalid, errors.New("quantity: want a number"))
	}
	if err != nil {
		asked.Card = "" // no secret goes back into a page
		showForm(w, r, statusOf(err), view{Problem: sayable(r, err), Asked: asked, Quantity: form.Get("quantity")})
		return
	}
	http.Redirect(w, r, "/orders/"+url.PathEscape(o.ID), http.StatusSeeOther)
}

func showOrder(w http.ResponseWriter, r *http.Request) {
	o, err := FindOrder(r.Context(), r.PathValue("id"))
	if err != nil {
		show(w, r, statusOf(err), view{Problem: sayable(r, err)})
		return
	}
	show(w, r, http.StatusOK, view{Order: &o})
}

func show(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.Currency = Currency()
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		slog.ErrorContext(r.Context(), "page failed", "error", err)
		http.Error(w, "something went wrong here", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	b.WriteTo(w)
}

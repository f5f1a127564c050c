package profile

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/scopetree/scope/examples/githubprofile/github"
)

//go:embed page.html style.css
var files embed.FS

var pageTemplate = template.Must(template.New("page.html").
	Funcs(template.FuncMap{"cut": cut, "thousands": thousands, "website": website}).
	ParseFS(files, "page.html", "style.css"))

// policy lets the page load its own style and avatars, and nothing else. Avatars come over HTTPS, or from a fake
// GitHub on this machine.
const policy = "default-src 'none'; img-src https: http://127.0.0.1:* data:; style-src 'nonce-%s'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// A page is what page.html shows: the form, and then a problem, a profile, or nothing yet.
type page struct {
	Username    string // from the query; empty if the query has none
	Problem     *problem
	User        *github.User
	Repos       []github.Repo
	ReposFailed bool
	Nonce       string // of the style element; new for each answer
}

// write renders the whole page before it sends the status. So a template that fails results in a clean 500.
func (p *page) write(w http.ResponseWriter) error {
	p.Nonce = rand.Text()
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		http.Error(w, "the page could not be rendered", http.StatusInternalServerError)
		return err
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", fmt.Sprintf(policy, p.Nonce))
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	status := http.StatusOK
	if p.Problem != nil {
		status = p.Problem.status
		if p.Problem.retryAfter != "" {
			header.Set("Retry-After", p.Problem.retryAfter)
		}
	}
	w.WriteHeader(status)
	_, err := w.Write(body.Bytes())
	return err
}

// website turns the blog that a user typed into an absolute URL. Without a scheme, "example.com" would be a path
// on this page's own site. html/template decides which schemes a link may have.
func website(blog string) string {
	if scheme, _, ok := strings.Cut(blog, ":"); !ok || strings.Contains(scheme, ".") {
		return "https://" + blog
	}
	return blog
}

// maxName is how many characters of a name the page shows at most. A login has at most 39, a user's own name at
// most 255.
const maxName = 60

// cut returns a name of at most maxName characters. If the name was longer, the last character is an ellipsis.
func cut(name string) string {
	if runes := []rune(name); len(runes) > maxName {
		return strings.TrimSpace(string(runes[:maxName-1])) + "…"
	}
	return name
}

// thousands formats a number as English does: 12,345.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

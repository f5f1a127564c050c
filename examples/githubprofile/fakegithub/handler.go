// Package fakegithub is a fake GitHub in memory. It has a few made-up users with repositories and avatars, and a
// few logins for which it fails as the real GitHub can. The example uses it to run without a network.
package fakegithub

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
)

// New returns the fake. It answers GET /users/{login} and GET /users/{login}/repos in GitHub's JSON. It also serves
// the avatars and pages that its answers link to, at the host of the request.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{login}", answerUser)
	mux.HandleFunc("GET /users/{login}/repos", answerRepos)
	mux.HandleFunc("GET /avatars/{login}", answerAvatar)
	mux.HandleFunc("GET /{login}", answerPage)
	mux.HandleFunc("GET /{login}/{repo}", answerPage)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFound(w) })
	return mux
}

func answerUser(w http.ResponseWriter, r *http.Request) {
	login := strings.ToLower(r.PathValue("login")) // GitHub ignores case too
	if fail, ok := failures[login]; ok && fail.user != nil {
		fail.user(w)
		return
	}
	u, ok := users[login]
	if !ok {
		notFound(w)
		return
	}
	writeJSON(w, http.StatusOK, userJSON(u, origin(r)))
}

func answerRepos(w http.ResponseWriter, r *http.Request) {
	login := strings.ToLower(r.PathValue("login"))
	if fail, ok := failures[login]; ok {
		fail.repos(w)
		return
	}
	u, ok := users[login]
	if !ok {
		notFound(w)
		return
	}
	repos := u.repos
	if n, err := strconv.Atoi(r.FormValue("per_page")); err == nil && n > 0 && n < len(repos) {
		repos = repos[:n]
	}
	answer := make([]map[string]any, len(repos)) // not nil: a nil slice would be null in JSON, not []
	for i, repo := range repos {
		answer[i] = repoJSON(repo, u, origin(r))
	}
	writeJSON(w, http.StatusOK, answer)
}

// answerAvatar draws the login's first letter on the user's colour.
func answerAvatar(w http.ResponseWriter, r *http.Request) {
	u, ok := users[strings.ToLower(r.PathValue("login"))]
	if !ok {
		notFound(w)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">`+
		`<rect width="96" height="96" fill="%s"/>`+
		`<text x="48" y="65" fill="#fff" font-family="sans-serif" font-size="48" text-anchor="middle">%s</text>`+
		`</svg>`, u.color, html.EscapeString(strings.ToUpper(u.login[:1])))
}

// answerPage stands in for the pages of github.com that the real answers link to.
func answerPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "On the real GitHub, this is the page of %s.\n", strings.TrimPrefix(r.URL.Path, "/"))
}

// origin returns the scheme and the host at which r reached the fake.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

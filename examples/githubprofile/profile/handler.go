// Package profile is the page GitHub Profile Viewer: a form that asks for a username, and below it the account's
// profile and the repositories updated last.
package profile

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/scopetree/scope/examples/githubprofile/github"
)

// timeout bounds how long one page waits for GitHub.
const timeout = 10 * time.Second

// A Handler serves the page at /. Its zero value is ready to use.
type Handler struct {
	// GitHub answers for the profiles; its zero value calls the real GitHub.
	GitHub github.Client

	// Log gets what the page tells its reader in softer words; nil means nothing is logged.
	Log *slog.Logger
}

// ServeHTTP answers GET /?username=octocat with the profile, and GET / with the form alone.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	// A browser's form has no semicolon but as %3B. Package url drops a parameter that has one, and the page would
	// seem to have been asked for nobody.
	query, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	p := page{Username: strings.TrimSpace(query.Get("username"))}
	switch {
	case p.Username != "":
		h.load(r.Context(), &p)
	case err != nil:
		p.Problem = &badQuery
	}
	if err := p.write(w); err != nil {
		h.log(r.Context(), "the page could not be written", p.Username, err)
	}
}

// load fills p with what GitHub says about p.Username. It asks for the user and the repositories at the same time,
// and a profile without its repositories is still shown.
func (h *Handler) load(ctx context.Context, p *page) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	var (
		wg                sync.WaitGroup
		user              github.User
		repos             []github.Repo
		userErr, reposErr error
	)
	wg.Go(func() { user, userErr = h.GitHub.User(ctx, p.Username) })
	wg.Go(func() { repos, reposErr = h.GitHub.Repos(ctx, p.Username) })
	wg.Wait()

	if userErr != nil {
		p.Problem = explain(p.Username, userErr)
		if p.Problem.status >= http.StatusInternalServerError { // an unknown name is nobody's fault here
			h.log(ctx, "no profile", p.Username, userErr)
		}
		return
	}
	if reposErr != nil {
		h.log(ctx, "no repositories", p.Username, reposErr)
	}
	p.User, p.Repos, p.ReposFailed = &user, repos, reposErr != nil
}

func (h *Handler) log(ctx context.Context, msg, username string, err error) {
	if h.Log != nil {
		h.Log.WarnContext(ctx, msg, "username", username, "err", err)
	}
}

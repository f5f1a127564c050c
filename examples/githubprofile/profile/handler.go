// Package profile serves the page GitHub Profile Viewer. It has a form that asks for a username, and below it the
// account's profile and its most recently updated repositories.
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
	// GitHub is the client that gets the profiles. Its zero value calls the real GitHub.
	GitHub github.Client

	// Log gets the errors that the page explains in simpler words. If it is nil, nothing is logged.
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
	// A browser's form sends a semicolon as %3B. Package url drops a parameter with a plain semicolon, and the
	// page would look as if no username had been given.
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

// load fills p with GitHub's answers about p.Username. It asks for the user and the repositories at the same time.
// If only the repositories fail, it still fills in the profile.
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
		if p.Problem.status >= http.StatusInternalServerError { // an unknown name is no error of this program or of GitHub
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

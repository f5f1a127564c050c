package github

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// recentRepos is how many repositories Repos asks for.
const recentRepos = 5

// A User is a GitHub account. A field that the account leaves open is empty.
type User struct {
	Login       string `json:"login"`
	Name        string `json:"name"`
	AvatarURL   string `json:"avatar_url"`
	HTMLURL     string `json:"html_url"`
	Bio         string `json:"bio"`
	Company     string `json:"company"`
	Location    string `json:"location"`
	Blog        string `json:"blog"` // as typed by the user: it may lack a scheme
	PublicRepos int    `json:"public_repos"`
	Followers   int    `json:"followers"`
}

// A Repo is a public repository.
type Repo struct {
	Name        string    `json:"name"`
	HTMLURL     string    `json:"html_url"`
	Description string    `json:"description"`
	Language    string    `json:"language"`
	Stars       int       `json:"stargazers_count"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// User returns the account named login. If no account can have that login, it sends nothing and returns
// [ErrInvalidLogin]. Its other errors are [ErrNotFound] if the account does not exist, a [*RateLimitError], a
// [*StatusError], [ErrBadAnswer], or an error of the network.
func (c *Client) User(ctx context.Context, login string) (User, error) {
	if err := CheckLogin(login); err != nil {
		return User{}, err
	}
	path := userPath(login)
	var user User
	if err := c.get(ctx, path, nil, &user); err != nil {
		return User{}, err
	}
	if user.Login == "" {
		return User{}, fmt.Errorf("github: GET %s: %w: a user without a login", path, ErrBadAnswer)
	}
	user.Name = strings.TrimSpace(user.Name)
	return user, nil
}

// Repos returns the most recently updated repositories of login, at most five, the latest first. Its errors are the
// same as those of [Client.User].
func (c *Client) Repos(ctx context.Context, login string) ([]Repo, error) {
	if err := CheckLogin(login); err != nil {
		return nil, err
	}
	query := url.Values{"sort": {"updated"}, "per_page": {strconv.Itoa(recentRepos)}}
	var repos []Repo
	if err := c.get(ctx, userPath(login)+"/repos", query, &repos); err != nil {
		return nil, err
	}
	return repos, nil
}

// userPath escapes login as one segment. A login that CheckLogin accepts has nothing to escape, but the path should
// not depend on that.
func userPath(login string) string {
	return "/users/" + url.PathEscape(login)
}

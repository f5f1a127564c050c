// Package github reads users and their repositories from GitHub's REST API.
//
// It is ordinary production code: the address is a constant and requests leave through [http.DefaultClient]. Tests
// redirect its requests without a change to this package.
package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// BaseURL is where the API lives.
const BaseURL = "https://api.github.com"

// maxBody is the longest answer that get accepts, in bytes. A user or a page of five repositories is below 40 KiB.
const maxBody = 1 << 20

// A Client calls the API. Its zero value is ready to use, and a Client may be used by many goroutines at once.
type Client struct {
	// HTTP sends the requests; nil means http.DefaultClient.
	HTTP *http.Client
}

// get decodes the answer to GET path?query into v, and names the path in its errors.
func (c *Client) get(ctx context.Context, path string, query url.Values, v any) error {
	if err := c.fetch(ctx, path, query, v); err != nil {
		return fmt.Errorf("github: GET %s: %w", path, err)
	}
	return nil
}

func (c *Client) fetch(ctx context.Context, path string, query url.Values, v any) error {
	target := BaseURL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("User-Agent", "scopetree-githubprofile")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")

	resp, err := c.client().Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	body, err := readBody(resp.Body)
	if resp.StatusCode != http.StatusOK {
		// The status says more than a body that could not be read.
		return statusError(resp, body)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	return nil
}

func (c *Client) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return http.DefaultClient
}

// readBody reads all of r, or fails once it is longer than maxBody.
func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrBadAnswer, maxBody)
	}
	return body, nil
}

// withoutURL removes the method and URL that http.Client puts before every error. get names them already.
func withoutURL(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	return err
}

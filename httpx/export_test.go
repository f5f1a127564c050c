package httpx

import "net/url"

// Rewrite is what a request's URL becomes at a target.
func Rewrite(u *url.URL, target string) (*url.URL, error) {
	t, err := parseTarget(target)
	if err != nil {
		return nil, err
	}
	out := new(url.URL)
	if err := rewrite(out, u, t); err != nil {
		return nil, err
	}
	return out, nil
}

// Takes says whether a host pattern is for a URL.
func Takes(host string, u *url.URL) (bool, error) {
	p, err := parsePattern(host)
	if err != nil {
		return false, err
	}
	return p.takes(authority(u)), nil
}

package github

import (
	"fmt"
	"regexp"
)

// maxLogin is the length of the longest login, in characters, all of them ASCII.
const maxLogin = 39

var loginPattern = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)

// CheckLogin checks login by the rule of GitHub's sign-up form: letters, digits and single hyphens, no hyphen at
// either end, at most 39 characters. It returns nil, or an error that wraps [ErrInvalidLogin] and names login.
func CheckLogin(login string) error {
	if len(login) > maxLogin || !loginPattern.MatchString(login) {
		return fmt.Errorf("github: login %q: %w", login, ErrInvalidLogin)
	}
	return nil
}

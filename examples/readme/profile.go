// Package readme has the code that the README and the pages in docs show. Here
// it is compiled and run.
package readme

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// ProfileName is production code.
func ProfileName(login string) (string, error) {
	resp, err := http.Get("https://api.github.com/users/" + login)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("GitHub answered %s", resp.Status)
	}
	var user struct{ Name string }
	err = json.NewDecoder(resp.Body).Decode(&user)
	return user.Name, err
}

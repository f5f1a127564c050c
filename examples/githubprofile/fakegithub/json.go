package fakegithub

import (
	"encoding/json"
	"net/http"
	"strconv"
)

const jsonType = "application/json; charset=utf-8"

// userJSON returns the fields of GitHub's answer that this program reads. Its links point to
// origin.
func userJSON(u user, origin string) map[string]any {
	return map[string]any{
		"login":        u.login,
		"name":         orNull(u.name),
		"avatar_url":   origin + "/avatars/" + u.login,
		"html_url":     origin + "/" + u.login,
		"bio":          orNull(u.bio),
		"company":      orNull(u.company),
		"location":     orNull(u.location),
		"blog":         u.blog, // GitHub sends "" here, not null
		"public_repos": len(u.repos),
		"followers":    u.followers,
	}
}

func repoJSON(r repo, u user, origin string) map[string]any {
	return map[string]any{
		"name":             r.name,
		"html_url":         origin + "/" + u.login + "/" + r.name,
		"description":      orNull(r.description),
		"language":         orNull(r.language),
		"stargazers_count": r.stars,
		"updated_at":       r.updated,
	}
}

// orNull returns s, or nil if s is empty. GitHub sends null for a field that the user left
// empty.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// writeError answers in the shape of GitHub's errors.
func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]any{
		"message":           message,
		"documentation_url": "https://docs.github.com/rest",
		"status":            strconv.Itoa(status),
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // an error means that the client has gone
}

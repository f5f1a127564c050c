// Package sharedapp is an app whose tests share one server. It has the page of
// examples/githubprofile, and a webhook that GitHub calls back.
//
// It is ordinary production code. The tests have the code that lets them share
// the app in parallel.
package sharedapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/scopetree/scope/examples/githubprofile/github"
	"github.com/scopetree/scope/examples/githubprofile/profile"
)

// New returns the app: the page at /, POST /watch?repo=octocat/tide, which asks
// GitHub for a webhook, and POST /webhook, which GitHub then calls.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", new(profile.Handler))
	mux.HandleFunc("POST /watch", watch)
	mux.HandleFunc("POST /webhook", receive)
	return mux
}

// watch asks GitHub to call this app back for a repository. GitHub does so at
// once, with a ping.
func watch(w http.ResponseWriter, r *http.Request) {
	err := createHook(r.Context(), r.FormValue("repo"), "http://"+r.Host+"/webhook")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func createHook(ctx context.Context, repo, url string) error {
	body, err := json.Marshal(map[string]any{"name": "web", "config": map[string]string{"url": url}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, github.BaseURL+"/repos/"+repo+"/hooks", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return errors.New("GitHub answered " + resp.Status)
	}
	return nil
}

// receive thanks the sender of an event, by the sender's name at GitHub.
func receive(w http.ResponseWriter, r *http.Request) {
	var event struct{ Sender github.User }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	user, err := new(github.Client).User(r.Context(), event.Sender.Login)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "Thank you, %s.", user.Name)
}

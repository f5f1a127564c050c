package fakes

import (
	"log/slog"
	"net/http"
)

// Mail returns an e-mail service. It sends nothing, and logs what it would have sent.
func Mail() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ To, Subject, Text string }
		if !decode(w, r, &asked) {
			return
		}
		slog.Info("the fake mail service got an e-mail", "to", asked.To, "subject", asked.Subject, "text", asked.Text)
		answer(w, http.StatusAccepted, map[string]string{})
	})
	return mux
}

package fakegithub

import (
	"maps"
	"slices"
)

// A user is an account of the fake. Empty fields are null in its JSON.
type user struct {
	login, name, bio, company, location, blog string

	color     string // of the avatar
	followers int
	repos     []repo // most recently updated first
}

type repo struct {
	name, description, language string

	stars   int
	updated string // RFC 3339
}

// users are the accounts by login, in lower case.
var users = map[string]user{
	"octocat": {
		login: "octocat", name: "The Octocat", color: "#3b5bdb", followers: 12345,
		bio:     "Eight arms, one keyboard. Likes small commits and warm water.",
		company: "@github", location: "The Pacific Ocean", blog: "octocat.example",
		repos: []repo{
			{"hello-tide", "Says hello whenever the water comes in.", "Go", 1482, "2026-03-14T09:26:53Z"},
			{"coral", "A tree structure that grows at its tips.", "Rust", 310, "2026-02-27T18:04:11Z"},
			{"ink", "Leave a problem quickly.", "Go", 96, "2026-01-09T07:45:00Z"},
			{"shell-collection", "Dotfiles.", "Shell", 1, "2025-11-30T22:10:37Z"},
			{"eight-queens", "", "Haskell", 42, "2025-08-02T13:00:00Z"},
			{"old-wreck", "Nobody has been down here for years.", "Perl", 7, "2019-05-05T05:05:05Z"},
		},
	},
	// A new account, with neither a name nor a repository.
	"newcomer": {login: "newcomer", color: "#5f6b7a"},
	// Letters beyond ASCII, in several scripts and directions.
	"zoe": {
		login: "zoe", name: "Zoë Łukasiewicz-Ñandú 李雪", color: "#0b7285", followers: 208,
		bio:     "Übersetzt gern. Пишет письма. שלום עולם.",
		company: "Café Déjà Vu", location: "Kraków", blog: "https://zoe.example/über",
		repos: []repo{
			{"woerterbuch", "Ein Wörterbuch für 12 Sprachen – “klein, aber fein”.", "Python", 77, "2026-02-01T12:00:00Z"},
		},
	},
	// The call for the user works, the call for the repositories fails. See failures.
	"halfway": {
		login: "halfway", name: "Half Way", color: "#9c36b5", followers: 3,
		bio:   "My repositories are having a bad day.",
		repos: []repo{{"unseen", "", "Go", 0, "2026-01-01T00:00:00Z"}},
	},
}

// Logins returns the logins that have an answer of their own, sorted. The fake knows no other
// login.
func Logins() []string {
	all := maps.Clone(failures)
	for login := range users {
		all[login] = failure{}
	}
	return slices.Sorted(maps.Keys(all))
}

package debug

import (
	"strings"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// most is how many scopes a page shows.
const most = 1000

// A view is what a page shows, in HTML and JSON.
type view struct {
	Carrier string      `json:"carrier"`
	Since   time.Time   `json:"since"` // since when scopes are tracked
	Filter  string      `json:"filter,omitempty"`
	Live    int         `json:"live"`    // scopes, whatever the filter
	Shown   int         `json:"shown"`   // those on the page
	Omitted int         `json:"omitted"` // those that the filter leaves, but are too many
	Scopes  []scopeView `json:"scopes"`

	Refresh int    `json:"-"` // seconds
	Age     string `json:"-"`
}

type scopeView struct {
	Name      string        `json:"name"`
	Path      string        `json:"path"`
	Made      time.Time     `json:"made,omitzero"` // zero, as Age is "", if it was before
	Age       string        `json:"age,omitempty"`
	Bound     int           `json:"bound"` // its own and inherited
	Bindings  []bindingView `json:"bindings"`
	Inherited []bindingView `json:"inherited,omitempty"`
	Routed    int           `json:"routed"` // requests
	Requests  []requestView `json:"requests,omitempty"`
	Scopes    []scopeView   `json:"scopes,omitempty"`
}

type bindingView struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	Redacted bool   `json:"redacted,omitempty"`
	Place    string `json:"place,omitempty"`
	Scope    string `json:"scope,omitempty"` // the one that binds it, where it is inherited
}

type requestView struct {
	Line  string `json:"line"`
	Count int    `json:"count"`
}

// look returns a view of the scopes that have filter in their paths, whatever
// its case, those around them and those below.
func look(filter string, since, now time.Time) *view {
	v := &view{
		Carrier: scope.Carrier(),
		Since:   since.Round(0),
		Filter:  filter,
		Age:     age(since, now),
	}
	v.Scopes = v.add(engine.Tracked(), strings.ToLower(filter), now)
	return v
}

func (v *view) add(list []*engine.Listing, filter string, now time.Time) []scopeView {
	views := []scopeView{} // in JSON an array, also without any
	for _, s := range list {
		v.Live++
		if !matches(s, filter) {
			v.Live += count(s.Below)
			continue
		}
		if v.Shown == most {
			v.Live += count(s.Below)
			v.Omitted += 1 + countMatching(s.Below, filter)
			continue
		}
		v.Shown++
		made := viewOf(s, now)
		made.Scopes = v.add(s.Below, filter, now)
		views = append(views, made)
	}
	return views
}

// matches says whether a scope has filter in its path or that of one below it.
func matches(s *engine.Listing, filter string) bool {
	if strings.Contains(strings.ToLower(s.Path), filter) {
		return true
	}
	for _, below := range s.Below {
		if matches(below, filter) {
			return true
		}
	}
	return false
}

func count(list []*engine.Listing) int { return countMatching(list, "") }

func countMatching(list []*engine.Listing, filter string) (n int) {
	for _, s := range list {
		if matches(s, filter) {
			n += 1 + countMatching(s.Below, filter)
		}
	}
	return n
}

func viewOf(s *engine.Listing, now time.Time) scopeView {
	v := scopeView{Name: s.Name, Path: s.Path, Made: s.Since.Round(0), Age: age(s.Since, now), Bindings: []bindingView{}}
	for _, b := range s.Bindings() {
		v.Bound++
		made := bindingView{Key: b.Key, Value: b.Value, Redacted: b.Redacted, Place: b.Place}
		if b.Scope == s.Path {
			v.Bindings = append(v.Bindings, made)
			continue
		}
		made.Scope = b.Scope
		v.Inherited = append(v.Inherited, made)
	}
	r := s.Requests()
	v.Routed = r.Total
	for _, last := range r.Last {
		v.Requests = append(v.Requests, requestView{last.String(), last.Count})
	}
	return v
}

// age returns how long something has been there: 3m12s. It is "" for the zero time.
func age(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	d := max(now.Sub(since), 0)
	if d < time.Second {
		return d.Truncate(time.Millisecond).String()
	}
	return d.Truncate(time.Second).String()
}

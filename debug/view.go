package debug

import (
	"strings"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// most is the largest number of scopes that a page shows.
const most = 1000

// A view is the content of a page, for HTML and JSON.
type view struct {
	Carrier string      `json:"carrier"`
	Since   time.Time   `json:"since"` // when tracking began
	Filter  string      `json:"filter,omitempty"`
	Live    int         `json:"live"`    // number of scopes, with no filter
	Shown   int         `json:"shown"`   // number of scopes on the page
	Omitted int         `json:"omitted"` // number of scopes that pass the filter, but are too many for the page
	Scopes  []scopeView `json:"scopes"`

	Refresh int    `json:"-"` // seconds
	Age     string `json:"-"`
}

type scopeView struct {
	Name      string        `json:"name"`
	Path      string        `json:"path"`
	Made      time.Time     `json:"made,omitzero"` // zero if that was before tracking began; then Age is ""
	Age       string        `json:"age,omitempty"`
	Bound     int           `json:"bound"` // its own bindings, and inherited ones
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
	Scope    string `json:"scope,omitempty"` // the scope that binds it, if it is inherited
}

type requestView struct {
	Line  string `json:"line"`
	Count int    `json:"count"`
}

// look returns a view of the scopes with filter in their paths, in upper or lower case,
// of the scopes around them, and of those below them.
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
	views := []scopeView{} // an empty array in JSON, and not null
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

// matches reports whether a scope, or a scope below it, has filter in its path.
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

// age returns the time since a moment, such as 3m12s. It is "" for the zero time.
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

package env

import (
	"maps"
	"runtime"
	"sync"
	"weak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// Bind returns the binding that sets a variable, for [scope.With] and
// scopetest.With. It panics as [Set] does. It prints as NAME=‹redacted›.
func Bind(name, value string) scope.Binding {
	return variable(name).Bind(change{native.checked(name, value), value, true})
}

// Hide returns the binding that hides a variable, as [Unset] does.
func Hide(name string) scope.Binding {
	return variable(name).Bind(change{name: native.checked(name, "")})
}

// A change is what a scope says of a variable.
type change struct {
	name  string // as it was spelled
	value string
	set   bool // else it is hidden
}

// changes has those of a scope and of the scopes around it, by the variable's
// id. It is immutable once its scope is made.
type changes map[string]change

// changed is the one key that readers ask for. Each variable has a key too, so
// that Explain and a binding's text speak of that variable alone.
var changed = scope.NewKey[changes]("env", nil, scope.Redacted())

func (all changes) add(c change, fresh bool) changes {
	if fresh {
		all = maps.Clone(all)
	}
	if all == nil {
		all = make(changes, 1)
	}
	all[native.id(c.name)] = c
	return all
}

// variables has the variables' keys, by id. They are held weakly: a process
// that binds names without end, such as those of its users' jobs, keeps the
// keys of those that some binding or scope still has.
var variables sync.Map // id → weak.Pointer[scope.Key[change]]

// variable returns the key of a variable. It is the same one for as long as
// anything holds it.
func variable(name string) *scope.Key[change] {
	id := native.id(name)
	var made *scope.Key[change]
	for {
		known, ok := variables.Load(id)
		if ok {
			if k := known.(weak.Pointer[scope.Key[change]]).Value(); k != nil {
				return k
			}
			variables.CompareAndDelete(id, known) // its cleanup has not run yet
			continue
		}
		if made == nil {
			made = scope.NewKey(id, change{}, scope.Redacted())
			engine.Collect(made, changed, changes.add)
		}
		ref := weak.Make(made)
		if _, ok := variables.LoadOrStore(id, ref); !ok {
			runtime.AddCleanup(made, func(id string) { variables.CompareAndDelete(id, ref) }, id)
			return made
		}
	}
}

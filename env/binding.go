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

// A change is what a scope does to a variable: it sets or hides it.
type change struct {
	name  string // the name as it was written
	value string
	set   bool // if false, the variable is hidden
}

// A changes has the changes of a scope and of the scopes around it, by the id of the
// variable. It is immutable once its scope is made.
type changes map[string]change

// changed is the only key that a read looks up. Each variable has a key too, so that
// Explain and a binding's text are about that variable alone.
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

// variables has the keys of variables, by id. It has weak pointers. So if a process binds
// ever new names, such as those of its users' jobs, only keys that some binding or scope
// still has stay in memory.
var variables sync.Map // id → weak.Pointer[scope.Key[change]]

// variable returns the key of a variable. It returns the same key as long as something
// refers to that.
func variable(name string) *scope.Key[change] {
	id := native.id(name)
	var made *scope.Key[change]
	for {
		known, ok := variables.Load(id)
		if ok {
			if k := known.(weak.Pointer[scope.Key[change]]).Value(); k != nil {
				return k
			}
			variables.CompareAndDelete(id, known) // the key was collected, but its cleanup has not run yet
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

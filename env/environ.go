package env

import (
	"context"
	"maps"
	"os"
	"slices"

	"github.com/scopetree/scope"
)

// Environ returns the environment of the scope that decides for ctx in the form
// that exec.Cmd.Env takes: "name=value", each name once. The process's variables
// come first, in the order of os.Environ, whose result it is where nothing is
// changed; then those that scopes add, by name. The slice is the caller's.
//
// An empty environment is an empty slice, and not nil, which exec.Cmd takes for
// the process's.
func Environ(ctx context.Context) []string {
	process := os.Environ()
	if c := scope.Get(ctx, changed); c != nil {
		return native.apply(c, process)
	}
	return process
}

// apply returns the environment with the changes made, in the same array if
// there is room.
func (s system) apply(all changes, process []string) []string {
	list := process[:0]
	left := maps.Clone(all)
	for _, entry := range process {
		name := nameOf(entry)
		id := s.id(name)
		c, ok := all[id]
		if !ok {
			list = append(list, entry)
			continue
		}
		if _, first := left[id]; first && c.set {
			list = append(list, name+"="+c.value) // in the process's spelling
		}
		delete(left, id)
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		if c := left[id]; c.set {
			list = append(list, c.name+"="+c.value)
		}
	}
	return list
}

package env

import (
	"context"
	"maps"
	"os"
	"slices"

	"github.com/scopetree/scope"
)

// Environ returns the environment of the scope that decides for ctx, in the form that
// exec.Cmd.Env takes: "name=value", each name once. First come the process's variables in
// the order of os.Environ, then the variables that scopes add, sorted by name. If no
// scope changes anything, the result is that of os.Environ. The slice belongs to the
// caller.
//
// If the environment is empty, the result is an empty slice and not nil, because exec.Cmd
// would take nil for the process's environment.
func Environ(ctx context.Context) []string {
	process := os.Environ()
	if c := scope.Get(ctx, changed); c != nil {
		return native.apply(c, process)
	}
	return process
}

// apply returns the environment with the changes. It uses the same array if there is
// room.
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
			list = append(list, name+"="+c.value) // the name as the process has it
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

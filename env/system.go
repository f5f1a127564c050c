package env

import (
	"fmt"
	"runtime"
	"strings"
)

// A system is what operating systems differ in, as to environments.
type system struct {
	foldsCase bool // Path and PATH are one variable
	allowsNUL bool // in values
}

// native is the system that this process runs on. Package os/exec, which takes
// what Environ returns, differs between the same two.
var native = systemOf(runtime.GOOS)

func systemOf(goos string) system {
	return system{foldsCase: goos == "windows", allowsNUL: goos == "plan9"}
}

// id returns what tells variables apart.
func (s system) id(name string) string {
	if s.foldsCase {
		return strings.ToUpper(name)
	}
	return name
}

// checked returns the name, or panics where os.Setenv returns an error. It shows
// no value, nor what follows a "=": who passes "TOKEN=secret" passes a secret.
func (s system) checked(name, value string) string {
	shown, _, equals := strings.Cut(name, "=")
	switch {
	case name == "":
		panic("env: a variable with an empty name")
	case equals:
		panic(fmt.Sprintf("env: variable %q: its name has a \"=\"", shown+"=…"))
	case strings.Contains(name, "\x00"):
		panic(fmt.Sprintf("env: variable %q: its name has a NUL", name))
	case strings.Contains(value, "\x00") && !s.allowsNUL:
		panic(fmt.Sprintf("env: variable %q: its value has a NUL", name))
	}
	return name
}

// nameOf returns the name in an entry of os.Environ, "" for an entry that has
// none. Windows has names that begin with a "=", such as "=C:".
func nameOf(entry string) string {
	if entry == "" {
		return ""
	}
	return entry[:strings.Index(entry[1:], "=")+1]
}

package env

import (
	"fmt"
	"runtime"
	"strings"
)

// A system has the differences between operating systems that matter for environments.
type system struct {
	foldsCase bool // Path and PATH are the same variable
	allowsNUL bool // in values
}

// native is the system that this process runs on. Package os/exec, to which the result of
// Environ goes, makes the same distinction.
var native = systemOf(runtime.GOOS)

func systemOf(goos string) system {
	return system{foldsCase: goos == "windows", allowsNUL: goos == "plan9"}
}

// id returns a form of a name by which variables can be compared.
func (s system) id(name string) string {
	if s.foldsCase {
		return strings.ToUpper(name)
	}
	return name
}

// checked returns the name. It panics where os.Setenv returns an error. The text shows no
// value, and nothing that follows a "=", because a caller that passes "TOKEN=secret" has
// passed a secret.
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

// nameOf returns the name in an entry of os.Environ, or "" if the entry has none. On
// Windows a name may begin with a "=", such as "=C:".
func nameOf(entry string) string {
	if entry == "" {
		return ""
	}
	return entry[:strings.Index(entry[1:], "=")+1]
}

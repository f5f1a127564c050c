package env

// ApplyOn returns what Environ does on an operating system with changes: the
// entry "name=value" sets a variable, and "name" hides one.
func ApplyOn(goos string, process []string, entries ...string) []string {
	s := systemOf(goos)
	all := changes{}
	for _, e := range entries {
		c := change{name: e}
		if name := nameOf(e); name != "" {
			c = change{name, e[len(name)+1:], true}
		}
		all[s.id(c.name)] = c
	}
	return s.apply(all, process)
}

// CheckOn panics where a variable can't be bound on an operating system.
func CheckOn(goos, name, value string) { systemOf(goos).checked(name, value) }

// Pretend makes the package behave as on an operating system.
func Pretend(goos string) (restore func()) {
	earlier := native
	native = systemOf(goos)
	return func() { native = earlier }
}

// Variables returns how many variables have a key.
func Variables() (n int) {
	variables.Range(func(any, any) bool { n++; return true })
	return n
}

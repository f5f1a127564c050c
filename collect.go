package scope

// Collect is for packages that build on this one and keep one value for what
// several bindings say together, such as the routes of package httpx. Each
// time that a key with this option is bound, into is bound as well, in the
// same scope, to add(a, v, fresh): a is into's value so far, and v the value
// bound. fresh is true for the first binding of a call of [Set] or [With], and
// a is then the outer scope's: add must leave it alone and return a new value.
//
// v must be of the key's type, or NewKey panics.
func Collect[A, T any](into *Key[A], add func(a A, v T, fresh bool) A) KeyOption {
	c := &collector{
		into:  &into.info,
		takes: func(v any) bool { _, ok := v.(*T); return ok },
		add: func(acc, e *entry, fresh bool) any {
			var a A
			if acc != nil {
				a, _ = acc.reveal().(A)
			} else {
				a = into.Default()
			}
			v, _ := e.reveal().(T)
			return into.info.redact(add(a, v, fresh))
		},
	}
	if !into.info.indirect {
		into.info.indirect = true // before it is used: a key is made with this option
	}
	return func(k *keyInfo) { k.collect = c }
}

// A collector is a key's Collect option, with the types taken off.
type collector struct {
	into  *keyInfo
	takes func(typedNil any) bool
	add   func(acc, e *entry, fresh bool) any // acc is nil where into is unbound
}

// gather returns the value of into that follows from a step, after what a scope
// has collected so far, which may be nothing.
func (c *collector) gather(soFar *entry, s step, under *scope) any {
	if under == nil {
		return c.add(soFar, &s.entry, s.fresh)
	}
	var l *layered
	if soFar != nil {
		l, _ = soFar.value.(*layered)
	}
	return l.then(s, under)
}

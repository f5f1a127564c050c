package engine

// Collect keeps one value for what several bindings say together, such as the
// routes of package httpx. Each time that from is bound, into is bound as well,
// in the same scope, to add(a, v, fresh): a is the value of into so far, and v
// the value bound. fresh is true for the first binding of a call of scope.Set or
// scope.With, and a is then the outer scope's: add must leave it alone and return
// a new value.
//
// It must be called before either key is bound. Several keys may be collected
// into one.
func Collect[A, T any](from Typed[T], into Typed[A], add func(a A, v T, fresh bool) A) {
	sum := Of(into)
	c := &collector{
		into: sum,
		add: func(acc, b *Binding, fresh bool) any {
			var a A
			if acc != nil {
				a, _ = acc.reveal().(A)
			} else {
				a, _ = sum.Default().(A)
			}
			v, _ := b.reveal().(T)
			return sum.redact(add(a, v, fresh))
		},
	}
	if !sum.indirect { // else it may be in use: package env makes keys at any time
		sum.indirect = true
	}
	Of(from).collect = c
}

// A collector says how a key is collected into another, with the types taken off.
type collector struct {
	into *Key
	add  func(acc, b *Binding, fresh bool) any // acc is nil where into is unbound
}

// gather returns the value of into that follows from a step, after what a scope
// has collected so far, which may be nothing.
func (c *collector) gather(soFar *Binding, s step, under *scope) any {
	if under == nil {
		return c.add(soFar, &s.Binding, s.fresh)
	}
	var l *layered
	if soFar != nil {
		l, _ = soFar.value.(*layered)
	}
	return l.then(s, under)
}

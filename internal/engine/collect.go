package engine

// Collect makes one value of several bindings, such as the routes of package httpx. Each
// time that from is bound, into is bound as well, in the same scope. Its value is
// add(a, v, fresh), where a is the value of into so far, and v the value that is bound.
// fresh is true for the first binding of a call of scope.Set or scope.With. Then a belongs
// to the outer scope: add must not change it, and must return a new value.
//
// Collect must be called before either key is bound. Several keys may be collected into
// one.
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
	if !sum.indirect { // don't write it again: package env makes keys while into is in use
		sum.indirect = true
	}
	Of(from).collect = c
}

// A collector has the arguments of Collect for a key, without their types.
type collector struct {
	into *Key
	add  func(acc, b *Binding, fresh bool) any // acc is nil if into is not bound
}

// gather returns the value of into after one more step. soFar is the binding of into that
// the scope has, or nil.
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

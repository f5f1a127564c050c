//go:build gc && !scope_portable

package carrier

import (
	"context"
	"errors"
	"reflect"
	"runtime/pprof"
	"strings"
	"unsafe"
)

// prove returns the key under which a context holds its profiler labels, or an error
// that says why the labels carrier can't be trusted here. It writes labels through the
// public API, reads them back with read, and compares addresses and types before it
// follows a pointer. It works on goroutines of its own, which have ended when it returns.
// So it never touches the caller's labels.
func prove(read func() unsafe.Pointer) (key any, err error) {
	key = askedKey()
	if key == nil {
		return nil, errors.New("carrier: runtime/pprof asks a context for no labels")
	}
	t := newTag("proof")
	set := pprof.Labels("a", "before", t.only[0].key, t.only[0].value, "z", "after")
	ctx := pprof.WithLabels(context.Background(), set)
	stored := ctx.Value(key)
	if err := checkLayout(reflect.TypeOf(stored)); err != nil {
		return nil, err
	}

	var own, inherited unsafe.Pointer
	done := make(chan struct{})
	go func() {
		pprof.SetGoroutineLabels(ctx)
		own = read()
		go func() {
			defer close(done)
			inherited = read()
		}()
	}()
	<-done
	switch {
	case own != reflect.ValueOf(stored).UnsafePointer():
		return nil, errors.New("carrier: a goroutine's labels are not where its context's are")
	case inherited != own:
		return nil, errors.New("carrier: a goroutine does not inherit its parent's labels")
	case (*labelSet)(own).tag() != t:
		return nil, errors.New("carrier: a label set does not keep the strings it was made of")
	}
	return key, nil
}

// checkLayout returns an error if the type of a stored label set does not have the layout
// of *labelSet, down to the last field. The runtime will read our sets as its own.
func checkLayout(t reflect.Type) error {
	if t == nil {
		return errors.New("carrier: runtime/pprof stores no label set where it looks for one")
	}
	bad := errors.New("carrier: runtime/pprof's label set has an unknown layout: " + t.String())
	if t.Kind() != reflect.Pointer {
		return bad
	}
	t = t.Elem()
	for t.Kind() == reflect.Struct && t.NumField() == 1 {
		t = t.Field(0).Type
	}
	if t.Kind() != reflect.Slice {
		return bad
	}
	l := t.Elem()
	if l.Kind() != reflect.Struct || l.NumField() != 2 {
		return bad
	}
	for i, name := range []string{"Key", "Value"} { // in lower case before Go 1.26
		if f := l.Field(i); !strings.EqualFold(f.Name, name) || f.Type.Kind() != reflect.String {
			return bad
		}
	}
	return nil
}

// askedKey returns the key with which runtime/pprof asks a context for its labels.
func askedKey() any {
	probe := &probeContext{Context: context.Background()}
	pprof.Label(probe, LabelKey)
	return probe.asked
}

// A probeContext remembers the key it was last asked for.
type probeContext struct {
	context.Context
	asked any
}

func (c *probeContext) Value(key any) any {
	c.asked = key
	return nil
}

//go:build gc && !scope_portable

package carrier_test

import (
	"reflect"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/internal/carrier"
)

func TestProveRefusesAnUnknownLayout(t *testing.T) {
	t.Parallel()
	type label struct{ Key, Value string }
	for name, foreign := range map[string]any{
		"the map of Go 1.23":    map[string]string{},
		"a pointer to a map":    &map[string]string{},
		"no pointer":            struct{ List []label }{},
		"a pointer to a scalar": new(int),
		"a second field": &struct {
			List []label
			more int
		}{},
		"a field before": &struct {
			n    int
			List []label
		}{},
		"an array":            &struct{ List [2]label }{},
		"a slice of scalars":  &struct{ List []string }{},
		"a slice of pointers": &struct{ List []*label }{},
		"three fields in a label": &struct {
			List []struct{ Key, Value, Unit string }
		}{},
		"one field in a label": &struct{ List []struct{ Key string } }{},
		"the fields swapped":   &struct{ List []struct{ Value, Key string } }{},
		"a value that is no string": &struct {
			List []struct {
				Key   string
				Value any
			}
		}{},
		"a linked list": &struct {
			label
			next *label
		}{},
	} {
		assert.Error(t, carrier.CheckLayout(reflect.TypeOf(foreign)), name)
	}
	assert.Error(t, carrier.CheckLayout(nil), "nothing stored at all")

	type set struct{ List []label }
	assert.NoError(t, carrier.CheckLayout(reflect.TypeFor[*set]()))
	assert.NoError(t, carrier.CheckLayout(reflect.TypeFor[*struct{ set }]()), "a struct around it, as runtime/pprof has it")
	assert.NoError(t, carrier.CheckLayout(reflect.TypeFor[*struct{ list []struct{ key, value string } }]()), "up to Go 1.25")
}

func TestGLSTakesOverWhenTheProofFails(t *testing.T) {
	t.Parallel()
	other := new([64]byte)
	var calls atomic.Int64
	for name, read := range map[string]func() unsafe.Pointer{
		"nil":             func() unsafe.Pointer { return nil },
		"another pointer": func() unsafe.Pointer { return unsafe.Pointer(other) },
		"no inheritance": func() unsafe.Pointer {
			if calls.Add(1) > 1 {
				return nil
			}
			return carrier.ReadLabels()
		},
	} {
		assert.Equal(t, "gls", carrier.ChooseBy(read).Name(), name)
	}
	assert.EqualValues(t, 2, calls.Load(), "the last case got as far as to the child")
}

func TestTheProofLeavesTheCallersLabelsAlone(t *testing.T) {
	t.Parallel()
	c := labels(t)
	run(c, tag("a"), func() {
		before := carrier.ReadLabels()
		carrier.ChooseBy(func() unsafe.Pointer { return nil })
		assert.Equal(t, before, carrier.ReadLabels())
	})
}

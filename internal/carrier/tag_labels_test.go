//go:build gc && !scope_portable

package carrier_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/internal/carrier"
)

func TestNamesOfEveryLengthRoundTrip(t *testing.T) {
	t.Parallel()
	c := labels(t)
	for n := range 201 {
		name := strings.Repeat("n", n)
		a := tag(name)
		want := name
		if n > 168 {
			want = name[:165] + "…"
		}
		require.Equal(t, want, a.Name(), "%d bytes", n)
		require.Equal(t, name, *carrier.Payload[string](a), "%d bytes", n)
		run(c, a, func() {
			require.Same(t, a, c.Current(), "%d bytes", n)
			require.Equal(t, []string{"scope=" + want}, carrier.GoroutineLabels())
		})
		pprof.Do(t.Context(), pprof.Labels("user", "1"), func(context.Context) {
			run(c, a, func() { require.Same(t, a, c.Current(), "%d bytes, with a user's label", n) })
		})
	}
}

func TestLongNamesAreCutBetweenRunes(t *testing.T) {
	t.Parallel()
	for _, r := range []string{"a", "é", "€", "𝄞"} {
		for before := range 8 {
			long := strings.Repeat("x", before) + strings.Repeat(r, 200)
			got := tag(long).Name()
			assert.True(t, utf8.ValidString(got), "%q", got)
			assert.LessOrEqual(t, len(got), 168)
			assert.Greater(t, len(got), 168-len(r), "as much as there is room for")
			kept, cut := strings.CutSuffix(got, "…")
			assert.True(t, cut, "%q", got)
			assert.True(t, strings.HasPrefix(long, kept), "%q", got)
		}
	}
	exact := strings.Repeat("é", 84)
	assert.Equal(t, exact, tag(exact).Name(), "168 bytes fit")
}

func TestForgedLabelsAreNoTag(t *testing.T) {
	t.Parallel()
	mine := tag("mine")
	key, value := carrier.Strings(mine)
	otherKey, otherValue := carrier.Strings(tag("other"))
	require.Same(t, mine, carrier.TagOf(key, value), "what is not forged")

	room := make([]uint64, 64) // its first byte is aligned as a tag's
	at := func(off uintptr, s string) string {
		b := unsafe.Slice((*byte)(unsafe.Pointer(&room[0])), 8*len(room))
		copy(b[off:], s)
		return unsafe.String(&b[off], len(s))
	}
	for name, forged := range map[string][2]string{
		"literals":                       {"scope", "x"},
		"our key, a foreign value":       {key, "x"},
		"a foreign key, our value":       {"scope", value},
		"a copied key, our value":        {strings.Clone(key), value},
		"our key, a copied value":        {key, strings.Clone(value)},
		"one tag's key, another's value": {key, otherValue},
		"and the other way round":        {otherKey, value},
		"our key, our value's end":       {key, value[1:]},
		"our key, an empty value":        {key, ""},
		"another name for the key":       {"scopes", value},
		"a tag's shape with no mark":     {at(0, "scope"), at(carrier.NameAt, "x")},
		"a misaligned key":               {at(257, "scope"), at(257+carrier.NameAt, "x")},
	} {
		assert.Nil(t, carrier.TagOf(forged[0], forged[1]), name)
	}
	runtime.KeepAlive(mine)
}

func TestForgedLabelsOnAGoroutineReadAsNone(t *testing.T) {
	t.Parallel()
	c := labels(t)
	pprof.Do(t.Context(), pprof.Labels("scope", "x"), func(context.Context) {
		assert.Nil(t, c.Current())
		run(c, tag("x"), func() { assert.NotNil(t, c.Current(), "an equal text is not the same label") })
	})
}

// A copy of both strings is the same label: what copies a goroutine's labels
// to another goroutine, as some tracers do, moves the binding with them.
func TestLabelsCopiedWholeAreTheTag(t *testing.T) {
	t.Parallel()
	c := labels(t)
	a := tag("a")
	key, value := carrier.Strings(a)
	pprof.Do(t.Context(), pprof.Labels(key, value), func(context.Context) {
		assert.Same(t, a, c.Current())
	})
}

func TestALabelKeepsItsTagAliveAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	c := labels(t)
	collected := make(chan struct{})
	look, found := make(chan struct{}), make(chan string)
	func() {
		payload := new(string)
		*payload = "still here"
		tag := carrier.NewTag("held", payload)
		runtime.AddCleanup(tag, func(struct{}) { close(collected) }, struct{}{})
		c.Go(tag, t.Context(), func(context.Context) {
			go func() { // holds the label alone, two goroutines down
				for range look {
					found <- *carrier.Payload[string](c.Current())
				}
			}()
		})
	}()
	for range 5 {
		runtime.GC()
		look <- struct{}{}
		assert.Equal(t, "still here", <-found)
	}
	select {
	case <-collected:
		require.Fail(t, "collected while a goroutine's label holds it")
	default:
	}
	close(look)
	assert.True(t, collects(collected), "the goroutine ended, and its tag is alive")
}

// collects makes garbage collections until done is closed.
func collects(done <-chan struct{}) bool {
	for start := time.Now(); time.Since(start) < 30*time.Second; runtime.Gosched() {
		runtime.GC()
		select {
		case <-done:
			return true
		default:
		}
	}
	return false
}

package scope_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// The model implements the rules in the plainest way. A scope is a map, and a read walks
// past scopes that have ended. Random programs run with the model and with the package.

type modelScope struct {
	values map[int]int
	life   *modelLife
}

type modelLife struct {
	path   string
	parent *modelLife
	base   *modelScope
	done   bool
}

func (l *modelLife) ended() bool { return l != nil && (l.done || l.parent.ended()) }

// in returns a scope that starts with what s binds.
func (s *modelScope) in(life *modelLife) *modelScope {
	n := &modelScope{values: map[int]int{}, life: life}
	if s != nil {
		maps.Copy(n.values, s.values)
	}
	return n
}

func (s *modelScope) lifetime() *modelLife {
	if s == nil {
		return nil
	}
	return s.life
}

func (s *modelScope) lookup(key int) (int, bool) {
	for s != nil && s.life.ended() {
		s = s.life.base
	}
	if s == nil {
		return 0, false
	}
	v, ok := s.values[key]
	return v, ok
}

// A modelOp is a step of a program. ctx and end say which of those there are.
type modelOp struct {
	kind     string
	ctx, end int
	key, val int
	also     int
	body     []modelOp // of Run, Go and go
}

func (o modelOp) String() string {
	return fmt.Sprintf("%s{ctx %d, end %d, key %d, val %d, also %d, %v}", o.kind, o.ctx, o.end, o.key, o.val, o.also, o.body)
}

const modelKeys = 3 * engine.MaxAlone

func programs(depth int) *rapid.Generator[[]modelOp] {
	kinds := []string{"Set", "Set", "Set", "With", "New", "end", "Detach", "Capture", "WithCancel"}
	if depth > 0 {
		kinds = append(kinds, "Run", "Go", "go", "Wrap")
	}
	op := rapid.Custom(func(t *rapid.T) modelOp {
		o := modelOp{
			kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			ctx:  rapid.IntRange(0, 99).Draw(t, "ctx"),
			end:  rapid.IntRange(0, 99).Draw(t, "end"),
			key:  rapid.IntRange(0, modelKeys-1).Draw(t, "key"),
			val:  rapid.IntRange(1, 1000).Draw(t, "val"),
			also: rapid.IntRange(0, modelKeys-1).Draw(t, "also"),
		}
		switch o.kind {
		case "Run", "Go", "go", "Wrap":
			o.body = programs(depth-1).Draw(t, "body")
		}
		return o
	})
	return rapid.SliceOfN(op, 0, 12)
}

// A modelRun runs a program. Its goroutines take turns: one at a time runs.
type modelRun struct {
	keys  []*scope.Key[int]
	ctxs  []modelCtx
	ends  []modelEnd
	wrong []string
}

type modelCtx struct {
	ctx   context.Context
	scope *modelScope // nil if it carries none
}

type modelEnd struct {
	end  func()
	life *modelLife
}

func (r *modelRun) run(program []modelOp, bound *modelScope) {
	r.check("at the start", bound)
	for _, o := range program {
		r.step(o, bound)
		r.check(o.kind, bound)
	}
}

func (r *modelRun) step(o modelOp, bound *modelScope) {
	c := r.ctxs[o.ctx%len(r.ctxs)]
	cur := c.scope
	if cur == nil {
		cur = bound
	}
	add := func(ctx context.Context, s *modelScope) { r.ctxs = append(r.ctxs, modelCtx{ctx, s}) }
	// below is the body on a goroutine that is bound to cur: to none where
	// that would say the same.
	below := func() {
		if cur != nil && cur.life == nil && len(cur.values) == 0 {
			r.run(o.body, nil)
			return
		}
		r.run(o.body, cur)
	}
	done := make(chan struct{})
	switch o.kind {
	case "Set":
		n := cur.in(cur.lifetime())
		n.values[o.key] = o.val
		add(scope.Set(c.ctx, r.keys[o.key], o.val), n)
	case "With":
		n := cur.in(cur.lifetime())
		n.values[o.key] = o.val
		n.values[o.also] = -o.val
		add(scope.With(c.ctx, r.keys[o.key].Bind(o.val), r.keys[o.also].Bind(-o.val)), n)
	case "New":
		name := fmt.Sprint("n", o.val)
		life := &modelLife{path: name, parent: cur.lifetime(), base: cur}
		if p := life.parent; p != nil {
			life.path = p.path + "/" + name
		}
		ctx, end := scope.New(c.ctx, name)
		r.ends = append(r.ends, modelEnd{end, life})
		add(ctx, cur.in(life))
	case "end":
		if len(r.ends) > 0 {
			e := r.ends[o.end%len(r.ends)]
			e.end()
			e.life.done = true
		}
	case "Detach":
		add(scope.Detach(c.ctx), (*modelScope)(nil).in(nil))
	case "Capture":
		add(scope.Capture(c.ctx), cur)
	case "WithCancel":
		ctx, cancel := context.WithCancel(c.ctx)
		defer cancel()
		add(ctx, c.scope)
	case "Run":
		scope.Run(c.ctx, func(ctx context.Context) { add(ctx, cur); below() })
	case "Wrap":
		scope.Wrap(c.ctx, below)()
	case "Go":
		scope.Go(c.ctx, func(ctx context.Context) { defer close(done); add(ctx, cur); below() })
		<-done
	case "go":
		go func() {
			defer close(done)
			if labels() {
				r.run(o.body, bound)
			} else {
				r.run(o.body, nil)
			}
		}()
		<-done
	}
}

// check compares the values that every context and the goroutine read.
func (r *modelRun) check(when string, bound *modelScope) {
	for i, c := range r.ctxs {
		s := c.scope
		if s == nil {
			s = bound
		}
		for k, key := range r.keys {
			want, wantOK := s.lookup(k)
			if got, ok := scope.Lookup(c.ctx, key); got != want || ok != wantOK {
				r.wrong = append(r.wrong, fmt.Sprintf("%s: Lookup(ctx %d, key %d) = %d, %t, want %d, %t", when, i, k, got, ok, want, wantOK))
			}
		}
		if got, want := scope.Err(c.ctx) != nil, s.lifetime().ended(); got != want {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: Err(ctx %d): ended %t, want %t", when, i, got, want))
		}
		path := ""
		if l := s.lifetime(); l != nil {
			path = l.path
		}
		if got := scope.Name(c.ctx); got != path {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: Name(ctx %d) = %q, want %q", when, i, got, path))
		}
	}
	for k, key := range r.keys {
		if want, _ := bound.lookup(k); key.Get() != want {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: key %d on the goroutine = %d, want %d", when, k, key.Get(), want))
		}
	}
}

func TestScopesAreWhatTheModelSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := &modelRun{ctxs: []modelCtx{{context.Background(), nil}}}
		for k := range modelKeys {
			r.keys = append(r.keys, scope.NewKey(fmt.Sprint("key ", k), 0))
		}
		r.run(programs(3).Draw(t, "program"), nil)
		if r.wrong != nil {
			t.Fatal(strings.Join(r.wrong, "\n"))
		}
	})
}

package propagation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/scopetree/scope"
)

// A Config says what a [Propagator] sends, and what it accepts.
type Config struct {
	// Secrets are what tokens are signed with: the first signs, and all are
	// accepted. Without one, nothing is sent and nothing accepted.
	Secrets []Secret

	// Audience says who this process is: a service, or a group of them that
	// trust each other. It accepts tokens for that audience and no other, and
	// sends them to it where nothing else is said: see [Propagator.For].
	// It must not be empty, but for a Config without secrets.
	Audience string

	// Allow is what may travel. Nothing else does.
	Allow []Entry

	// Lifetime is how long a token is good for, rounded up to a second, and the
	// longest that is accepted of others. 0 is [DefaultLifetime]. A token that
	// waits in a queue needs more.
	Lifetime time.Duration

	// Skew is how far the clocks of two processes may be apart. 0 is
	// [DefaultSkew], and less is none.
	Skew time.Duration
}

// What [Config] has for zero, and its longest lifetime, which is for queues.
const (
	DefaultLifetime = time.Minute
	DefaultSkew     = 5 * time.Second
	MaxLifetime     = 31 * 24 * time.Hour
)

// A Propagator injects scopes into carriers and extracts them. A nil one and
// the zero Propagator have no secret: they send nothing and accept nothing. Its
// methods may be called from any goroutine, if those of its entries may.
type Propagator struct {
	signers  []*signer
	audience string // that it accepts
	sendsTo  string // the audience of what it sends
	entries  []named
	byName   map[string]named
	seconds  int64 // the lifetime
	skew     time.Duration
	now      func() time.Time
}

// New returns a Propagator, or says what is wrong with c.
func New(c Config) (*Propagator, error) {
	p := &Propagator{
		audience: c.Audience,
		sendsTo:  c.Audience,
		byName:   map[string]named{},
		seconds:  int64(math.Ceil(c.Lifetime.Seconds())),
		skew:     max(c.Skew, 0),
		now:      time.Now,
	}
	if c.Lifetime == 0 {
		p.seconds = int64(DefaultLifetime / time.Second)
	}
	if c.Skew == 0 {
		p.skew = DefaultSkew
	}
	var errs []error
	wrong := func(err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("propagation: %w", err))
		}
	}
	if c.Audience == "" && len(c.Secrets) > 0 {
		wrong(errors.New("no audience"))
	}
	if c.Lifetime < 0 || c.Lifetime > MaxLifetime {
		wrong(fmt.Errorf("lifetime %v is not in 0 to %v", c.Lifetime, MaxLifetime))
	}
	for _, s := range c.Secrets {
		wrong(p.addSecret(s))
	}
	for _, e := range c.Allow {
		wrong(p.addEntry(e))
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

func (p *Propagator) addSecret(s Secret) error {
	if err := s.check(); err != nil {
		return err
	}
	if p.signer(s.id) != nil {
		return fmt.Errorf("two secrets with the id %q", s.id)
	}
	made, err := newSigner(s)
	p.signers = append(p.signers, made)
	return err
}

// signer returns the one with an id, nil if there is none.
func (p *Propagator) signer(id string) *signer {
	for _, s := range p.signers {
		if s.id == id {
			return s
		}
	}
	return nil
}

func (p *Propagator) addEntry(e Entry) error {
	if e == nil {
		return errors.New("a nil entry")
	}
	n := named{e.Name(), e}
	if e, ok := e.(interface{ Err() error }); ok && e.Err() != nil {
		return fmt.Errorf("entry %q: %w", n.name, e.Err())
	}
	if n.name == "" {
		return errors.New("an entry without a name")
	}
	if _, ok := p.byName[n.name]; ok {
		return fmt.Errorf("two entries with the name %q", n.name)
	}
	p.entries = append(p.entries, n)
	p.byName[n.name] = n
	return nil
}

// For returns a Propagator that is p but for the audience of what it sends. An
// empty one is p's own.
func (p *Propagator) For(audience string) *Propagator {
	if p == nil {
		return nil
	}
	other := *p
	other.sendsTo = audience
	return &other
}

// At returns a Propagator that is p but for the time, which now tells. It is for
// a token that was taken before it is opened, as by a workflow engine: it has to
// be good at the time when that took it, at each replay too. Elsewhere it would
// let a token outlive its time.
func (p *Propagator) At(now func() time.Time) *Propagator {
	if p == nil {
		return nil
	}
	other := *p
	other.now = now
	return &other
}

// Inject puts a token into c with what the scope of ctx, or else of the
// goroutine, binds of the allowed entries. Where that is nothing, and where p
// has no secret, it leaves c as it is.
//
// It returns an error, and leaves c as it is, where an entry can't be encoded,
// where the token would be too large ([ErrTooLarge]), and where the scope has
// ended (scope.ErrEnded). A request that goes on without its token may reach
// what its scope was to keep it from, so it should not be sent.
func (p *Propagator) Inject(ctx context.Context, c Carrier) error {
	if p == nil {
		return nil
	}
	token, err := p.token(ctx, p.sendsTo)
	if token != "" {
		c.Set(Header, token)
	}
	return err
}

// Extract returns ctx with what c's token brings bound over the scope of ctx,
// or else of the goroutine. Where c has no token, or one that brings nothing
// that is allowed here, it returns ctx.
//
// It binds no goroutine: pass the result on, or use scope.Run. What is bound
// ends with no request by itself. The token's time says how late the token is
// accepted, and not how long what it brings lasts.
//
// A token that is refused is an error, one of those that this package lists,
// and ctx comes back as it was. Whether the request goes on without a scope is
// for the caller to say.
func (p *Propagator) Extract(ctx context.Context, c Carrier) (context.Context, error) {
	token, ok, err := tokenIn(c)
	if err != nil || !ok {
		return ctx, err
	}
	if p == nil {
		p = new(Propagator)
	}
	var room [4]scope.Binding
	b, err := p.open(token, room[:0])
	if err != nil || len(b) == 0 {
		return ctx, err
	}
	return scope.With(ctx, b...), nil
}

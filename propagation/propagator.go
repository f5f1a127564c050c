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
	// Secrets sign tokens. The first one signs new tokens, and tokens of all are
	// accepted. Without a secret, nothing is sent and nothing is accepted.
	Secrets []Secret

	// Audience names this process: a service, or a group of services that trust each
	// other. The process accepts tokens for this audience only. It also sends tokens to
	// this audience, unless [Propagator.For] says otherwise. Audience must not be empty,
	// except in a Config without secrets.
	Audience string

	// Allow lists the entries that may travel.
	Allow []Entry

	// Lifetime is how long a token is valid, rounded up to a second. Tokens of other
	// processes with a longer lifetime are valid no longer than this. 0 means
	// [DefaultLifetime]. A token that waits in a queue needs more.
	Lifetime time.Duration

	// Skew is the largest accepted difference between the clocks of two processes. 0
	// means [DefaultSkew], and a negative value means none.
	Skew time.Duration
}

// Defaults of [Config], and the longest lifetime, which is for queues.
const (
	DefaultLifetime = time.Minute
	DefaultSkew     = 5 * time.Second
	MaxLifetime     = 31 * 24 * time.Hour
)

// A Propagator injects scopes into carriers, and extracts them. A nil *Propagator and the
// zero Propagator have no secret, so they send nothing and accept nothing. The methods
// may be called from any goroutine, if those of its entries may.
type Propagator struct {
	signers  []*signer
	audience string // the audience of the tokens that it accepts
	sendsTo  string // the audience of the tokens that it sends
	entries  []named
	byName   map[string]named
	seconds  int64 // the lifetime
	skew     time.Duration
	now      func() time.Time
}

// New returns a Propagator, or an error that says what is wrong with c.
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

// signer returns the signer with an id, or nil if there is none.
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

// For returns a copy of p that sends tokens to another audience. An empty audience means
// p's own.
func (p *Propagator) For(audience string) *Propagator {
	if p == nil {
		return nil
	}
	other := *p
	other.sendsTo = audience
	return &other
}

// At returns a copy of p whose clock is now. Use it for a token that was taken some time
// before it is opened, as a workflow engine does. Such a token must be valid at the time
// when it was taken, at each replay too. Elsewhere, At would let a token outlive its
// time.
func (p *Propagator) At(now func() time.Time) *Propagator {
	if p == nil {
		return nil
	}
	other := *p
	other.now = now
	return &other
}

// Inject puts a token into c. The token has what the scope that decides for ctx binds for
// the allowed entries. If that is nothing, or if p has no secret, Inject leaves c
// unchanged.
//
// Inject returns an error, and leaves c unchanged, if an entry can't be encoded, if the
// token would be too large ([ErrTooLarge]), or if the scope has ended (scope.ErrEnded).
// Don't send the request then: without its token it may reach a service from which its
// scope was to keep it.
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

// Extract returns ctx with the values of c's token, bound over the scope that decides for
// ctx. If c has no token, or the token has no value that is allowed here, it returns ctx.
//
// Extract binds no goroutine: pass the result on, or use scope.Run. The new bindings do
// not end when the request ends. The token's time limits how late the token is accepted,
// not how long its values last.
//
// If the token is refused, Extract returns ctx and one of the errors of this package. The
// caller decides whether the request goes on without a scope.
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

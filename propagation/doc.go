// Package propagation lets a scope travel from one process to the next: a few
// values that code names, in one signed header, to destinations that code names.
//
//	p, err := propagation.New(propagation.Config{
//		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", key)},
//		Audience: "staging",
//		Allow:    []propagation.Entry{propagation.Allow(Tenant, propagation.Text)},
//	})
//
//	// The service that is called:
//	http.Handle("/", p.Middleware(app, propagation.Refuse))
//
//	// The service that calls:
//	client := &http.Client{Transport: &propagation.Transport{
//		Propagator: p,
//		To:         map[string]string{"orders.internal": ""},
//	}}
//
// # Vocabulary
//
// An entry is what may travel: a key with a codec ([Allow]), or what another
// package offers, such as wire.Routes. A token is what travels: the values
// that the scope binds for the entries, with the time, a lifetime and an
// audience, signed with a secret. A carrier is the header, the message or the
// record that it travels in. To inject is to put a token into a carrier, and to
// extract is to check one and bind what it brings.
//
// # What travels
//
// Nothing that is not an entry of [Config.Allow], and of those what a scope
// binds: defaults stay at home. A token is signed and not encrypted: whoever
// sees the request reads its values. So a key made with scope.Redacted can't be
// allowed, and [New] names it in an error.
//
// # What is accepted
//
// A token is accepted whole or not at all: of a known version, signed with one
// of the secrets, for this audience, and not expired. Then its values are bound
// over the scope of the context that [Propagator.Extract] was given, as
// scope.With does. Values for names that are not allowed here are ignored, so
// that services may be deployed in any order. A token that is refused leaves
// the context as it was, with an error that says why.
//
// Without a secret nothing is sent, and nothing is accepted.
//
// # Other carriers
//
// [Carrier] has the methods of OpenTelemetry's TextMapCarrier, so what carries
// a trace carries a scope. A consumer of messages binds its goroutine itself:
//
//	ctx, err := p.Extract(ctx, propagation.MapCarrier(message.Headers))
//	// ...
//	scope.Run(ctx, handle)
//
// # Cost
//
// Without a secret, or with nothing bound, next to nothing. With three short
// values, Inject takes about half as long again as it does for W3C baggage,
// which is not signed, and Extract less: bench has the comparison.
//
// # Limits
//
// Whoever has a secret can say all that is allowed, to every audience. A token is
// good more than once until it expires. docs/propagation.md has the threats,
// the token's format, how to rotate secrets and what to watch.
//
// # When a plain parameter is better
//
// When the services are yours and the value is part of what they say to each
// other: put it into the request. A scope is for what the services between do
// not know of, such as the test or the preview that a request belongs to.
package propagation

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
//   - An entry may travel. It is a key with a codec ([Allow]), or an entry of another
//     package, such as wire.Routes.
//   - A token travels. It has the values that the scope binds for the entries, the
//     time, a lifetime and an audience, and it is signed with a secret.
//   - A carrier is the header, the message or the record that the token travels in.
//   - To inject is to put a token into a carrier. To extract is to check a token and
//     to bind its values.
//
// # What travels
//
// Only the entries of [Config.Allow] travel, and only if a scope binds them:
// defaults do not. A token is signed and not encrypted, so anyone who sees the
// request can read the values. Therefore a key made with scope.Redacted can't be
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
// [Carrier] has the methods of OpenTelemetry's TextMapCarrier, so anything that can
// carry a trace can carry a scope. A consumer of messages binds its goroutine
// itself:
//
//	ctx, err := p.Extract(ctx, propagation.MapCarrier(message.Headers))
//	// ...
//	scope.Run(ctx, handle)
//
// # Cost
//
// Without a secret, or with nothing bound, the cost is next to nothing. With three
// short values, Inject takes about one and a half times as long as for W3C baggage,
// which is not signed, and Extract takes less: bench has the comparison.
//
// # Limits
//
// Anyone who has a secret can send all allowed values, to every audience. A token
// can be used several times until it expires. docs/propagation.md has the threats,
// the token's format, the rotation of secrets, and what to watch.
//
// # When a plain parameter is better
//
// If the services are yours and the value is part of their API, put it into the
// request. Use a scope for values that the services in between do not know of, such
// as the test or the preview that a request belongs to.
package propagation

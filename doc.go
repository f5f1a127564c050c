// Package scope gives a test, a request or a job its own configuration: a
// value set in a scope is seen by the code that holds the context and by every
// goroutine started below it, and by no one else.
//
//	var BaseURL = scope.NewKey("payments.url", "https://payments.example")
//
//	ctx = scope.Set(ctx, BaseURL, "http://127.0.0.1:4321")
//	scope.Go(ctx, func(ctx context.Context) {
//		fmt.Println(scope.Get(ctx, BaseURL), BaseURL.Get()) // twice the address on loopback
//	})
//
// # Vocabulary
//
// A key is an identity with a default: [NewKey]. A binding is a key with a
// value: [Key.Bind]. A scope is an immutable set of bindings; [Set] and [With]
// derive one from another, and [New] makes one with a name and an end. To
// inherit a scope is to be started below it. A goroutine is bound to a scope by
// [Run], [Go], [Wrap] or [Attach], and then carries it on. To capture is to put
// the goroutine's scope into a context, and to detach is to start with none. A
// carrier is what binds scopes to goroutines.
//
// # Which scope decides
//
// If the context carries a scope, it is used whole; otherwise the goroutine's;
// otherwise the key's default. They are never merged key by key. [Set] on a
// context that carries no scope starts from the goroutine's. [Explain] tells
// which it was.
//
// # Inheritance
//
// A child has its parent's scope as it was when the child was started. What
// either binds later is not seen by the other. With the labels carrier:
//
//	go, errgroup, WaitGroup.Go            the spawner's
//	t.Run, benchmarks, t.Cleanup          the test's, from its parent
//	handlers of a server                  those of who started the server
//	iter.Pull                             its caller's
//	RoundTrip, CheckRedirect              the caller's
//	time.AfterFunc, finalizers            none: use Wrap
//	a context's AfterFunc                 the canceller's, or none: use Wrap
//	workers started earlier               none: pass the context, or use Wrap
//	workers that one test starts          its own, for all who share them: use Go and Detach
//	pprof.Do, SetGoroutineLabels          kept, if their context carries a scope; else lost
//	a context that pprof.Do made          passed to another goroutine's pprof.Do: the first one's
//
// With the gls carrier [Run], [Go] and [Wrap] pass a scope on, and nothing else
// does. [Carrier] says which one is in use: labels, unless the build tag
// scope_portable is set or the runtime's label sets can't be read as expected.
//
// # The end of a scope
//
// A scope that [New] made ends. It is then absent, never stale: what still runs
// in it reads what its nearest live ancestor binds, or defaults, and [Err]
// returns [ErrEnded]. Package httpx refuses to send for it.
//
// # Testing
//
// Package scopetest binds values for one test, with t.Setenv's shape, under
// t.Parallel. Package httpx routes a scope's HTTP requests, and httpxtest, below
// it, makes the fake servers that they go to.
//
// # Profiles
//
// While a goroutine is bound, it has the profiler label "scope" with the name of
// its scope, beside the labels of its own. A label of the program's own with
// that key gives way to it. Set later, by pprof.Do, it takes the binding away,
// as a context without a scope does.
//
// # When a plain parameter is better
//
// Most of the time: it stands in the signature, and the compiler checks it. A
// scope is for values that must pass through code that can't or should not know
// of them. Prefer [Get] with a context to [Key.Get]: it works across every
// boundary above.
package scope

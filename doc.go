// Package scope gives a test, a request or a job its own configuration. A value set in
// a scope is seen by the code that holds the context, and by the goroutines started
// below it. No other code sees it. A table below says which goroutines inherit a scope:
// with the usual carrier, every goroutine that a go statement starts.
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
//   - A key is an identity with a default value: [NewKey].
//   - A binding is a key with a value: [Key.Bind].
//   - A scope is a set of bindings. It is immutable, except for a test's scope, which
//     package scopetest makes. [Set] and [With] derive one scope from another. [New]
//     makes a scope that has a name and an end.
//   - A goroutine is bound to a scope by [Run], [Go], [Wrap] or [Attach], or by package
//     scopetest or a middleware.
//   - A goroutine inherits the scope of the goroutine that starts it.
//   - [Capture] puts the goroutine's scope into a context. [Detach] starts with an
//     empty scope.
//   - A carrier is the mechanism that binds scopes to goroutines: [Carrier].
//
// # Which scope decides
//
// If the context carries a scope, that scope decides. Otherwise the goroutine's
// scope decides, and otherwise the key has its default. Scopes are never merged key
// by key: a scope that [Set] derives already has everything that is bound around
// it, or, in a test, reads it from the test's scope. The documentation of this
// module calls the scope that is asked the scope that decides for a context.
// [Explain] says which one that is, and why.
//
// # Inheritance
//
// A goroutine gets its parent's scope as it is when the goroutine starts. Later
// bindings of one are not seen by the other. A test's scope is the exception: it
// is live, as package scopetest describes. With the labels carrier:
//
//	go, errgroup, WaitGroup.Go            the scope of the goroutine that starts it
//	t.Run, benchmarks, t.Cleanup          the test's, which is in its parent's
//	handlers of a server                  the scope of the goroutine that started the server
//	iter.Pull                             its caller's
//	RoundTrip, CheckRedirect              the caller's
//	time.AfterFunc, finalizers            none: use Wrap
//	context.AfterFunc                     that of the goroutine that cancels; none at a deadline: use Wrap
//	workers started earlier               none: pass the context, or use Wrap
//	workers that one test starts          that test's, also when others use them: use Go and Detach
//	pprof.Do, SetGoroutineLabels          kept if their context carries a scope, else lost
//	a context that pprof.Do made          passed to another pprof.Do: the scope of the first
//
// Where the table says lost, the goroutine is in no scope from then on: keys have their
// defaults, and package httpx treats its requests as those of code in no scope. In a test
// that has used package scopetest, such a goroutine is in the test's own scope instead. A
// goroutine that [Go] has started with [Detach] is not: it stays in the empty scope. If
// a library's call may lose the scope, put [Run] around the call: after it, the binding is
// back.
//
// # Carriers
//
// The labels carrier keeps the scope in the goroutine's profiler labels, which the
// runtime hands to each new goroutine. No public function reads them, so the library
// proves at start that it reads them right. It is tested with Go 1.25, 1.26 and 1.27. A
// read without a context takes 4 to 5 ns.
//
// If the proof fails, as it may with a later Go, or if the build tag scope_portable is
// set, the gls carrier is in use. It is made of github.com/jtolds/gls, which marks the
// stack. With it, only [Run], [Go] and [Wrap] pass a scope on, and a read without a context
// takes 1 to 40 µs, the more the deeper the stack. Contexts work alike with every carrier,
// and also where none works: see [Carrier].
//
// # The end of a scope
//
// A scope that [New] made ends. An ended scope is absent, never stale: code that
// still runs in it reads what the nearest live scope around it binds, or defaults.
// [Err] returns [ErrEnded] there. Packages httpx and dbx then send nothing, so that code
// which outlives its test reaches no real service.
//
// # Testing
//
// Package scopetest binds values for one test, as t.Setenv does, but under
// t.Parallel. Package httpx routes a scope's HTTP requests. Package httpxtest
// makes the fake servers that they go to.
//
// # Profiles
//
// A bound goroutine has the profiler label "scope" with the scope's name, beside
// its other labels. The program's own label of that name is replaced. If the
// program sets it later with pprof.Do, the goroutine loses its binding, as it does
// with a context that carries no scope.
//
// # Programmer errors
//
// A nil context, key or function panics where it is passed, with a text that says what
// is nil. [Get] and [Key.Get] of a nil key panic as any nil pointer does.
//
// # When a plain parameter is better
//
// Most of the time. A parameter stands in the signature, and the compiler checks
// it. Use a scope for values that must pass through code that can't or should not
// know of them. Prefer [Get] with a context to [Key.Get]: a context works across
// every boundary in the table above.
package scope

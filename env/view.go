package env

import "context"

// A View is this package's functions with a context given, for libraries and
// code that take functions in place of package os's. Use [In] to make one.
// It is itself a Lookuper as github.com/sethvargo/go-envconfig wants it:
//
//	run(ctx, os.Args, env.In(ctx).Getenv)
//	os.Expand(text, env.In(ctx).Getenv)
//	envconfig.Config{Target: &c, Lookuper: env.In(ctx)}
//	koanfenv.Opt{EnvironFunc: env.In(ctx).Environ}
//	caarlos.Options{Environment: caarlos.ToMap(env.Environ(ctx))}
//
// A View may be used from any goroutine.
type View struct{ ctx context.Context }

// In returns a view of the environment of the scope that decides for ctx. If ctx carries
// no scope, each call reads the scope of the goroutine that makes the call.
func In(ctx context.Context) View { return View{ctx} }

// Getenv is [Get] with the view's context.
func (v View) Getenv(name string) string { return Get(v.ctx, name) }

// Lookup is the function [Lookup] with the view's context.
func (v View) Lookup(name string) (value string, ok bool) { return Lookup(v.ctx, name) }

// Environ is the function [Environ] with the view's context.
func (v View) Environ() []string { return Environ(v.ctx) }

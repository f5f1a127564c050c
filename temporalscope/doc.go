// Package temporalscope lets a scope travel through Temporal: from who starts a
// workflow to the activities that it runs.
//
//	scopes := temporalscope.New(p, temporalscope.Refuse) // p is a *propagation.Propagator of package scope
//
//	c, err := client.Dial(client.Options{
//		ContextPropagators: []workflow.ContextPropagator{scopes},
//		Interceptors:       []interceptor.ClientInterceptor{scopes}, // for the workers of this client
//	})
//
// Who may say what, and to whom, is the matter of package propagation: its tokens
// are signed, and bring what code allows. A client has one destination, which
// code names, its namespace. So the workers there have one audience, p's, and
// what is started elsewhere refuses the token.
//
// # What travels
//
//	from                                 to                                    the scope
//	a client that starts, signals with   the workflow's activities, local      yes
//	start, or executes an update         activities, children and next run
//	an activity's context                what its client starts                yes
//	the workflow                         its own code                          no
//	a signal, a query                    the workflow                          no
//	a schedule, a cron                   its runs                              while the token lasts
//	a workflow                           a Nexus operation                     no
//
// # Workflows
//
// A workflow is a hop. It passes on the scope that it was started with, and its
// code does not read it. That is on purpose: a workflow is replayed, months later
// too, with whatever secrets its worker has then, and must decide as it did at
// first. What it decides on belongs into its arguments, which are in its history.
//
// In the same way a token that is refused changes nothing in a workflow, not even
// one that somebody sends along with a signal. It is passed on as it is, and the
// activities refuse it.
//
// # Activities
//
// The interceptor binds an activity's goroutine to its scope, for code that has
// no context. Without the interceptor the context has the scope all the same, and
// an activity binds its goroutine itself:
//
//	func Charge(ctx context.Context, order string) (receipt string, err error) {
//		scope.Run(ctx, func(ctx context.Context) { receipt, err = charge(ctx, order) })
//		return receipt, err
//	}
//
// Below its scope is the worker's: that of worker.Options.BackgroundActivityContext,
// or else of the goroutine that started the worker.
//
// An activity whose token is refused fails with an application error of the type
// [Refused], or is run without a scope: see [OnError]. A worker without the
// interceptor can't say so. There Temporal gets no answer for such an activity,
// which fails when its start-to-close timeout is over.
//
// # Time
//
// A token has to be good when Temporal takes it, and not when a worker comes to
// it: a workflow's when that is started, an activity's when it is scheduled. So a
// workflow may wait, sleep for months, and retry its activities, with a token that
// is good for a minute. For what it starts it signs anew.
//
// The runs of a schedule or a cron, and the retries of a workflow as a whole, have
// the token of the first. They need a Propagator with a longer lifetime:
// propagation.Config has it, up to 31 days.
//
// # Rotation
//
// A workflow signs anew what it opened with the secret that it was started with.
// Keep a retired secret among Config.Secrets for as long as workflows run that
// were started with it. Their later activities refuse the token otherwise.
//
// # History
//
// Temporal keeps what it is sent. Who can read a namespace's history reads the
// values in its tokens, as they read a workflow's arguments, unless a codec
// encrypts headers. They can't use the tokens: those have expired.
//
// # When a plain argument is better
//
// For all that the workflow and its activities speak about. A scope is for what
// the workflow does not know of, such as the preview or the test that it runs for.
package temporalscope

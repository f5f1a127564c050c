// Package temporalscope lets a scope travel through Temporal: from the client
// that starts a workflow to the activities that it runs.
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
// code names: its namespace. So all workers there must have one audience, p's.
//
// # What travels
//
//	from                                        to                                  the scope
//	a client that starts a workflow,            its activities, local activities,   yes
//	signals with start, or updates              children and next run
//	a client that starts an activity            the activity                        yes
//	an activity's context                       what its client starts              yes
//	the workflow                                its own code                        no
//	a signal, a query                           the workflow                        no
//	what creates or last updated a schedule     its runs                            while the token lasts
//	a workflow                                  a Nexus operation                   no
//
// # Workflows
//
// A workflow is a hop. It passes on the scope that it was started with, and its
// code does not get to see it. That is on purpose: a workflow is replayed, months
// later too, with whatever secrets its worker has then, and must decide as it did
// at first. What it decides on belongs in its arguments, which are in its history.
//
// A hop opens the token and signs a new one, so the worker of a workflow has to
// allow the keys that its activities need. A worker without the secret passes the
// token on as it is.
//
// A token that is refused changes nothing in a workflow, not even one that somebody
// sends along with a signal or an update. It is passed on, and the activities
// refuse it.
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
// [Refused], or is run without a scope: see [OnError]. An unknown secret is a
// reason to try again, and anybody can name one: where strangers may send updates,
// bound the retries of the activities that they lead to.
//
// A worker without the interceptor can't do that, and asks no OnError. A local
// activity fails there, and any other attempt is over when its start-to-close
// timeout is, since Temporal gets no answer.
//
// # Time
//
// A token has to be good when Temporal takes it, and not when a worker comes to
// it: a workflow's when that is started, an activity's when it is scheduled. So a
// workflow may wait, sleep for months, and retry its activities, with a token that
// is good for a minute. For what it starts it signs anew. An update's token has to
// be good when the workflow comes to the update.
//
// The runs of a schedule or a cron, and the retries of a workflow as a whole, have
// the token of the first. They need a Propagator with a longer lifetime:
// propagation.Config has it, up to 31 days. An update of a schedule gives it the
// updater's token, and none if that has no scope.
//
// # Rotation
//
// A workflow signs anew what it opened with the secret that it was started with.
// Keep a retired secret among Config.Secrets for as long as workflows run that
// were started with it. Their later activities refuse the token otherwise.
//
// # History
//
// Temporal keeps what it is sent. Anyone who can read a namespace's history reads
// the values in its tokens, as they read a workflow's arguments, and can send a
// token again until it expires.
//
// # When a plain argument is better
//
// For all that the workflow and its activities speak about. A scope is for what
// the workflow does not know of, such as the preview or the test that it runs for.
package temporalscope

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
// Package propagation decides who may send what, and to whom: its tokens are signed, and
// carry only values that code allows. A client has one destination, its namespace. So all
// workers there must have the same audience, which is p's.
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
// A workflow passes on the scope that it was started with, but its own code does not see
// that scope. The reason is replay: a workflow may be replayed months later, with other
// secrets, and must decide as it did at first. Put the values that it decides on into its
// arguments, which are in its history.
//
// A workflow's worker opens the token and signs a new one, so the worker must allow the
// keys that the activities need. A worker without the secret passes the token on as it
// is.
//
// A refused token changes nothing in a workflow, not even a token that comes with a signal
// or an update. It is passed on, and the activities refuse it.
//
// # Activities
//
// The interceptor binds an activity's goroutine to its scope, for code that has no
// context. Without the interceptor the context still carries the scope, and an activity
// can bind its goroutine itself:
//
//	func Charge(ctx context.Context, order string) (receipt string, err error) {
//		scope.Run(ctx, func(ctx context.Context) { receipt, err = charge(ctx, order) })
//		return receipt, err
//	}
//
// The activity's scope is bound over the worker's scope: the one in
// worker.Options.BackgroundActivityContext, or else that of the goroutine that started the
// worker.
//
// If an activity's token is refused, the activity fails with an application error of the
// type [Refused], or runs without a scope: see [OnError]. An unknown secret leads to a
// retry, and anyone can name a secret that does not exist. So if strangers may send
// updates, limit the retries of the activities that these start.
//
// A worker without the interceptor does not ask OnError. A local activity with a refused
// token fails there. Any other attempt ends with its start-to-close timeout, because
// Temporal gets no answer.
//
// # Time
//
// A token must be valid when Temporal takes it, not when a worker gets it: a workflow's
// token when the workflow is started, an activity's token when the activity is scheduled.
// So a workflow with a token for a minute may wait, sleep for months, and retry its
// activities. It signs a new token for each activity or child that it starts. An update's
// token must be valid when the workflow handles the update.
//
// All runs of a schedule or a cron, and all retries of a whole workflow, have the token of
// the first run. They need a Propagator with a longer lifetime: propagation.Config allows
// up to 31 days. An update of a schedule replaces the token by the updater's, or removes
// it if the updater has no scope.
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

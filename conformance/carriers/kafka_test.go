package carriers

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kotel"
	"go.opentelemetry.io/otel/baggage"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/otelscope"
	"github.com/scopetree/scope/propagation"
)

// handled is what a consumer saw of a record.
type handled struct {
	text  string
	who   string
	trace trace.TraceID
	bag   string
}

// records has a producer of "orders" and its consumer. The consumer handles a
// record in the context that open returns.
type records struct {
	producer *kgo.Client
	handled  chan handled
}

func newRecords(t *testing.T, producing, consuming []kgo.Opt, open func(*kgo.Record) context.Context) *records {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "orders"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	brokers := kgo.SeedBrokers(cluster.ListenAddrs()...)

	consumer, err := kgo.NewClient(append(consuming, brokers, kgo.ConsumeTopics("orders"))...)
	require.NoError(t, err)
	r := &records{handled: make(chan handled, 100)}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			fetches := consumer.PollFetches(context.Background())
			if fetches.IsClientClosed() {
				return
			}
			assert.NoError(t, fetches.Err())
			fetches.EachRecord(func(record *kgo.Record) {
				scope.Run(open(record), func(ctx context.Context) {
					r.handled <- handled{string(record.Value), whose(ctx), trace.SpanContextFromContext(ctx).TraceID(), baggage.FromContext(ctx).String()}
				})
			})
		}
	}()
	t.Cleanup(func() {
		consumer.Close()
		<-stopped
	})

	r.producer, err = kgo.NewClient(append(producing, brokers)...)
	require.NoError(t, err)
	t.Cleanup(r.producer.Close)
	return r
}

// send produces a record in ctx, and waits until the broker has it.
func (r *records) send(t *testing.T, ctx context.Context, text string, headers ...kgo.RecordHeader) {
	t.Helper()
	record := &kgo.Record{Topic: "orders", Value: []byte(text), Headers: headers}
	assert.NoError(t, r.producer.ProduceSync(ctx, record).FirstErr())
}

// instrumented returns the options of kotel, with s beside a trace and baggage.
func instrumented(s otelpropagation.TextMapPropagator) []kgo.Opt {
	tracer := kotel.NewTracer(
		kotel.TracerProvider(sdktrace.NewTracerProvider()),
		kotel.TracerPropagator(otelpropagation.NewCompositeTextMapPropagator(beside, s)),
	)
	return []kgo.Opt{kgo.WithHooks(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks()...)}
}

// newInstrumented returns records with kotel on both sides. The producer says
// who its records are for, and the consumer finds a scope in a record's
// context.
func newInstrumented(t *testing.T) (r *records, refused *refusals) {
	t.Helper()
	p, refused := newScopes(t, "a"), new(refusals)
	return newRecords(t,
		instrumented(otelscope.New(p, otelscope.To("orders"))),
		instrumented(otelscope.New(p, otelscope.OnError(func(_ context.Context, err error) { refused.add(err) }))),
		func(record *kgo.Record) context.Context { return record.Context },
	), refused
}

// newPlain returns records without instrumentation. kotel's carrier is also a
// propagation.Carrier.
func newPlain(t *testing.T) (r *records, refused *refusals) {
	t.Helper()
	p, refused := newScopes(t, "a"), new(refusals)
	return newRecords(t, nil, nil, func(record *kgo.Record) context.Context {
		headers := kotel.NewRecordCarrier(record)
		ctx, err := p.Extract(beside.Extract(context.Background(), headers), headers)
		if err != nil {
			refused.add(err) // the record is then handled without a scope
		}
		return ctx
	}), refused
}

func header(name, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: name, Value: []byte(value)}
}

func TestKafkaParallelRecordsEachHaveTheirProducersScope(t *testing.T) {
	t.Parallel()
	r, refused := newInstrumented(t)
	const tenants, each = 10, 5
	t.Run("tenants", func(t *testing.T) {
		for i := range tenants {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				me := fmt.Sprint("tenant-", i)
				ctx, end := scope.New(scope.Set(t.Context(), tenant, me), me)
				defer end()
				for range each {
					r.send(t, ctx, me)
					r.send(t, t.Context(), "nobody") // a record without a token
				}
			})
		}
	})
	for range tenants * each * 2 {
		got := <-r.handled
		assert.Equal(t, got.text, got.who)
	}
	assert.Empty(t, refused.all())
}

func TestKafkaATraceAndBaggageTravelBesideAScope(t *testing.T) {
	t.Parallel()
	r, refused := newInstrumented(t)
	ctx := traced(t, t.Context())
	id := trace.SpanContextFromContext(ctx).TraceID()
	r.send(t, scope.Set(ctx, tenant, "acme"), "1")
	assert.Equal(t, handled{"1", "acme", id, "campaign=autumn"}, <-r.handled)
	r.send(t, ctx, "2")
	assert.Equal(t, handled{"2", "nobody", id, "campaign=autumn"}, <-r.handled)
	assert.Empty(t, refused.all())
}

func TestKafkaABadTokenIsRefusedAndItsRecordHandledWithoutScope(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) (*records, *refusals){"kotel": newInstrumented, "plain": newPlain} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, refused := start(t)
			for token, want := range badTokens(t) {
				seen := len(refused.all())
				r.send(t, t.Context(), "", header("baggage", "campaign=autumn"), header(propagation.Header, token))
				got := <-r.handled
				assert.Equal(t, "nobody", got.who)
				assert.Equal(t, "campaign=autumn", got.bag, "what is beside it is there")
				require.Len(t, refused.all(), seen+1)
				assert.ErrorIs(t, refused.all()[seen], want)
			}
		})
	}
}

// The names of a record's headers may differ in case, and a name may occur more
// than once. kotel's carrier lists all of them. So a token is found in any
// case, and two tokens are one too many.
func TestKafkaARecordHasOneTokenInWhateverCase(t *testing.T) {
	t.Parallel()
	r, refused := newPlain(t)
	token := tokenOf(t, newScopes(t, "a"))
	r.send(t, t.Context(), "", header("Scope-Context", token))
	assert.Equal(t, "acme", (<-r.handled).who)
	assert.Empty(t, refused.all())

	for i, name := range []string{"scope-context", "Scope-Context"} {
		r.send(t, t.Context(), "", header("scope-context", token), header(name, token))
		assert.Equal(t, "nobody", (<-r.handled).who)
		require.Len(t, refused.all(), i+1)
		assert.ErrorIs(t, refused.all()[i], propagation.ErrSeveral)
	}
}

func TestKafkaATokenIsInOneHeaderInLowerCase(t *testing.T) {
	t.Parallel()
	record := new(kgo.Record)
	require.NoError(t, newScopes(t, "a").Inject(scope.Set(t.Context(), tenant, "acme"), kotel.NewRecordCarrier(record)))
	require.Len(t, record.Headers, 1)
	assert.Equal(t, "scope-context", record.Headers[0].Key)
}

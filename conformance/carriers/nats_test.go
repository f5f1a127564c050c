package carriers

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// natsHeader is a NATS header as a propagation.Carrier. Get, Set and Values are the
// methods of nats.Header, which are case-sensitive.
type natsHeader struct{ nats.Header }

func (h natsHeader) Keys() []string { return slices.Collect(maps.Keys(h.Header)) }

// anyCase is a natsHeader for messages from a bridge that writes the names of headers as
// HTTP does.
type anyCase struct{ natsHeader }

func (h anyCase) Values(key string) (all []string) {
	for k, values := range h.Header {
		if strings.EqualFold(k, key) {
			all = append(all, values...)
		}
	}
	return all
}

// natsOrders is a consumer. It answers each message with the tenant that the message is
// for.
type natsOrders struct {
	t       *testing.T
	scopes  *propagation.Propagator
	carrier func(nats.Header) propagation.Carrier
	refused refusals
}

func (o *natsOrders) handle(m *nats.Msg) {
	headers := o.carrier(m.Header)
	ctx := beside.Extract(context.Background(), headers)
	ctx, err := o.scopes.Extract(ctx, headers)
	if err != nil {
		o.refused.add(err) // the message is then handled without a scope
	}
	scope.Run(ctx, func(ctx context.Context) {
		answer := nats.NewMsg(m.Reply)
		answer.Data = []byte(whose(ctx))
		beside.Inject(ctx, natsHeader{answer.Header})
		assert.NoError(o.t, m.RespondMsg(answer))
	})
}

// natsTest has a producer and a consumer. Each has its own connection to the test's own
// server.
type natsTest struct {
	scopes   *propagation.Propagator
	producer *nats.Conn
	orders   *natsOrders
}

// newNATS starts the consumer of "orders", before there is any scope.
func newNATS(t *testing.T, carrier func(nats.Header) propagation.Carrier) *natsTest {
	t.Helper()
	url := startNATS(t)
	n := &natsTest{scopes: newScopes(t, "a"), producer: dialNATS(t, url)}
	n.orders = &natsOrders{t: t, scopes: n.scopes, carrier: carrier}
	consumer := dialNATS(t, url)
	for range 3 {
		_, err := consumer.QueueSubscribe("orders", "workers", n.orders.handle)
		require.NoError(t, err)
	}
	require.NoError(t, consumer.Flush(), "the server knows of the subscriptions")
	return n
}

func exactCase(h nats.Header) propagation.Carrier { return natsHeader{h} }

func startNATS(t *testing.T) (url string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	require.True(t, s.ReadyForConnections(time.Minute))
	return s.ClientURL()
}

func dialNATS(t *testing.T, url string) *nats.Conn {
	t.Helper()
	closed := make(chan struct{})
	conn, err := nats.Connect(url, nats.Timeout(time.Minute), nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, conn.Drain())
		<-closed
	})
	return conn
}

// message returns a message that a producer in ctx has made.
func (n *natsTest) message(t *testing.T, ctx context.Context) *nats.Msg {
	t.Helper()
	m := nats.NewMsg("orders")
	beside.Inject(ctx, natsHeader{m.Header})
	require.NoError(t, n.scopes.Inject(ctx, natsHeader{m.Header}))
	return m
}

// ask sends a message and returns the consumer's answer.
func (n *natsTest) ask(t *testing.T, m *nats.Msg) (who string, answer *nats.Msg) {
	t.Helper()
	answer, err := n.producer.RequestMsgWithContext(t.Context(), m)
	require.NoError(t, err)
	return string(answer.Data), answer
}

func TestNATSParallelMessagesEachHaveTheirProducersScope(t *testing.T) {
	t.Parallel()
	n := newNATS(t, exactCase)
	t.Run("tenants", func(t *testing.T) {
		for i := range 10 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				me := fmt.Sprint("tenant-", i)
				ctx, end := scope.New(scope.Set(t.Context(), tenant, me), me)
				defer end()
				for range 5 {
					who, _ := n.ask(t, n.message(t, ctx))
					assert.Equal(t, me, who)
					who, _ = n.ask(t, n.message(t, t.Context()))
					assert.Equal(t, "nobody", who, "a message without a token")
				}
			})
		}
	})
	assert.Empty(t, n.orders.refused.all())
}

func TestNATSABadTokenIsRefusedAndItsMessageHandledWithoutScope(t *testing.T) {
	t.Parallel()
	n := newNATS(t, exactCase)
	for token, want := range badTokens(t) {
		m := n.message(t, traced(t, t.Context()))
		m.Header.Set(propagation.Header, token)
		seen := len(n.orders.refused.all())
		who, answer := n.ask(t, m)
		assert.Equal(t, "nobody", who)
		require.Len(t, n.orders.refused.all(), seen+1)
		require.ErrorIs(t, n.orders.refused.all()[seen], want)
		assert.NotContains(t, n.orders.refused.all()[seen].Error(), token)
		assert.Equal(t, headersOf(traced(t, t.Context())), headersOf(beside.Extract(t.Context(), natsHeader{answer.Header})), "the trace goes on")
	}
}

func TestNATSATraceAndBaggageAreUntouchedByTheTokenBesideThem(t *testing.T) {
	t.Parallel()
	n := newNATS(t, exactCase)
	ctx := traced(t, t.Context())
	without := n.message(t, ctx)
	with := n.message(t, scope.Set(ctx, tenant, "acme"))
	token := with.Header.Get(propagation.Header)
	require.NotEmpty(t, token)

	who, answer := n.ask(t, with)
	assert.Equal(t, "acme", who)
	assert.Equal(t, headersOf(ctx), headersOf(beside.Extract(t.Context(), natsHeader{answer.Header})))
	with.Header.Del(propagation.Header)
	assert.Equal(t, without.Header, with.Header)
}

// The server and the client pass on names as they are. Header names that differ in case
// are different names.
func TestNATSTheHeaderIsInLowerCaseAndNoOtherIsRead(t *testing.T) {
	t.Parallel()
	n := newNATS(t, exactCase)
	m := n.message(t, scope.Set(t.Context(), tenant, "acme"))
	assert.Equal(t, []string{"scope-context"}, natsHeader{m.Header}.Keys())
	token := m.Header.Get("scope-context")

	for _, name := range []string{"Scope-Context", "SCOPE-CONTEXT"} {
		other := n.message(t, t.Context())
		other.Header.Set(name, token)
		who, _ := n.ask(t, other)
		assert.Equal(t, "nobody", who, name)
		other.Header.Set("scope-context", token)
		who, _ = n.ask(t, other)
		assert.Equal(t, "acme", who, "%s beside it is another header", name)
	}
	assert.Empty(t, n.orders.refused.all())

	m.Header.Add("scope-context", token)
	who, _ := n.ask(t, m)
	assert.Equal(t, "nobody", who)
	require.Len(t, n.orders.refused.all(), 1)
	assert.ErrorIs(t, n.orders.refused.all()[0], propagation.ErrSeveral)
}

func TestNATSACarrierMayReadWhatABridgeFromHTTPWrote(t *testing.T) {
	t.Parallel()
	n := newNATS(t, func(h nats.Header) propagation.Carrier { return anyCase{natsHeader{h}} })
	bridged := http.Header{}
	require.NoError(t, n.scopes.Inject(scope.Set(t.Context(), tenant, "acme"), propagation.HeaderCarrier(bridged)))
	m := &nats.Msg{Subject: "orders", Header: nats.Header(bridged)}
	assert.Equal(t, []string{"Scope-Context"}, natsHeader{m.Header}.Keys())
	who, _ := n.ask(t, m)
	assert.Equal(t, "acme", who)
	assert.Empty(t, n.orders.refused.all())

	m.Header.Set("scope-context", m.Header.Get("Scope-Context"))
	who, _ = n.ask(t, m)
	assert.Equal(t, "nobody", who)
	require.Len(t, n.orders.refused.all(), 1)
	assert.ErrorIs(t, n.orders.refused.all()[0], propagation.ErrSeveral)
}

// The caller of Subscribe starts the subscription's goroutine, so that goroutine inherits
// the caller's scope.
func TestNATSAConsumerThatIsStartedInAScopeDetachesFromIt(t *testing.T) {
	t.Parallel()
	p, url := newScopes(t, "a"), startNATS(t)
	n := &natsTest{scopes: p, producer: dialNATS(t, url)}
	consumer := dialNATS(t, url)
	scope.Run(scope.Set(t.Context(), tenant, "who subscribed"), func(context.Context) {
		_, err := consumer.Subscribe("orders", func(m *nats.Msg) {
			ctx, err := p.Extract(scope.Detach(context.Background()), natsHeader{m.Header})
			assert.NoError(t, err)
			scope.Run(ctx, func(ctx context.Context) { assert.NoError(t, m.Respond([]byte(whose(ctx)))) })
		})
		require.NoError(t, err)
	})
	require.NoError(t, consumer.Flush())

	who, _ := n.ask(t, n.message(t, scope.Set(t.Context(), tenant, "acme")))
	assert.Equal(t, "acme", who)
	who, _ = n.ask(t, n.message(t, t.Context()))
	assert.Equal(t, "nobody", who)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"sync"
	"text/tabwriter"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/preview/shop"
	"github.com/scopetree/scope/propagation"
)

// visit starts staging and the clients' own payments, lets all clients ask at once, and returns what each got. All
// services have stopped when it returns.
func visit(ctx context.Context, secret propagation.Secret, clients []client, hops *log.Logger) ([]outcome, error) {
	ctx = scope.Detach(ctx) // a new process inherits nothing of its parent's scope
	s := &staging{secret: secret, hops: hops}
	defer s.stop()
	all := newMeeting(paid(clients))
	own, err := s.startFakes(ctx, clients, all)
	if err != nil {
		return nil, err
	}
	gateway, err := s.start(ctx, all.hold(shop.Payments(sharedPayments)))
	if err != nil {
		return nil, err
	}

	got := make([]outcome, len(clients))
	var asking sync.WaitGroup
	for i := range clients {
		asking.Go(func() { got[i] = clients[i].ask(ctx, gateway, own[i]) })
	}
	asking.Wait()
	return got, nil
}

// startFakes starts the clients' own payments, and returns their hosts, in the order of the clients.
func (s *staging) startFakes(ctx context.Context, clients []client, all *meeting) ([]string, error) {
	hosts := make([]string, len(clients))
	for i, c := range clients {
		if c.payments == "" {
			continue
		}
		host, stop, err := serve(ctx, s.signed(c.payments, all.hold(shop.Payments(c.payments))))
		if err != nil {
			return nil, err
		}
		s.push(stop)
		hosts[i] = host
		if !c.stranger {
			s.fakes = append(s.fakes, host)
		}
	}
	return hosts, nil
}

// paid returns how many clients should reach a payments service, shared or their own.
func paid(clients []client) (n int) {
	for _, c := range clients {
		if c.want.status == http.StatusOK {
			n++
		}
	}
	return n
}

// printTable prints what each client got.
func printTable(w io.Writer, clients []client, got []outcome) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "CLIENT\tTOKEN\tSTATUS\tSERVED BY\tORDER %s\n", order)
	for i, c := range clients {
		status, by := "-", "-"
		if got[i].status != 0 {
			status = strconv.Itoa(got[i].status)
		}
		if got[i].by != "" {
			by = got[i].by
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.name, c.token, status, by, got[i].answer)
	}
	return table.Flush()
}

// check returns an error for each client that did not get what it should have.
func check(clients []client, got []outcome) error {
	var errs []error
	for i, c := range clients {
		if got[i] != c.want {
			errs = append(errs, fmt.Errorf("%s got %+v, want %+v", c.name, got[i], c.want))
		}
	}
	return errors.Join(errs...)
}

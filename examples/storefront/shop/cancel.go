package shop

import (
	"context"
	"log/slog"
	"net/http"
)

// Cancel cancels a confirmed order: it stops the shipment, takes the payment back and puts the items back into the
// stock. A second Cancel of the same order changes nothing, unless the refund failed: then it tries the refund
// again.
func Cancel(ctx context.Context, id string) (Order, error) {
	cfg, err := loadConfig()
	if err != nil {
		return Order{}, err
	}
	o, err := FindOrder(ctx, id)
	if err != nil {
		return Order{}, err
	}
	ctx = context.WithoutCancel(ctx) // as in Checkout
	switch o.Status {
	case Cancelled, Failed, Declined, Refunded:
		return o, nil // nothing is owed
	case RefundDue:
		return refundAgain(ctx, cfg, o)
	}
	ok, err := move(ctx, DB, id, Cancelling, Confirmed)
	if err != nil {
		return Order{}, err
	}
	if !ok {
		return Order{}, &Problem{http.StatusConflict, "not_cancellable", "This order can't be cancelled now.", ""}
	}
	if err := unship(ctx, cfg, o); err != nil {
		return Order{}, stillShipped(ctx, o, err)
	}
	if o.Status = abandon(ctx, cfg, o, Cancelled); o.Status == RefundDue {
		return Order{}, errRefundDue
	}
	slog.Info("order cancelled", "order", o.ID, "total", o.Total, "currency", o.Currency)
	inform(ctx, cfg, o, "cancelled", "Your order was cancelled", "Your order "+o.ID+" was cancelled. "+o.Total.In(o.Currency)+" will be back on your card.")
	return o, nil
}

var errRefundDue = &Problem{http.StatusBadGateway, "refund_due", "Your order is cancelled, but the refund failed. Please try again later.", ""}

func refundAgain(ctx context.Context, cfg config, o Order) (Order, error) {
	if err := takeBack(ctx, cfg, o); err != nil {
		slog.Error("payment not taken back", "order", o.ID, "error", err)
		return Order{}, errRefundDue
	}
	if _, err := move(ctx, DB, o.ID, Cancelled, RefundDue); err != nil {
		return Order{}, err
	}
	o.Status = Cancelled
	return o, nil
}

// stillShipped sets the order back to confirmed, because its shipment could not be stopped.
func stillShipped(ctx context.Context, o Order, err error) error {
	if _, e := move(ctx, DB, o.ID, Confirmed, Cancelling); e != nil {
		slog.Error("order not confirmed again", "order", o.ID, "error", e)
	}
	if refused(err, http.StatusConflict) {
		return &Problem{http.StatusConflict, "already_sent", "This order is on its way and can't be cancelled any more.", ""}
	}
	slog.Error("shipment not cancelled", "order", o.ID, "error", err)
	return &Problem{http.StatusBadGateway, "shipping_failed", "We can't cancel your order at the moment. Please try again later.", ""}
}

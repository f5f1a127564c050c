package wire

import (
	"net"
	"net/netip"
)

// Dialable returns the reason why an address must not be dialled for a destination, or
// nil.
func Dialable(d Destination, addr string) error {
	made, err := newDestination(d)
	if err != nil {
		return err
	}
	return made.check(netip.MustParseAddr(addr))
}

// ResolveWith makes routes from the wire look names up with r.
func (e *Entry) ResolveWith(r *net.Resolver) { e.resolver = r }

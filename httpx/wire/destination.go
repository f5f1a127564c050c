package wire

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/scopetree/scope/httpx/internal/address"
)

// A Destination is where routes that came over the wire may lead.
type Destination struct {
	// Host is what a target's host must be, as in [httpx.Route]: a host, with a port
	// or, for any port, without; "*.preview.internal" for those below a domain;
	// or, with Networks, "*" for all. An address that stands here is an address
	// that may be dialled, on loopback too.
	Host string

	// From are the hosts whose requests may be sent here, as in [httpx.Route]: those
	// that previews replace. Where there are none it is every host, and so also
	// one whose requests carry what nobody else should see.
	From []string

	// Networks are the addresses that Host may stand for. Where there are
	// none, and Host is a name, it may stand for public addresses alone:
	// not for loopback, nor for those of private networks. Link-local addresses
	// and those at which clouds serve metadata are never dialled.
	Networks []netip.Prefix

	// Trusted destinations get a request as the real host would: with its
	// Authorization, its cookies, the rest of what package http calls sensitive,
	// and the tokens of this module. Others get it without, and set no cookies.
	// Credentials in a query, a body or a header of another name are sent to both.
	Trusted bool
}

// destination is one that was found to be well-formed.
type destination struct {
	Destination
	pattern address.Pattern
	from    []address.Pattern
	addr    netip.Addr // Host, if it is an address
}

func newDestination(d Destination) (destination, error) {
	p, err := address.ParsePattern(d.Host)
	made := destination{Destination: d, pattern: p}
	made.Networks = slices.Clone(d.Networks)
	for _, host := range d.From {
		f, wrong := address.ParsePattern(host)
		if wrong != nil {
			err = cmp.Or(err, fmt.Errorf("from %q: %w", host, wrong))
		}
		made.from = append(made.from, f)
	}
	switch {
	case err != nil:
	case p.Kind == address.AnyHost && len(d.Networks) == 0:
		err = errors.New(`"*" needs Networks`)
	case slices.ContainsFunc(d.Networks, func(n netip.Prefix) bool { return !n.IsValid() }):
		err = errors.New("an invalid network")
	case p.Kind == address.OneHost:
		if addr, err := netip.ParseAddr(p.Host); err == nil {
			made.addr = addr.Unmap()
		}
	}
	return made, err
}

// takes says whether a route with a pattern may lead to the destination.
func (d *destination) takes(p address.Pattern) bool {
	return len(d.from) == 0 || slices.ContainsFunc(d.from, func(f address.Pattern) bool { return f.Covers(p) })
}

// check says whether an address may be dialled for the destination.
func (d *destination) check(addr netip.Addr) error {
	addr = plain(addr)
	var ok bool
	switch {
	case never(addr):
	case d.addr.IsValid() && len(d.Networks) == 0:
		ok = addr == plain(d.addr)
	case len(d.Networks) > 0:
		ok = within(d.Networks, addr)
	default:
		ok = public(addr)
	}
	if !ok {
		return fmt.Errorf("httpx: address %v of %q: %w", addr, d.Host, ErrDestination)
	}
	return nil
}

// plain returns the IPv4 address that an IPv6 address leads to, where it does:
// mapped (RFC 4291 section 2.5.5.2), or through NAT64 (RFC 6052 section 2.1).
func plain(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if nat64.Contains(addr) {
		b := addr.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return addr
}

// never says whether no destination may stand for an address.
func never(addr netip.Addr) bool {
	return !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || addr.IsLinkLocalUnicast() || within(forbidden, addr)
}

// public says whether an address is one of the internet's.
func public(addr netip.Addr) bool {
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !within(special, addr)
}

func within(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}

func networks(cidrs ...string) (all []netip.Prefix) {
	for _, s := range cidrs {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// forbidden has, beside all link-local addresses, those at which clouds serve
// metadata and credentials.
var forbidden = networks(
	"0.0.0.0/8",          // "this network", which some systems take for themselves
	"255.255.255.255/32", // broadcast
	"100.100.100.200/32", // Alibaba
	"168.63.129.16/32",   // Azure
	"192.0.0.192/32",     // Oracle
	"fd00:ec2::/32",      // AWS: 254 serves metadata, 23 keys, 253 names
	"fd20:ce::254/128",   // Google
)

// special has what is neither private nor anybody's on the internet (the IANA
// special-purpose address registries), or leads into another network.
var special = networks(
	"100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

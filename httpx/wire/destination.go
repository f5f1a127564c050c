package wire

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/scopetree/scope/httpx/internal/address"
)

// A Destination says which targets routes from the wire may have.
type Destination struct {
	// Host is the target's host, as in [httpx.Route]: a host,
	// "*.preview.internal" for all hosts below a domain, or "*" for all hosts,
	// which needs Networks. Without a port it matches any port. If Host is an IP
	// address and Networks is empty, that address may be dialled, on loopback too.
	Host string

	// From lists the hosts whose requests may be sent here, as in [httpx.Route].
	// Name the hosts that your previews replace. If From is empty, requests for
	// every host may be sent here, even if they carry data for that host only.
	From []string

	// Networks lists the addresses that Host may resolve to. If Networks is empty
	// and Host is a name, only public addresses may be dialled, and no loopback
	// or private ones. Link-local addresses and the metadata addresses of clouds
	// are never dialled.
	Networks []netip.Prefix

	// Trusted says that the destination gets requests as the real host would,
	// with Authorization, cookies, the other headers that package http calls
	// sensitive, and the tokens of this module. If it is false, these headers are
	// removed, and the destination can set no cookies. Credentials in a query, in
	// a body or in any other header are sent in both cases.
	Trusted bool
}

// A destination is a parsed Destination.
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

// takes says whether a route for the hosts p may lead to the destination.
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

// plain returns the IPv4 address that an IPv6 address leads to: a mapped one (RFC 4291
// section 2.5.5.2), or one behind NAT64 (RFC 6052 section 2.1). It returns any other
// address without its zone.
func plain(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if nat64.Contains(addr) {
		b := addr.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return addr
}

// never says whether addr may never be dialled, whatever the destination.
func never(addr netip.Addr) bool {
	return !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || addr.IsLinkLocalUnicast() || within(forbidden, addr)
}

// public says whether addr is a public address of the internet.
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

// forbidden holds addresses that are never dialled, most of them addresses at which
// clouds serve metadata and credentials. The link-local ones are not listed.
var forbidden = networks(
	"0.0.0.0/8",          // "this network": some systems treat it as this machine
	"255.255.255.255/32", // broadcast
	"100.100.100.200/32", // Alibaba
	"168.63.129.16/32",   // Azure
	"192.0.0.192/32",     // Oracle
	"fd00:ec2::/32",      // AWS: 254 serves metadata, 23 keys, 253 names
	"fd20:ce::254/128",   // Google
)

// special holds addresses that are neither private nor public (the IANA
// special-purpose address registries), or that lead into another network.
var special = networks(
	"100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

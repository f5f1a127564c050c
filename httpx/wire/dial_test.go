package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
)

func TestAddressesThatMayBeDialled(t *testing.T) {
	t.Parallel()
	prefixes := func(cidrs ...string) (all []netip.Prefix) {
		for _, s := range cidrs {
			all = append(all, netip.MustParsePrefix(s))
		}
		return all
	}
	name := wire.Destination{Host: "x.test", Trusted: true}
	cluster := wire.Destination{Host: "x.test", Networks: prefixes("10.4.0.0/16", "fd12::/16")}
	everything := wire.Destination{Host: "*", Networks: prefixes("0.0.0.0/0", "::/0"), Trusted: true}
	local, local6 := wire.Destination{Host: "127.0.0.1:80"}, wire.Destination{Host: "[::1]"}
	mapped := wire.Destination{Host: "[::ffff:10.0.0.7]"}
	for addr, allowed := range map[string][]wire.Destination{
		"93.184.215.14":            {name, everything},
		"2606:2800:21f::1":         {name, everything},
		"::ffff:93.184.215.14":     {name, everything},
		"64:ff9b::5db8:d70e":       {name, everything}, // NAT64 to 93.184.215.14
		"10.4.1.2":                 {cluster, everything},
		"::ffff:10.4.1.2":          {cluster, everything},
		"fd12::7":                  {cluster, everything},
		"10.5.0.1":                 {everything},
		"10.0.0.7":                 {everything, mapped},
		"172.16.0.1":               {everything},
		"192.168.1.1":              {everything},
		"100.64.0.1":               {everything},
		"198.18.0.1":               {everything},
		"240.0.0.1":                {everything},
		"fc00::1":                  {everything},
		"2002:7f00:1::":            {everything}, // 6to4 to 127.0.0.1
		"2001:0:1::1":              {everything}, // Teredo
		"::7f00:1":                 {everything}, // IPv4-compatible
		"127.0.0.1":                {everything, local},
		"::ffff:127.0.0.1":         {everything, local},
		"127.0.0.2":                {everything},
		"::1":                      {everything, local6},
		"0.0.0.0":                  nil,
		"0.1.2.3":                  nil,
		"::":                       nil,
		"255.255.255.255":          nil,
		"224.0.0.1":                nil,
		"ff02::1":                  nil,
		"169.254.0.1":              nil,
		"169.254.169.254":          nil,
		"::ffff:169.254.169.254":   nil,
		"64:ff9b::a9fe:a9fe":       nil,
		"64:ff9b::169.254.169.254": nil,
		"169.254.170.2":            nil,
		"100.100.100.200":          nil,
		"168.63.129.16":            nil,
		"192.0.0.192":              nil,
		"fe80::1":                  nil,
		"fe80::1%eth0":             nil,
		"fd00:ec2::254":            nil,
		"fd00:ec2::23":             nil,
		"fd20:ce::254":             nil,
	} {
		for _, d := range []wire.Destination{name, cluster, everything, local, local6, mapped} {
			err := wire.Dialable(d, addr)
			if contains(allowed, d.Host, len(d.Networks)) {
				assert.NoError(t, err, "%s for %s", addr, d.Host)
			} else {
				assert.ErrorIs(t, err, wire.ErrDestination, "%s for %s", addr, d.Host)
			}
		}
	}
	for _, host := range []string{"169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "0.0.0.0"} {
		addr := netip.MustParseAddr(trimBrackets(host)).String()
		assert.ErrorIs(t, wire.Dialable(wire.Destination{Host: host, Trusted: true}, addr), wire.ErrDestination, "named in code: %s", host)
	}
}

func contains(list []wire.Destination, host string, networks int) bool {
	for _, d := range list {
		if d.Host == host && len(d.Networks) == networks {
			return true
		}
	}
	return false
}

func trimBrackets(host string) string {
	if host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

// A name in the list of destinations does not promise to which address it resolves.
func TestTheResolvedAddressIsChecked(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	_, port, _ := net.SplitHostPort(fake.host())
	local := "http://local.test:" + port
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	open := allow(t, wire.Destination{Host: "local.test", Networks: loopback})
	open.ResolveWith(standingFor("127.0.0.1"))
	closed := allow(t, wire.Destination{Host: "local.test"})
	closed.ResolveWith(standingFor("127.0.0.1"))

	assert.Equal(t, "fake", get(arrive(t, open, httpx.Route("api.test", local)), onlyWire(t), "http://api.test"))
	got := get(arrive(t, closed, httpx.Route("api.test", local)), onlyWire(t), "http://api.test")
	assert.Contains(t, got, `httpx: address 127.0.0.1 of "local.test": not a destination that is allowed for routes from the wire`)
	assert.EqualValues(t, 1, fake.conns.Load(), "connections: an idle one of other routes is not used")
}

// Each connection is to an address that was checked, whatever the name resolved to
// before.
func TestANameThatComesToStandForAnotherAddress(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	_, port, _ := net.SplitHostPort(fake.host())
	w := allow(t, wire.Destination{Host: "rebinding.test", Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	ctx := arrive(t, w, httpx.Route("api.test", "http://rebinding.test:"+port))
	w.ResolveWith(standingFor("127.0.0.1", "169.254.169.254", "127.0.0.2", "127.0.0.1"))
	for _, want := range []string{"fake", "address 169.254.169.254", "address 127.0.0.2", "fake"} {
		assert.Contains(t, get(ctx, onlyWire(t), "http://api.test"), want)
		w.CloseIdleConnections()
	}
}

// standingFor returns a resolver in memory. Each look-up gets the next address, and then
// the last one again and again.
func standingFor(addrs ...string) *net.Resolver {
	var asked atomic.Int64
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe() // no net.PacketConn, so the messages are as over TCP: after their length
		go func() {
			defer server.Close()
			for {
				query, err := readMessage(server)
				if err != nil {
					return
				}
				question := query[12:]
				i := 0
				for question[i] != 0 {
					i += 1 + int(question[i])
				}
				question = question[:i+5]
				answer := append([]byte{query[0], query[1], 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
				if binary.BigEndian.Uint16(question[i+1:]) == 1 { // A; there is no AAAA
					n := min(int(asked.Add(1)), len(addrs)) - 1
					ip := netip.MustParseAddr(addrs[n]).As4()
					answer[7] = 1
					answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
					answer = append(answer, ip[:]...)
				}
				if _, err := server.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}

func readMessage(r io.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	if len(b) < 17 {
		return nil, errors.New("short")
	}
	return b, nil
}

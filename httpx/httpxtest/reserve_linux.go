package httpxtest

import (
	"net/netip"
	"syscall"
)

// reserve binds a socket to an address, whose port may be 0 for any free one. It returns
// the address with the port. Until release is called, no program gets this port when it
// asks for a free one. The socket does not listen, so connections are refused while
// nothing else does. If reserve fails, it returns the address as it is.
//
// A listener can use the port meanwhile. Linux allows it because both sockets have
// SO_REUSEADDR, which package net sets for listeners, and only one of them listens
// (socket(7)).
func reserve(address string) (reserved string, release func()) {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return address, func() {}
	}
	domain, port := syscall.AF_INET6, int(ap.Port())
	var sockaddr syscall.Sockaddr = &syscall.SockaddrInet6{Port: port, Addr: ap.Addr().As16()}
	if ap.Addr().Is4() {
		domain, sockaddr = syscall.AF_INET, &syscall.SockaddrInet4{Port: port, Addr: ap.Addr().As4()}
	}
	fd, err := syscall.Socket(domain, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return address, func() {}
	}
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, sockaddr)
	}
	if err == nil {
		sockaddr, err = syscall.Getsockname(fd)
	}
	if err != nil {
		syscall.Close(fd)
		return address, func() {}
	}
	switch bound := sockaddr.(type) {
	case *syscall.SockaddrInet4:
		port = bound.Port
	case *syscall.SockaddrInet6:
		port = bound.Port
	}
	return netip.AddrPortFrom(ap.Addr(), uint16(port)).String(), func() { syscall.Close(fd) }
}

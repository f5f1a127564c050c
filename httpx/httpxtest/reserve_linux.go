package httpxtest

import (
	"net/netip"
	"sync"
	"syscall"
)

// reserve keeps other programs from getting a port when they ask for a free one, until
// release is called. It binds a socket to the port. The socket does not listen, so
// connections are refused. If reserve fails, it does nothing.
//
// Up can listen on the port meanwhile. Linux allows it because both sockets have
// SO_REUSEADDR, which package net sets for listeners, and only one of them listens
// (socket(7)).
func reserve(address string) (release func()) {
	none := func() {}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return none
	}
	domain, port := syscall.AF_INET6, int(ap.Port())
	var sockaddr syscall.Sockaddr = &syscall.SockaddrInet6{Port: port, Addr: ap.Addr().As16()}
	if ap.Addr().Is4() {
		domain, sockaddr = syscall.AF_INET, &syscall.SockaddrInet4{Port: port, Addr: ap.Addr().As4()}
	}
	fd, err := syscall.Socket(domain, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return none
	}
	if syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) != nil || syscall.Bind(fd, sockaddr) != nil {
		syscall.Close(fd)
		return none
	}
	return sync.OnceFunc(func() { syscall.Close(fd) })
}

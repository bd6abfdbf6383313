package net

import (
	"os"
	"strconv"
	"syscall"
)

// Added to the package net of the Go library when the tests of the Go SDK are built: with CLOUD_PORT=<port of the
// emulator> a connection to the address that local-names.c gives to hosts of the cloud goes to that port of this machine.
// local-names.c does the same in programs that call the C library to connect.
func init() {
	port, err := strconv.Atoi(os.Getenv("CLOUD_PORT"))
	if err != nil {
		return
	}
	connectFunc = func(socket int, address syscall.Sockaddr) error {
		target, isIPv4 := address.(*syscall.SockaddrInet4)
		if isIPv4 && target.Addr == [4]byte{127, 0, 0, 2} {
			// As at the cloud: the kernel refuses to leave the machine from a loopback address.
			if source, err := syscall.Getsockname(socket); err == nil {
				if bound, isIPv4 := source.(*syscall.SockaddrInet4); isIPv4 && bound.Addr[0] == 127 {
					return syscall.EINVAL
				}
			}
			address = &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}
		}
		return syscall.Connect(socket, address)
	}
}

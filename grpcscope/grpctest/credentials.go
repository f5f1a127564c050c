package grpctest

import (
	"context"
	"net"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// private is the credentials of a connection in memory. No one can listen to it, so calls
// may carry credentials of their own (grpc.PerRPCCredentials). gRPC refuses to send those
// on an insecure connection.
var private credentials.TransportCredentials = memory{insecure.NewCredentials()}

type memory struct {
	credentials.TransportCredentials
}

func (memory) ClientHandshake(_ context.Context, _ string, c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c, inMemory{}, nil
}

func (memory) ServerHandshake(c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c, inMemory{}, nil
}

func (m memory) Clone() credentials.TransportCredentials { return m }

func (memory) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: inMemory{}.AuthType()}
}

type inMemory struct{}

func (inMemory) AuthType() string { return "memory" }

// GetCommonAuthInfo returns the level of security. gRPC asks for it.
func (inMemory) GetCommonAuthInfo() credentials.CommonAuthInfo {
	return credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}
}

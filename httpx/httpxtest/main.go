package httpxtest

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/internal/guard"
)

// Importing this package installs, so a test needs no TestMain. It is never undone,
// because a program that imports this package is a test binary.
func init() {
	httpx.Install()
	installedAt = http.DefaultTransport
}

// installedAt is the value of http.DefaultTransport after Install.
var installedAt http.RoundTripper

// follows reports whether http.DefaultTransport follows the routes.
func follows() bool {
	_, wrapped := http.DefaultTransport.(*httpx.Transport)
	return wrapped || http.DefaultTransport == installedAt
}

// Main runs the tests of a package, and refuses their requests to other machines unless
// a route takes them or a test allows them:
//
//	func TestMain(m *testing.M) { httpxtest.Main(m) }
//
// For the whole process it sets the default of [httpx.Unrouted] to
// [httpx.RefuseRemote], and that of [httpx.SendToken] to true, and it starts a
// guard. Then it runs the tests and exits.
//
// The guard is for clients that have a transport of their own, which routes do not
// reach. Nearly all of them ask the environment for a proxy, once in a process. So
// Main sets HTTP_PROXY and HTTPS_PROXY to a proxy on loopback that refuses: the
// client gets an error that names the host and httpx.Wrap, and the report of a fake
// that got nothing lists the request. Programs that the tests start inherit the
// variables. Requests to this machine do not go by a proxy. A variable that is set
// already, in upper or lower case, is left alone: to leave the guard out, set both to "".
// A client whose transport has no Proxy func is not noticed. A test that calls goleak
// itself finds the guard: goleak.IgnoreCurrent leaves it out.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is [Main] for a TestMain that has more to do when the tests have run, such as
// closing a server. It returns the code to exit with. m is a *testing.M.
func Run(m interface{ Run() int }) (code int) {
	defer httpx.Unrouted.SetDefault(httpx.RefuseRemote)()
	defer httpx.SendToken.SetDefault(true)()
	stop, err := startGuard()
	if err != nil {
		fmt.Fprintf(os.Stderr, "httpxtest: Main can't start its guard: %v\n", err)
		return 1
	}
	defer stop()
	return m.Run()
}

// startGuard starts the guard, and sets the proxy variables that are not set.
func startGuard() (stop func(), err error) {
	var unset []string
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		if !isSet(name) {
			unset = append(unset, name)
		}
	}
	if unset == nil {
		return func() {}, nil
	}
	address, stopGuard, err := guard.Start()
	if err != nil {
		return nil, err
	}
	for _, name := range unset {
		os.Setenv(name, address)
	}
	return func() {
		for _, name := range unset {
			os.Unsetenv(name)
		}
		stopGuard()
	}, nil
}

// isSet reports whether an environment variable is set, in upper or lower case.
func isSet(name string) bool {
	_, upper := os.LookupEnv(name)
	_, lower := os.LookupEnv(strings.ToLower(name))
	return upper || lower
}

package shop

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"

	"example.com/tested/config"
)

func TestReads(t *testing.T) { // want `TestReads can be parallel`
	t.Log(timeout, config.Read(), shared.len())
}

func TestOneLine(t *testing.T) { t.Log() } // want `TestOneLine can be parallel`

func TestWrites(t *testing.T) { // want `TestWrites can't be parallel: it writes the package variable timeout \(shop_test.go:23\)`
	timeout = 1
}

func TestRestores(t *testing.T) { // want `TestRestores can't be parallel: it writes the package variable timeout`
	defer func(old int) { timeout = old }(timeout)
	timeout++
}

func TestInASubtest(t *testing.T) { // want `can't be parallel: it writes the package variable os.Stdout`
	t.Run("sub", func(t *testing.T) { os.Stdout = nil })
}

func TestDefaultTransport(t *testing.T) { // want `can't be parallel: it writes the package variable http.DefaultTransport`
	http.DefaultTransport = nil
}

func TestAField(t *testing.T) { // want `can't be parallel: it writes the package variable shared`
	shared.orders = nil
}

func TestAMethod(t *testing.T) { // want `can't be parallel: it calls add, which changes the package variable shared`
	shared.add("x")
}

func TestOther(t *testing.T) { // want `can't be parallel: it writes the package variable config.URL`
	config.URL = ""
}

func TestCalls(t *testing.T) { // want `can't be parallel: it calls configure \(shop_test.go:52\), and configure calls os.Setenv \(shop.go:15\)`
	configure()
}

func TestCallsAnotherPackage(t *testing.T) { // want `can't be parallel: it calls Reset \(shop_test.go:56\), and SetURL writes the package variable URL \(config.go:13\)`
	config.Reset()
}

func TestGuarded(t *testing.T) { // want `TestGuarded can be parallel`
	t.Log(config.Cached("a"), config.Made())
}

func TestSetenv(t *testing.T) { // want `can't be parallel: it calls t.Setenv`
	t.Setenv("A", "b")
}

func TestChdirInACallback(t *testing.T) { // want `can't be parallel: it calls os.Chdir`
	t.Cleanup(func() { os.Chdir("/") })
	func(f func(string) error) {}(os.Chdir)
}

func TestAllocations(t *testing.T) { // want `can't be parallel: it counts allocations, which are all tests'`
	testing.AllocsPerRun(1, func() {})
}

func TestPort(t *testing.T) { // want `can't be parallel: it listens on the port of 127.0.0.1:8080`
	net.Listen("tcp", "127.0.0.1:8080")
}

func TestFreePort(t *testing.T) { // want `TestFreePort can be parallel`
	net.Listen("tcp", "127.0.0.1:0")
}

func TestLogger(t *testing.T) { // want `can't be parallel: it changes the standard logger`
	log.SetOutput(io.Discard)
}

var (
	counter int64
	buf     bytes.Buffer
	mux     = http.NewServeMux()
)

func TestAtomic(t *testing.T) { // want `TestAtomic can be parallel`
	atomic.AddInt64(&counter, 1)
}

func TestBuffer(t *testing.T) { // want `can't be parallel: it calls Reset, which changes the package variable buf`
	buf.Reset()
}

func TestMux(t *testing.T) { // want `can't be parallel: it calls HandleFunc, which changes the package variable mux`
	mux.HandleFunc("/", nil)
}

func TestPointer(t *testing.T) { // want `can't be parallel: it takes the address of the package variable timeout`
	set(&timeout)
}

func set(p *int) { *p = 1 }

func TestIsParallel(t *testing.T) {
	t.Parallel()
}

func TestTwice(t *testing.T) {
	t.Parallel()
	t.Log()
	t.Parallel() // want `TestTwice is parallel already \(shop_test.go:117\): t.Parallel panics when it is called twice`
}

func start(t *testing.T) *store {
	t.Helper()
	t.Parallel()
	return shared
}

func TestByAnother(t *testing.T) {
	s := start(t)
	t.Log(s)
}

func TestByAnotherAndItself(t *testing.T) {
	t.Parallel()
	start(t) // want `TestByAnotherAndItself is parallel already`
}

func TestPanics(t *testing.T) { // want `TestPanics is parallel, and calls t.Setenv \(shop_test.go:140\), which panics there`
	t.Parallel()
	t.Setenv("A", "b")
}

//scopevet:ignore it is about the clock
func TestIgnored(t *testing.T) {
	t.Log()
}

func TestLocal(t *testing.T) { // want `TestLocal can be parallel`
	timeout := 1
	timeout = 2
	t.Log(timeout)
}

func BenchmarkNot(b *testing.B) {}

func Testify(t *testing.T) {}

func TestMain(m *testing.M) {}

func TestACircle(t *testing.T) { // want `can't be parallel: it calls even`
	even(2)
}

func TestTheOtherHalfOfTheCircle(t *testing.T) { // want `can't be parallel: it calls odd`
	odd(2)
}

package main_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// postgres is the PostgreSQL server that all tests share. The first test that needs it starts it. It listens on
// loopback, has a data folder of its own, and runs as a user other than root.
var postgres postgresServer

type postgresServer struct {
	once sync.Once
	err  error  // why it did not start
	bin  string // the folder of PostgreSQL's programs
	dir  string
	port string

	cmd   *exec.Cmd
	alive io.Closer
}

// url returns the data source name of one of the server's databases.
func (s *postgresServer) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", s.port, database)
}

func (s *postgresServer) start() error {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); found != nil {
		s.bin = filepath.Dir(slices.Max(found))
	} else if path, err := exec.LookPath("postgres"); err == nil {
		s.bin = filepath.Dir(path)
	} else {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	var err error
	if s.dir, err = os.MkdirTemp("", "storefront"); err != nil {
		return err
	}
	if uid, gid, ok := owner(); ok {
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return err
		}
	}
	if s.port, err = quietPort(); err != nil {
		return err
	}
	out, err := s.program("initdb", "-D", s.dir+"/data", "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s.up()
}

// quietPort returns a port on which a server can listen. It is below those that systems give to connections and to
// listeners without a port, so no other test gets it before the server listens.
func quietPort() (string, error) {
	var err error
	for range 100 {
		port := strconv.Itoa(20_000 + rand.IntN(12_000))
		var l net.Listener
		if l, err = net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			return port, l.Close()
		}
	}
	return "", err
}

// up starts the server's process and waits until it answers.
func (s *postgresServer) up() error {
	// The shell ends the server when the pipe to it is closed, even if this process dies.
	s.cmd = s.program("sh", "-c", `"$@" </dev/null & read _; kill -INT $!; wait $!`, "sh",
		s.bin+"/postgres", "-D", s.dir+"/data", "-p", s.port, "-h", "127.0.0.1", "-k", s.dir,
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=300", "-c", "shared_buffers=32MB")
	var log bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &log, &log
	var err error
	if s.alive, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) { // a process has no channel to wait on, so this polls
		if err = db.Ping(); err == nil {
			return nil
		}
		if time.Since(began) > time.Minute {
			return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w", err), s.stop(), errors.New(log.String()))
		}
	}
}

// stop ends the server, if a test has started it.
func (s *postgresServer) stop() error {
	if s.alive == nil {
		return nil
	}
	s.alive.Close()
	s.alive = nil
	return errors.Join(s.cmd.Wait(), os.RemoveAll(s.dir))
}

// program returns a command that runs as the server's owner: one of PostgreSQL's programs, or another one.
func (s *postgresServer) program(name string, args ...string) *exec.Cmd {
	if path := filepath.Join(s.bin, name); exists(path) {
		name = path
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	if uid, gid, ok := owner(); ok {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// owner returns the user that must run the server if root runs the tests. PostgreSQL refuses to run as root.
func owner() (uid, gid int, ok bool) {
	u, err := user.Lookup("postgres")
	if os.Getuid() != 0 || err != nil {
		return 0, 0, false
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

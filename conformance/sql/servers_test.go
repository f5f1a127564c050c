package sql_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
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
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
	"github.com/peterldowns/pgtestdb"
	"github.com/stretchr/testify/require"
)

// A dbServer is a database server. The first test that needs it starts it. It
// listens on loopback, has data of its own, and runs as a user other than root.
type dbServer struct {
	name    string
	program string // a pattern of files, or else the program in $PATH with the name of its last element
	user    string // the user that runs it if root runs the tests
	require string // the environment variable that makes a missing server a failure
	prepare func(s *dbServer) error
	command func(s *dbServer) []string
	signal  string // ends the server and its connections
	ping    string // a driver and a database, to find out whether it is up
	base    string

	once sync.Once
	err  error // why it did not start
	bin  string
	dir  string
	port string

	cmd   *exec.Cmd
	alive io.Closer
}

var postgres = &dbServer{
	name:    "PostgreSQL",
	program: "/usr/lib/postgresql/*/bin/postgres",
	user:    "postgres",
	require: "SCOPE_POSTGRES",
	prepare: func(s *dbServer) error {
		return s.run(s.beside("initdb"), "-D", s.dir+"/data", "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	},
	command: func(s *dbServer) []string {
		return []string{s.bin, "-D", s.dir + "/data", "-p", s.port, "-h", "127.0.0.1", "-k", s.dir,
			"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=300", "-c", "shared_buffers=32MB"}
	},
	signal: "INT",
	ping:   "pgx",
	base:   "postgres",
}

var mariadb = &dbServer{
	name:    "MariaDB",
	program: "/usr/sbin/mariadbd",
	user:    "mysql",
	require: "SCOPE_MARIADB",
	prepare: func(s *dbServer) error {
		return s.run("mariadb-install-db", "--no-defaults", "--datadir="+s.dir+"/data", "--auth-root-authentication-method=normal", "--skip-test-db")
	},
	command: func(s *dbServer) []string {
		return []string{s.bin, "--no-defaults", "--datadir=" + s.dir + "/data", "--socket=" + s.dir + "/socket", "--pid-file=" + s.dir + "/pid",
			"--bind-address=127.0.0.1", "--port=" + s.port, "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--max-connections=300"}
	},
	signal: "TERM",
	ping:   "mysql",
	base:   "mysql",
}

// url returns the data source name of one of the server's databases.
func (s *dbServer) url(database string) string {
	if s == mariadb {
		return fmt.Sprintf("root@tcp(127.0.0.1:%s)/%s?multiStatements=true&parseTime=true", s.port, database)
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", s.port, database)
}

// started returns the server, or skips the test if this machine has none.
func started(t testing.TB, s *dbServer) *dbServer {
	t.Helper()
	s.once.Do(func() { s.err = s.start() })
	if errors.Is(s.err, fs.ErrNotExist) && os.Getenv(s.require) != "required" {
		t.Skipf("no %s here: %v", s.name, s.err)
	}
	require.NoError(t, s.err, s.name)
	return s
}

func (s *dbServer) start() (err error) {
	if found, _ := filepath.Glob(s.program); found != nil {
		s.bin = slices.Max(found)
	} else if s.bin, err = exec.LookPath(filepath.Base(s.program)); err != nil {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	if s.dir, err = os.MkdirTemp("", "scope-"+s.user); err != nil {
		return err
	}
	if uid, gid, ok := s.owner(); ok {
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return err
		}
	}
	if s.port, err = quietPort(); err != nil {
		return err
	}
	if err := s.prepare(s); err != nil {
		return err
	}
	return s.up()
}

// quietPort returns a port on which a server can listen, and again after a restart. It is
// below those that systems give to connections and to listeners without a port, so no
// other test gets it while the server is down.
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
func (s *dbServer) up() error {
	log, err := os.Create(s.dir + "/log")
	if err != nil {
		return err
	}
	defer log.Close()
	// The shell ends the server when the pipe to it is closed, even if this
	// process dies.
	const script = `signal=$1; shift; "$@" </dev/null & read _; kill -$signal $!; wait $!`
	s.cmd = s.asOwner(exec.Command("sh", append([]string{"-c", script, "sh", s.signal}, s.command(s)...)...))
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if s.alive, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	db, err := sql.Open(s.ping, s.url(s.base))
	if err != nil {
		return err
	}
	defer db.Close()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) { // a process has no channel to wait on, so this polls
		if err = db.Ping(); err == nil {
			return nil
		}
		if time.Since(began) > time.Minute {
			text, _ := os.ReadFile(s.dir + "/log")
			return fmt.Errorf("%s does not answer: %w\n%s", s.name, err, text)
		}
	}
}

func (s *dbServer) down() error {
	s.alive.Close()
	if err := s.cmd.Wait(); err != nil {
		text, _ := os.ReadFile(s.dir + "/log")
		return fmt.Errorf("%s: %w\n%s", s.name, err, text)
	}
	return nil
}

func (s *dbServer) stop() error {
	if s.cmd == nil {
		return nil
	}
	return errors.Join(s.down(), os.RemoveAll(s.dir))
}

// owner returns the user that must run the server. Servers refuse to run as
// root.
func (s *dbServer) owner() (uid, gid int, ok bool) {
	u, err := user.Lookup(s.user)
	if os.Getuid() != 0 || err != nil {
		return 0, 0, false
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

func (s *dbServer) asOwner(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = s.dir
	if uid, gid, ok := s.owner(); ok {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	return cmd
}

func (s *dbServer) run(program string, args ...string) error {
	var out bytes.Buffer
	cmd := s.asOwner(exec.Command(program, args...))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out.String())
	}
	return nil
}

// beside returns the path of another program in the same installation.
func (s *dbServer) beside(name string) string { return filepath.Join(filepath.Dir(s.bin), name) }

// A schema is SQL to run in a new database. It is a pgtestdb.Migrator.
type schema string

func (s schema) Hash() (string, error) { return fmt.Sprintf("%x", string(s)[:min(len(s), 20)]), nil }

func (s schema) Migrate(ctx context.Context, db *sql.DB, _ pgtestdb.Config) error {
	_, err := db.ExecContext(ctx, string(s))
	return err
}

const shop schema = `
	CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL);
	INSERT INTO users VALUES (1, 'ann'), (2, 'bob');
`

// clone returns the test's own PostgreSQL database, with the shop's tables.
func clone(t testing.TB, driver string) *sql.DB {
	t.Helper()
	s := started(t, postgres)
	conf := pgtestdb.Custom(t, pgtestdb.Config{
		DriverName: "pgx", Host: "127.0.0.1", Port: s.port, User: "postgres", Database: "postgres", Options: "sslmode=disable",
	}, shop)
	db := sql.OpenDB(pinging(t, driver, conf.URL()))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// urlOf returns the data source name of a PostgreSQL database that is open.
func urlOf(t testing.TB, db *sql.DB) string {
	t.Helper()
	var name string
	require.NoError(t, db.QueryRow("SELECT current_database()").Scan(&name))
	return postgres.url(name)
}

// pinging returns a connector whose driver checks a connection when it leaves
// the pool. Without this, pgx checks only connections that were idle for a
// second.
func pinging(t testing.TB, drv, url string) driver.Connector {
	t.Helper()
	if drv == "pgx" {
		config, err := pgx.ParseConfig(url)
		require.NoError(t, err)
		return stdlib.GetConnector(*config, stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return true }))
	}
	c, err := pq.NewConnector(url)
	require.NoError(t, err)
	return c
}

package dbx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
)

// Open is [sql.Open] for a database that scopes can replace with [Route].
func Open(driverName, dataSourceName string) (*sql.DB, error) {
	c, err := connectorOf(driverName, dataSourceName)
	if err != nil {
		return nil, err
	}
	return OpenDB(c), nil
}

// OpenDB is [sql.OpenDB] for a database that scopes can replace with [Route].
func OpenDB(c driver.Connector) *sql.DB {
	if c == nil {
		panic("dbx: OpenDB of a nil connector")
	}
	return sql.OpenDB(&database{connector: c})
}

// Register registers a driver under a name, for code that calls [sql.Open] itself. A
// database that is opened with name uses the driver driverName, and scopes can replace it
// with [Route]. The driver driverName may be registered later. As [sql.Register] does,
// Register panics if name is taken.
func Register(name, driverName string) { sql.Register(name, registered(driverName)) }

// registered is the driver that Register makes. Its value is the name of the other
// driver.
type registered string

func (r registered) OpenConnector(dsn string) (driver.Connector, error) {
	c, err := connectorOf(string(r), dsn)
	if err != nil {
		return nil, err
	}
	return &database{connector: c}, nil
}

func (r registered) Open(dsn string) (driver.Conn, error) { return open(r, dsn) }

// A database is the connector and the driver of a *sql.DB that scopes can replace. Each
// *sql.DB has its own, so db.Driver() identifies it.
type database struct{ connector driver.Connector }

// databaseOf returns the database of db, or nil if this package did not open db.
func databaseOf(db *sql.DB) *database {
	d, _ := db.Driver().(*database)
	return d
}

func (d *database) Connect(context.Context) (driver.Conn, error) { return &proxy{db: d}, nil }

func (d *database) Driver() driver.Driver { return d }

// OpenConnector and Open are for code that wraps the driver of a *sql.DB.
func (d *database) OpenConnector(dsn string) (driver.Connector, error) {
	c, err := connectorFor(d.connector.Driver(), dsn)
	if err != nil {
		return nil, err
	}
	return &database{connector: c}, nil
}

func (d *database) Open(dsn string) (driver.Conn, error) { return open(d, dsn) }

// Close closes the connector. [sql.DB.Close] calls it.
func (d *database) Close() error {
	if c, ok := d.connector.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// String leaves out the data source name, because that may have a password.
func (d *database) String() string {
	return fmt.Sprintf("the database of driver %T", d.connector.Driver())
}

func open(d driver.DriverContext, dsn string) (driver.Conn, error) {
	c, err := d.OpenConnector(dsn)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// connectorOf returns a connector of the driver with a name. Only [sql.Open] can find a
// driver by its name.
func connectorOf(driverName, dsn string) (driver.Connector, error) {
	db, err := sql.Open(driverName, dsn)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return connectorFor(db.Driver(), dsn)
}

func connectorFor(d driver.Driver, dsn string) (driver.Connector, error) {
	if d, ok := d.(driver.DriverContext); ok {
		return d.OpenConnector(dsn)
	}
	return dsnConnector{d, dsn}, nil
}

// A dsnConnector is a connector for a driver that makes none.
type dsnConnector struct {
	driver driver.Driver
	dsn    string
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }

// Package sql runs package dbx on real database servers and drivers, and under
// the libraries that programs use: PostgreSQL with pgx and lib/pq, MariaDB, and
// SQLite.
//
// The tests start the servers themselves, on loopback, with data of their own. They skip
// a server that the machine does not have, unless SCOPE_POSTGRES or SCOPE_MARIADB is
// "required".
package sql

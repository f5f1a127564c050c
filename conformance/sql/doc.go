// Package sql runs package dbx on real database servers and drivers, under the
// libraries that programs use.
package sql

package sql_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, db := range opened.dbs {
		db.Close()
	}
	for _, s := range []*dbServer{postgres, mariadb} {
		if err := s.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	gorms := goleak.IgnoreTopFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1") // of its statement cache; nothing stops it
	if err := goleak.Find(gorms); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

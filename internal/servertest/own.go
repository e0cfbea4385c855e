package servertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// StartRedis starts a Redis for this test alone, which may stop, kill and start
// it again. settings are further lines of redis.conf.
func StartRedis(t testing.TB, settings ...string) *Server {
	t.Helper()
	return own(t, redisProduct(), settings)
}

// StartMariaDB starts a MariaDB for this test alone. settings are further lines
// of the section [mariadbd] of my.cnf.
func StartMariaDB(t testing.TB, settings ...string) *Server {
	t.Helper()
	return own(t, mariaProduct(), settings)
}

// StartPostgres starts a PostgreSQL for this test alone. settings are further
// lines of postgresql.conf.
func StartPostgres(t testing.TB, settings ...string) *Server {
	t.Helper()
	return own(t, postgresProduct(), settings)
}

// own starts a server that ends with the test.
func own(t testing.TB, p product, settings []string) *Server {
	t.Helper()
	if none := p.missing(); len(none) > 0 {
		giveUp(t, fmt.Sprintf("no program %s; install the package %s", strings.Join(none, ", "), p.pkg))
	}
	parent, err := folder()
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Errorf("servertest: %v", err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	s, err := p.create(ctx, parent, settings)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Errorf("servertest: %v", err)
		}
	})
	return s
}

// folder is a new temporary folder through which every user may pass: that of
// testing.TB lets only its owner in. Its path is short, as sockets need it.
func folder() (string, error) {
	parent, err := os.MkdirTemp("", "zcrm-servers-")
	if err != nil {
		return "", err
	}
	return parent, os.Chmod(parent, 0o711)
}

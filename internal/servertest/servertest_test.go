package servertest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Every corner of a shared server is empty, works, and goes with its test.
func TestCorners(t *testing.T) {
	for name, c := range map[string]struct {
		corner func(t testing.TB) string
		use    func(url string) error // twice: an error, unless the corner is empty
		after  func(url string) error // once its test is over
	}{
		"MySQL":     {MySQL, useMySQL, noMySQL},
		"Postgres":  {Postgres, usePostgres, noPostgres},
		"PgBouncer": {PgBouncer, usePostgres, noPostgres},
		"Redis":     {func(t testing.TB) string { url, prefix := Redis(t); return url + " " + prefix }, useRedis, noRedis},
	} {
		t.Run(name, func(t *testing.T) {
			var url string
			t.Run("use", func(t *testing.T) {
				url = c.corner(t)
				if other := c.corner(t); other == url {
					t.Fatal("two corners are one")
				}
				if err := c.use(url); err != nil {
					t.Fatal(err)
				}
				if err := c.use(url); err == nil {
					t.Fatal("it was used twice without an error: the test proves nothing")
				}
			})
			if url == "" {
				t.Skip("no server")
			}
			if err := c.after(url); err != nil {
				t.Error(err)
			}
		})
	}
}

func useMySQL(url string) error {
	db, err := openMySQL(url)
	if err != nil {
		return err
	}
	defer db.Close()
	return execMySQL(db, "CREATE TABLE used (id int)")
}

func noMySQL(url string) error {
	if err := useMySQL(url); err == nil {
		return errThere
	}
	return nil
}

func usePostgres(url string) error {
	ctx := context.Background()
	return withPostgres(ctx, url, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE TABLE used (id int)")
		return err
	})
}

// noPostgres asks PostgreSQL itself: PgBouncer would wait for the database.
func noPostgres(url string) error {
	u, err := parse(url)
	if err != nil {
		return err
	}
	ctx := context.Background()
	return withPostgres(ctx, os.Getenv(EnvPostgres), func(conn *pgx.Conn) error {
		there := false
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", u.Path[1:]).Scan(&there)
		if there {
			return errThere
		}
		return err
	})
}

func useRedis(at string) error {
	url, prefix, _ := strings.Cut(at, " ")
	client, err := openRedis(url)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, key := range []string{prefix + ":used", "{" + prefix + "}:used"} {
		if set, err := client.SetNX(context.Background(), key, "1", 0).Result(); err != nil {
			return err
		} else if !set {
			return os.ErrExist
		}
	}
	return nil
}

// noRedis uses the keys again, which works if they are gone.
func noRedis(at string) error {
	if err := useRedis(at); err != nil {
		return err
	}
	url, prefix, _ := strings.Cut(at, " ")
	return clearRedis(url, prefix)
}

var errThere = errors.New("it is there after its test")

func TestMySQLSocket(t *testing.T) {
	path := MySQLSocket(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		t.Errorf("%s is no socket: %v", path, err)
	}
}

// recorder is a test that skips or fails without ending the real one.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper()           {}
func (r *recorder) Skip(args ...any)  { r.skipped = args[0].(string); panic(r) }
func (r *recorder) Fatal(args ...any) { r.failed = args[0].(string); panic(r) }

// record runs a part of a test to its end, or to where it gave up.
func record(part func(t testing.TB)) (r *recorder) {
	r = &recorder{}
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
	}()
	part(r)
	return r
}

func TestMissingServer(t *testing.T) {
	for _, name := range []string{EnvMySQL, EnvMySQLSocket, EnvPostgres, EnvPgBouncer, EnvRedis} {
		t.Setenv(name, "")
	}
	for name, corner := range map[string]func(t testing.TB){
		EnvMySQL:       func(t testing.TB) { MySQL(t) },
		EnvMySQLSocket: func(t testing.TB) { MySQLSocket(t) },
		EnvPostgres:    func(t testing.TB) { Postgres(t) },
		EnvPgBouncer:   func(t testing.TB) { PgBouncer(t) },
		EnvRedis:       func(t testing.TB) { Redis(t) },
	} {
		t.Setenv("CI", "")
		if r := record(corner); !strings.Contains(r.skipped, name) || !strings.Contains(r.skipped, "make test") {
			t.Errorf("without %s: skipped with %q, failed with %q", name, r.skipped, r.failed)
		}
		t.Setenv("CI", "true")
		if r := record(corner); !strings.Contains(r.failed, name) {
			t.Errorf("without %s and with CI=true: skipped with %q, failed with %q", name, r.skipped, r.failed)
		}
	}
}

func TestMissingProgram(t *testing.T) {
	p := product{name: "None", pkg: "none-server", programs: []string{"zcrm-no-such-program"}}
	t.Setenv("CI", "")
	if r := record(func(t testing.TB) { own(t, p, nil) }); !strings.Contains(r.skipped, "none-server") {
		t.Errorf("skipped with %q, failed with %q", r.skipped, r.failed)
	}
	t.Setenv("CI", "true")
	if r := record(func(t testing.TB) { own(t, p, nil) }); !strings.Contains(r.failed, "none-server") {
		t.Errorf("with CI=true: skipped with %q, failed with %q", r.skipped, r.failed)
	}
}

// Without the right to install, what is missing is named, or an error in CI.
func TestMissingPackages(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "zcrm-there"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin) // no apt-get
	entries := []entry{
		{product{name: "There", pkg: "there", programs: []string{"zcrm-there"}}, "A"},
		{product{name: "None", pkg: "none-server", programs: []string{"zcrm-no-such-program"}}, "B"},
	}
	var log strings.Builder
	t.Setenv("CI", "")
	have, err := present(t.Context(), entries, &log)
	if err != nil || len(have) != 1 || have[0].env != "A" || !strings.Contains(log.String(), "apt-get install none-server\n") {
		t.Errorf("have %v, error %v, log %q", have, err, log.String())
	}
	t.Setenv("CI", "true")
	if _, err := present(t.Context(), entries, &log); err == nil || !strings.Contains(err.Error(), "apt-get install none-server") {
		t.Errorf("with CI=true: %v", err)
	}
}

func TestNamedServersAreNotStarted(t *testing.T) {
	for _, name := range []string{EnvMySQL, EnvPostgres, EnvPgBouncer, EnvRedis} {
		t.Setenv(name, "elsewhere")
	}
	s, err := StartShared(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(s.servers) != 0 || len(s.Environ()) != 0 {
		t.Errorf("started %d servers, environment %q", len(s.servers), s.Environ())
	}
}

func TestURLIsNotInErrors(t *testing.T) {
	for _, url := range []string{"mysql://root:hush@[::1", "root:hush@tcp(localhost)/x", "hush"} {
		if _, err := MySQLDSN(url); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("error of a wrong URL: %v", err)
		}
	}
}

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

const password = "hunter2"

// clear wants an error of one line that holds all of these and no password.
func clear(t *testing.T, err error, want ...string) {
	t.Helper()
	if !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("%v; want %q", err, oauth.ErrStoreUnavailable)
		return
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v; want it to say %q", err, w)
		}
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), password) {
			t.Errorf("this may not be said: %q", err)
		}
	}
}

// account makes a role of the shared server, for the length of the test, and gives
// the URL to connect as that role.
func account(t *testing.T, location string) (role, as string) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	role = "u" + strings.TrimPrefix(u.Path, "/zcrm")
	db := rawDB(t, location)
	run(t, db, "CREATE ROLE "+role+" LOGIN PASSWORD '"+password+"'")
	t.Cleanup(func() {
		run(t, db, "DROP OWNED BY "+role)
		run(t, db, "DROP ROLE "+role)
	})
	u.User = url.UserPassword(role, password)
	return role, u.String()
}

// TestCannotConnect: each reason is told from the others.
func TestCannotConnect(t *testing.T) {
	location := newURL(t)
	wrong := func(change func(*url.URL)) error {
		u, err := url.Parse(location)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		_, err = openAt(context.Background(), u.String(), postgres.Config{})
		return err
	}
	clear(t, wrong(func(u *url.URL) { u.User = url.UserPassword("postgres", password) }), "password authentication failed", "check the user, the password")
	clear(t, wrong(func(u *url.URL) { u.User = url.UserPassword("nobody-here", password) }), `for user "nobody-here"`)
	clear(t, wrong(func(u *url.URL) { u.Path = "/nowhere" }), `database "nowhere" does not exist`, `; make it: CREATE DATABASE "nowhere"; or name another`)
	clear(t, wrong(func(u *url.URL) { u.Path = `/no "where` }), `; make it: CREATE DATABASE "no ""where"; or name another`)
	clear(t, wrong(func(u *url.URL) { u.Host = "127.0.0.1:1" }), "connection refused; see that the server runs, and that this is its address")
	clear(t, wrong(func(u *url.URL) { u.Host = "localhost:1" }), "connection refused; see that the server runs, and that this is its address")
	clear(t, wrong(func(u *url.URL) { u.Host = "no-such-host.invalid" }), "; see that the name of the host is right")
	clear(t, wrong(func(u *url.URL) { u.RawQuery = "sslmode=verify-full" }), "server refused TLS connection; let the server offer TLS")
	clear(t, wrong(func(u *url.URL) { u.Host = "127.0.0.1:" + password }), "the connection string cannot be parsed")
}

// TestAnotherServer: it answers, but not as PostgreSQL does.
func TestAnotherServer(t *testing.T) {
	other, err := url.Parse(servertest.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, settings := range []string{"", "?sslmode=disable"} {
		_, err = openAt(context.Background(), "postgres://"+other.Host+"/x"+settings, postgres.Config{})
		clear(t, err, "received unexpected message; this does not look like a PostgreSQL server")
		if strings.Contains(fmt.Sprint(err), "%!") {
			t.Error(err)
		}
	}
}

// TestPoolerNotNamed: who did not say that there is a pooler is told how, whether the
// database was opened by a URL of a store or in Go.
func TestPoolerNotNamed(t *testing.T) {
	location := servertest.PgBouncer(t)
	var lost error
	for range 10 { // the clients prepare statements of the same names on the same connections
		o, err := openAt(context.Background(), location, postgres.Config{})
		if lost = err; err != nil {
			break
		}
		defer o.Close()
	}
	clear(t, lost, "pooler=transaction", "Config.Pooler", "default_query_exec_mode=exec")
}

// TestPoolerLetsNobodyIn: what PgBouncer says itself comes with what to do, too.
func TestPoolerLetsNobodyIn(t *testing.T) {
	location := poolerURL(t)
	wrong := func(change func(*url.URL)) error {
		u, err := url.Parse(location)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		_, err = openAt(context.Background(), u.String(), postgres.Config{Pooler: true})
		return err
	}
	const check = "authentication failed (SQLSTATE 08P01); check the user and the password"
	clear(t, wrong(func(u *url.URL) { u.User = url.UserPassword("postgres", password) }), check)
	clear(t, wrong(func(u *url.URL) { u.User = url.UserPassword("nobody-here", password) }), check)
	clear(t, wrong(func(u *url.URL) { u.User = url.User("postgres") }), check)
	clear(t, wrong(func(u *url.URL) { u.Path = "/nowhere" }), `database "nowhere" does not exist`, "make the database")
}

// TestMayNotCreate: the error holds the statements, and they are the right ones.
func TestMayNotCreate(t *testing.T) {
	ctx := context.Background()
	location := newURL(t)
	_, as := account(t, location) // who may not CREATE in the schema public
	_, err := openAt(ctx, as, postgres.Config{})
	clear(t, err, "permission denied for schema public", "let somebody who may run: SET search_path")
	_, statements, _ := strings.Cut(err.Error(), "run: ")
	admin := rawDB(t, location)
	for text := range strings.SplitSeq(statements, ";") {
		if strings.TrimSpace(text) != "" && !strings.Contains(text, "search_path") {
			run(t, admin, text)
		}
	}
	s := open(t, as)
	save(t, s, user("alice"))
	if found, err := s.Inspect(ctx); err != nil || count(found, "privileges") != 0 || count(found, "missing-index") != 0 {
		t.Errorf("after the statements: %v, %v", found, err)
	}
}

// TestMayNotWrite: a role without the right to write reads, and says so.
func TestMayNotWrite(t *testing.T) {
	location := newURL(t)
	alice := save(t, open(t, location), user("alice"))
	role, as := account(t, location)
	run(t, rawDB(t, location), "GRANT SELECT ON oauthtoken, oauthtoken_zcrm TO "+role)
	s := open(t, as)
	if got, err := s.Get(context.Background(), alice.ID); err != nil || got != alice {
		t.Errorf("Get: %v, %v; want %v", got, err, alice)
	}
	_, err := s.Save(context.Background(), user("bob"))
	clear(t, err, "lacks a right", "permission denied for table")
	wantFinding(t, s, "privileges", "may not DELETE, INSERT, UPDATE in table oauthtoken", "may not DELETE, INSERT, UPDATE in table oauthtoken_zcrm")
}

// TestPoolExhausted: a caller whose time is over learns why.
func TestPoolExhausted(t *testing.T) {
	s := open(t, newURL(t))
	s.db.SetMaxOpenConns(1)
	held, err := s.db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = s.Save(ctx, user("alice"))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "all 1 connections of the pool are in use") {
		t.Errorf("Save without a connection: %v", err)
	}
}

// TestServerIsFull: the server has no connection to give.
func TestServerIsFull(t *testing.T) {
	server := servertest.StartPostgres(t, "max_connections = 4", "superuser_reserved_connections = 0")
	db := rawDB(t, server.URL())
	for range 4 {
		conn, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	_, err := openAt(context.Background(), server.URL(), postgres.Config{})
	clear(t, err, "too many clients", "let the pool open fewer connections")
}

// TestPoolerWithoutExec: a driver that prepares is refused behind a pooler, before
// it loses a statement.
func TestPoolerWithoutExec(t *testing.T) {
	_, err := openAt(context.Background(), newURL(t), postgres.Config{Pooler: true})
	clear(t, err, "default_query_exec_mode=exec")
	for _, mode := range []string{"exec", "simple_protocol"} {
		o, err := openAt(context.Background(), servertest.PgBouncer(t)+"&default_query_exec_mode="+mode, postgres.Config{Pooler: true})
		if err != nil {
			t.Errorf("%s: %v", mode, err)
			continue
		}
		if got, err := o.Save(context.Background(), user("alice")); err != nil || got.ID != "1" {
			t.Errorf("%s: %v, %v", mode, got, err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestTableNames: what is odd is quoted, what could break out is refused.
func TestTableNames(t *testing.T) {
	ctx := context.Background()
	location := newURL(t)
	long := strings.Repeat("t", 44)
	for _, name := range []string{"Oauthtoken", "select", "1st", "a$b", "_", long} {
		s := openWith(t, location, postgres.Config{Table: name})
		if got := save(t, s, user("alice")); got.ID != "1" {
			t.Errorf("table %s: %v", name, got)
		}
	}
	for _, name := range []string{`a"b`, "a'b", "a b", "public.oauthtoken", "x; DROP TABLE oauthtoken", "ä", "a\x00", long + "t"} {
		if _, err := openAt(ctx, location, postgres.Config{Table: name}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", name)) {
			t.Errorf("table %q: %v", name, err)
		}
	}
}

// TestInjection: values are values.
//
// Defects: D7.
func TestInjection(t *testing.T) {
	ctx := context.Background()
	for what, s := range map[string]*opened{
		"direct": open(t, newURL(t)), "exec": openWith(t, poolerURL(t), postgres.Config{Pooler: true}),
		"simple": open(t, newURL(t)+"&default_query_exec_mode=simple_protocol"),
	} {
		save(t, s, user("alice"))
		for _, name := range []string{`' OR 1=1 --`, `'; DROP TABLE oauthtoken; --`, `$1`, `\' OR 1=1 --`, `E'\''`, `$$ OR 1=1`} {
			if got, err := s.Find(ctx, oauth.Token{UserName: name}); !errors.Is(err, oauth.ErrNotFound) {
				t.Errorf("%s: Find of user %q: %v, %v", what, name, got, err)
			}
			saved := save(t, s, user(name))
			if got, err := s.Find(ctx, oauth.Token{UserName: name}); err != nil || got != saved {
				t.Errorf("%s: user %q: %v, %v; want %v", what, name, got, err, saved)
			}
		}
	}
}

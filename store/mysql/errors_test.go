package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// account makes a user of the shared server with some rights, for the length of the
// test, and gives the settings to connect as that user.
func account(t *testing.T, url string, grants ...string) mysql.Config {
	t.Helper()
	cfg := config(t, url)
	cfg.User, cfg.Password = "u"+cfg.Database[5:], oauth.NewSecret("hunter2")
	db := rawDB(t, url, "")
	run(t, db, "CREATE USER "+cfg.User+"@127.0.0.1 IDENTIFIED BY 'hunter2'")
	t.Cleanup(func() {
		if _, err := db.Exec("DROP USER " + cfg.User + "@127.0.0.1"); err != nil {
			t.Error(err)
		}
	})
	for _, rights := range grants {
		run(t, db, "GRANT "+rights+" TO "+cfg.User+"@127.0.0.1")
	}
	return cfg
}

// says wants an error of one line that holds all of these and no password.
func says(t *testing.T, err error, want ...string) {
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
		if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("this may not be said: %q", err)
		}
	}
}

// TestCannotConnect: each reason is told from the others.
func TestCannotConnect(t *testing.T) {
	ctx := context.Background()
	cfg := config(t, servertest.MySQL(t))
	wrong := func(change func(*mysql.Config)) error {
		cfg := cfg
		change(&cfg)
		_, err := mysql.Open(ctx, cfg)
		return err
	}
	says(t, wrong(func(c *mysql.Config) { c.Password = oauth.NewSecret("hunter2") }), `user "root" at 127.0.0.1:`, "Access denied for user 'root'@'127.0.0.1' (using password: YES); check the user and the password")
	says(t, wrong(func(c *mysql.Config) { c.User, c.Password = "nobody-here", oauth.NewSecret("hunter2") }), "Access denied for user 'nobody-here'")
	says(t, wrong(func(c *mysql.Config) { c.Port = closedPort(t) }), "connection refused; see that the server runs, and that this is its address")
	says(t, wrong(func(c *mysql.Config) { c.Host = "no-such-host.invalid" }), "; see that the name of the host is right")
	says(t, wrong(func(c *mysql.Config) { c.Socket = "/nowhere/s" }), "at /nowhere/s:", "no such file or directory; see that the server runs")
	says(t, wrong(func(c *mysql.Config) { c.TLS = mysql.TLSVerify }), "TLS requested but server does not support TLS; let the server offer it")
	for what, err := range map[string]error{
		"port": wrong(func(c *mysql.Config) { c.Port = 70000 }), "database name": wrong(func(c *mysql.Config) { c.Database = "a/b" }),
		"TLS mode": wrong(func(c *mysql.Config) { c.TLS = "on" }), "authorities": wrong(func(c *mysql.Config) { c.CAFile = "ca.pem" }),
		"negative": wrong(func(c *mysql.Config) { c.MaxConns = -1 }),
	} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	says(t, wrong(func(c *mysql.Config) {
		c.Port, c.ConnectTimeout = silent.Addr().(*net.TCPAddr).Port, 50*time.Millisecond
	}), "no answer within 50ms; see that this is the address of a MySQL server")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := mysql.Open(ended, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// TestDatabaseIsMade where it is missing and the user may.
func TestDatabaseIsMade(t *testing.T) {
	url := servertest.MySQL(t)
	cfg := config(t, url)
	cfg.Database += "_`more`"
	defer run(t, rawDB(t, url, ""), "DROP DATABASE `"+strings.ReplaceAll(cfg.Database, "`", "``")+"`")
	save(t, open(t, cfg), user("alice"))
	if got := value(t, rawDB(t, url, ""), "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", cfg.Database); got != "utf8mb4_bin" {
		t.Errorf("its collation is %q", got)
	}
}

// TestStatementsToRun: where the user may not make what is missing, the error holds
// statements after which it works.
func TestStatementsToRun(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		rights func(database string) string
		want   string
	}{
		"no database":     {func(string) string { return "USAGE ON *.*" }, "is missing, or closed to this user"},
		"no create":       {func(db string) string { return "SELECT, INSERT, UPDATE, DELETE ON " + db + ".*" }, "CREATE command denied"},
		"nothing at all":  {func(db string) string { return "CREATE TEMPORARY TABLES ON " + db + ".*" }, "command denied"},
		"only one to see": {func(db string) string { return "SELECT ON " + db + ".oauthtoken" }, "command denied"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			url := servertest.MySQL(t)
			root := rawDB(t, url, "multiStatements=true")
			if name == "only one to see" {
				run(t, root, createTable)
			}
			cfg := account(t, url, c.rights(config(t, url).Database))
			_, err := mysql.Open(ctx, cfg)
			says(t, err, c.want, "let somebody who may run: ")
			_, statements, _ := strings.Cut(fmt.Sprint(err), "let somebody who may run: ")
			run(t, root, statements)
			s := open(t, cfg)
			useTable(t, s)
		})
	}
}

// TestRightsMissing: what may not be written is said at the first write, and by
// Inspect with the statement that helps.
func TestRightsMissing(t *testing.T) {
	ctx := context.Background()
	url := servertest.MySQL(t)
	saved := save(t, open(t, config(t, url)), user("alice"))
	cfg := account(t, url, "SELECT ON "+config(t, url).Database+".*")
	s := open(t, cfg)
	if got, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got != saved {
		t.Errorf("Find: %v, %v; want %v", got, err, saved)
	}
	_, err := s.Save(ctx, user("bob"))
	says(t, err, "lacks a right", "grant it SELECT, INSERT, UPDATE and DELETE on oauthtoken and oauthtoken_zcrm")
	says(t, s.Probe(ctx), "lacks a right")
	found := inspect(t, s)
	if n := len(found["privileges"]); n != 2 {
		t.Fatalf("%d findings about rights, want one for each table: %v", n, found)
	}
	root := rawDB(t, url, "")
	for _, f := range found["privileges"] {
		run(t, root, f.Remedy)
	}
	save(t, s, user("bob"))
	if again := inspect(t, s); len(again["privileges"]) > 0 {
		t.Errorf("after the statements: %v", again["privileges"])
	}
}

// TestPoolExhausted: the deadline's error says what everybody waited for.
func TestPoolExhausted(t *testing.T) {
	db := rawDB(t, servertest.MySQL(t), "")
	db.SetMaxOpenConns(1)
	s, err := mysql.New(context.Background(), db, mysql.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, find := s.Find(ctx, oauth.Token{UserName: "alice"})
	_, save := s.Save(ctx, user("alice"))
	for what, err := range map[string]error{"Find": find, "Save": save} {
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "all 1 connections of the pool are in use") {
			t.Errorf("%s: %v", what, err)
		}
	}
	conn.Close()
	useTable(t, s) // and one connection is enough for everything
}

// TestWrongCharacterSet: on such connections texts would be taken for others.
func TestWrongCharacterSet(t *testing.T) {
	_, err := mysql.New(context.Background(), rawDB(t, servertest.MySQL(t), "charset=latin1"), mysql.Config{})
	says(t, err, "latin1", "open it with charset=utf8mb4")
}

// TestOtherDriverSettings: a caller's connections may have these.
func TestOtherDriverSettings(t *testing.T) {
	for _, settings := range []string{
		"interpolateParams=true", "parseTime=true&clientFoundRows=true", "columnsWithAlias=true",
		"sql_mode=%27ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH%27", "tx_isolation=%27SERIALIZABLE%27", "collation=utf8mb4_bin",
	} {
		t.Run(settings, func(t *testing.T) {
			url := servertest.MySQL(t)
			run(t, rawDB(t, url, ""), createTable+" CHARACTER SET latin1")
			s, err := mysql.New(context.Background(), rawDB(t, url, settings), mysql.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			useTable(t, s)
		})
	}
}

// TestTriggersWords: what a trigger or another program says in an error is not shown,
// since it may quote a value.
//
// Defects: D20.
func TestTriggersWords(t *testing.T) {
	url := servertest.MySQL(t)
	s := open(t, config(t, url))
	db := rawDB(t, url, "")
	run(t, db, "CREATE TRIGGER refuse BEFORE INSERT ON oauthtoken FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '1000.refresh.alice'")
	_, err := s.Save(context.Background(), user("alice"))
	if !errors.Is(err, oauth.ErrInvalidValue) || strings.Contains(err.Error(), "1000.refresh") {
		t.Errorf("Save: %v", err)
	}
	run(t, db, "DROP TRIGGER refuse")
	run(t, db, "CREATE TRIGGER meddle BEFORE INSERT ON oauthtoken FOR EACH ROW SET NEW.client_id = lower(NEW.client_id)")
	var refused *oauth.ValueError
	if _, err := s.Save(context.Background(), user("alice")); !errors.As(err, &refused) || refused.Column != "client_id" {
		t.Errorf("Save: %v", err)
	}
	if n := value(t, db, "SELECT count(*) FROM oauthtoken"); n != "0" {
		t.Errorf("%s rows are left", n)
	}
}

// TestTableAlteredMeanwhile: an open store goes on.
func TestTableAlteredMeanwhile(t *testing.T) {
	url := servertest.MySQL(t)
	s := open(t, config(t, url))
	for i, change := range []string{
		"ADD COLUMN note text", "MODIFY user_name varchar(300)", "DROP COLUMN note", "CONVERT TO CHARACTER SET latin1", "CONVERT TO CHARACTER SET utf8mb4",
	} {
		saved := save(t, s, user(fmt.Sprint("user ", i)))
		run(t, rawDB(t, url, ""), "ALTER TABLE oauthtoken "+change)
		save(t, s, oauth.Token{ID: saved.ID, Version: saved.Version, AccessToken: oauth.NewSecret("new")})
		if _, err := s.Find(context.Background(), oauth.Token{UserName: saved.UserName}); err != nil {
			t.Errorf("after %s: %v", change, err)
		}
	}
	run(t, rawDB(t, url, ""), "ALTER TABLE oauthtoken DROP COLUMN api_domain")
	_, err := s.Save(context.Background(), user("late"))
	says(t, err, "Unknown column 'api_domain'")
	if found := inspect(t, s); len(found["schema"]) != 1 || !strings.Contains(found["schema"][0].Text, "no column api_domain") {
		t.Errorf("Inspect says %v", found)
	}
}

// TestLocked: a writer waits for the lock that another program holds, and obeys its
// context. A lock is asked for again before the server gives up.
func TestLocked(t *testing.T) {
	url := servertest.MySQL(t)
	s := open(t, config(t, url))
	save(t, s, user("alice"))
	hold := func() *sql.Tx {
		tx, err := rawDB(t, url, "").Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec("UPDATE oauthtoken SET api_domain = 'x'"); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	tx := hold()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Save(ctx, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("new")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Save: %v; want it to obey its context", err)
	}
	if _, err := s.Find(context.Background(), oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("Find is not to wait: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := s.Save(context.Background(), oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("new")})
		done <- err
	}()
	waiting := "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%oauthtoken%'"
	db := rawDB(t, url, "")
	for value(t, db, waiting) == "0" {
		select {
		case err := <-done:
			t.Fatalf("Save did not wait: %v", err)
		default:
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Save after the wait: %v", err)
	}
}

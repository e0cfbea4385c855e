package redaction

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// place is a store by its URL, with what can be done to it from outside.
type place struct {
	url string
	// quote makes every write fail with an error in which the database quotes the
	// row or a text of its own with a secret; nil: it has no such thing.
	quote func(t *testing.T)
	// damage changes what is stored so that a row cannot be read; nil: it cannot.
	damage func(t *testing.T)
}

// places are empty stores of every kind. Those on servers are skipped by themselves
// where there is no server.
func places() map[string]func(t *testing.T) place {
	return map[string]func(t *testing.T) place{
		"memory": func(*testing.T) place { return place{url: "memory:"} },
		"csv": func(t *testing.T) place {
			path := filepath.Join(t.TempDir(), "tokens.csv")
			return place{url: "csv:" + path, damage: func(t *testing.T) {
				text := "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n1,a,c,\"" + plant("client-secret") + "\nx," + plant("refresh")
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}}
		},
		"sqlite": func(t *testing.T) place {
			path := filepath.Join(t.TempDir(), "tokens.db")
			return onSQL("sqlite:"+path, "sqlite", path,
				"CREATE TRIGGER quote BEFORE INSERT ON oauthtoken BEGIN SELECT RAISE(ABORT, 'refused "+plant("refresh")+"'); END", "DROP TRIGGER quote")
		},
		"mysql": func(t *testing.T) place {
			storeURL := servertest.MySQL(t)
			dsn, err := servertest.MySQLDSN(storeURL)
			if err != nil {
				t.Fatal(err)
			}
			return onSQL(storeURL, "mysql", dsn,
				"CREATE TRIGGER quote BEFORE INSERT ON oauthtoken FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '"+plant("refresh")+"'", "DROP TRIGGER quote")
		},
		"postgres": func(t *testing.T) place {
			storeURL := servertest.Postgres(t)
			// The server's detail is "Failing row contains (...)", with the whole row.
			return onSQL(storeURL, "pgx", storeURL, "ALTER TABLE oauthtoken ADD CONSTRAINT quote CHECK (user_name = 'alice') NOT VALID", "ALTER TABLE oauthtoken DROP CONSTRAINT quote")
		},
		"redis": func(t *testing.T) place {
			storeURL, prefix := servertest.Redis(t)
			return place{url: storeURL + "?prefix=" + prefix}
		},
	}
}

// damage is what stands where a number belongs, short enough for the SDKs' column.
const damage = "dAmAgE-1000.x1y2z3"

func onSQL(storeURL, driver, dsn, quote, unquote string) place {
	run := func(t *testing.T, statement string) {
		t.Helper()
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal("the database cannot be opened")
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return place{
		url:    storeURL,
		quote:  func(t *testing.T) { run(t, quote) },
		damage: func(t *testing.T) { run(t, unquote); run(t, "UPDATE oauthtoken SET expiry_time = '"+damage+"'") },
	}
}

// TestStoresAreMute: of every store, plain and sealed, nothing that it logs, answers
// as an error or says of itself tells a secret: of the rows, of the database's
// password, of the keys.
//
// Defects: D20.
func TestStoresAreMute(t *testing.T) {
	for name, make := range places() {
		for _, seal := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/sealed=%v", name, seal), func(t *testing.T) {
				t.Parallel()
				muteStore(t, make(t), seal)
			})
		}
	}
}

// trial is one store while it is made to speak.
type trial struct {
	*testing.T
	find  finder
	store oauth.Store
	log   *bytes.Buffer
	fails int // errors that were looked at
}

func muteStore(t *testing.T, p place, seal bool) {
	tr := &trial{T: t, find: newFinder(passwordOf(p.url)), log: &bytes.Buffer{}}
	tr.find.add("damage", damage)
	logger := slog.New(slog.NewTextHandler(tr.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	opened, err := open.URL(t.Context(), p.url, open.Config{Logger: logger})
	if err != nil {
		t.Fatal("it cannot be opened")
	}
	defer opened.Close()
	tr.store = opened
	if seal {
		set := tr.keys(logger)
		over, err := sealed.New(opened, sealed.Config{Keys: set, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		tr.store = over
		mute(t, tr.find, "the keys", set)
	}
	tr.use()
	tr.speak("in use")
	if p.quote != nil {
		p.quote(t)
		fails := tr.fails
		_, err := tr.store.Save(t.Context(), tokenOf("oscar"))
		tr.heard("a database that quotes", err)
		tr.heard("a batch into it", oauth.SaveAll(t.Context(), tr.store, slices.Values([]oauth.Token{tokenOf("oscar")})))
		if tr.fails != fails+2 {
			t.Error("the database did not quote")
		}
	}
	if p.damage != nil {
		p.damage(t)
		fails := tr.fails
		tr.everyMethod("damaged")
		if tr.fails == fails {
			t.Error("the damage was not noticed")
		}
		tr.speak("damaged")
	}
	if err := opened.Close(); err != nil {
		t.Error(err)
	}
	tr.everyMethod("closed")
	if found := tr.find.in(tr.log.String()); len(found) > 0 {
		t.Errorf("its log shows %s", strings.Join(found, ", "))
	}
	if tr.fails < 8 {
		t.Errorf("only %d errors were heard", tr.fails)
	}
}

// keys makes keys, and plants what the file holds.
func (tr *trial) keys(logger *slog.Logger) *keys.Set {
	tr.Helper()
	path := filepath.Join(tr.TempDir(), "keys.json")
	cfg := keys.Config{Logger: logger}
	if _, err := keys.Create(tr.Context(), path, cfg); err != nil {
		tr.Fatal(err)
	}
	material := keyMaterial(tr.T, path)
	for i, text := range material {
		tr.find.add(fmt.Sprint("key", i), text)
	}
	set, err := keys.Open(tr.Context(), path, cfg)
	if err != nil {
		tr.Fatal(err)
	}
	return set
}

// passwordOf is the password of a server, under the name that a find gives it.
func passwordOf(storeURL string) map[string]string {
	u, err := url.Parse(storeURL)
	if err != nil || u.User == nil {
		return nil
	}
	if password, _ := u.User.Password(); password != "" {
		return map[string]string{"server's password": password}
	}
	return nil
}

func tokenOf(user string) oauth.Token {
	t := aToken()
	t.ID, t.UserName = "", user
	return t
}

// heard looks at an error.
func (tr *trial) heard(what string, err error) {
	tr.Helper()
	if err != nil {
		tr.fails++
		muteError(tr.T, tr.find, what, err)
	}
}

// use does what goes well and what does not.
func (tr *trial) use() {
	tr.Helper()
	ctx := tr.Context()
	alice, err := tr.store.Save(ctx, tokenOf("alice"))
	if err != nil {
		tr.Fatal("alice cannot be saved")
	}
	mute(tr.T, tr.find, "a row", alice)
	for what, text := range map[string]string{
		"a long": strings.Repeat(plant("refresh"), 400), "a line end in a": plant("refresh") + "\n", "a NUL in a": plant("refresh") + "\x00",
		"broken UTF-8 in a": plant("refresh") + "\xff\xfe", "an emoji in a": plant("refresh") + "😀",
	} {
		for column, token := range map[string]oauth.Token{
			"client secret": {ClientSecret: oauth.NewSecret(text), RefreshToken: secret("refresh")}, "grant": {GrantToken: oauth.NewSecret(text)},
			"refresh token": {RefreshToken: oauth.NewSecret(text)}, "access token": {AccessToken: oauth.NewSecret(text), RefreshToken: secret("refresh")},
		} {
			token.UserName = "mallory"
			_, err := tr.store.Save(ctx, token)
			tr.heard(what+" "+column, err)
			tr.heard(what+" "+column+" in a batch", oauth.SaveAll(ctx, tr.store, slices.Values([]oauth.Token{token})))
			_, err = tr.store.Find(ctx, oauth.Token{RefreshToken: token.RefreshToken, GrantToken: token.GrantToken})
			tr.heard("Find by "+what+" "+column, err)
		}
	}
	stale := tokenOf("alice")
	stale.ID, stale.Version = alice.ID, "stale"
	_, err = tr.store.Save(ctx, stale)
	tr.heard("a stale Version", err)
	other := tokenOf("bob")
	other.ID = alice.ID
	_, err = tr.store.Save(ctx, other)
	tr.heard("another's ID", err)
	_, err = tr.store.Save(ctx, oauth.Token{UserName: "alice", ClientID: alice.ClientID, RefreshToken: secret("old-access"), APIDomain: "https://www.zohoapis.eu"})
	tr.heard("another domain", err)
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err = tr.store.Save(over, tokenOf("alice"))
	tr.heard("a context that ended", err)
	tr.everyMethod("in use")
	tr.coordinate(alice)
}

// everyMethod calls all of them with a token that is not there.
func (tr *trial) everyMethod(when string) {
	tr.Helper()
	ctx := tr.Context()
	_, err := tr.store.Find(ctx, oauth.Token{RefreshToken: secret("old-access")})
	tr.heard(when+": Find", err)
	_, err = tr.store.Find(ctx, oauth.Token{UserName: "alice"})
	tr.heard(when+": Find by name", err)
	_, err = tr.store.Get(ctx, "no such ID")
	tr.heard(when+": Get", err)
	_, err = tr.store.Save(ctx, oauth.Token{UserName: "alice", AccessToken: secret("old-access")})
	tr.heard(when+": Save", err)
	tr.heard(when+": Delete", tr.store.Delete(ctx, "no such ID", plant("refresh")))
	_, err = oauth.All(ctx, tr.store)
	tr.heard(when+": List", err)
	if probe, ok := oauth.ProberOf(tr.store); ok {
		tr.heard(when+": Probe", probe.Probe(ctx))
	}
	if report, err := check.Run(ctx, tr.store, check.Config{}); err == nil {
		mute(tr.T, tr.find, when+": the check's report", report)
	} else {
		tr.heard(when+": check", err)
	}
}

// coordinate takes the way of a refresh that fails.
func (tr *trial) coordinate(alice oauth.Token) {
	tr.Helper()
	c, ok := oauth.CoordinatorOf(tr.store)
	if !ok {
		return
	}
	claim := oauth.Claim{Key: alice.RefreshToken.Hash(), Owner: "one", For: time.Minute}
	lease, err := c.Acquire(tr.Context(), claim)
	tr.heard("Acquire", err)
	mute(tr.T, tr.find, "a lease", lease)
	claim.Owner = "another"
	_, err = c.Acquire(tr.Context(), claim)
	tr.heard("Acquire of what is held", err)
	if err == nil {
		tr.Error("one lease was given twice")
	}
	tr.heard("Settle", c.Settle(tr.Context(), lease, oauth.Outcome{}))
}

// speak prints the store itself, from the outermost to the innermost.
func (tr *trial) speak(when string) {
	tr.Helper()
	for s := tr.store; s != nil; {
		mute(tr.T, tr.find, when+": the store", s)
		inner, ok := s.(interface{ Unwrap() oauth.Store })
		if !ok {
			return
		}
		s = inner.Unwrap()
	}
}

// TestOpeningIsMute: store URLs that cannot be used, each with a password.
//
// Defects: D20.
func TestOpeningIsMute(t *testing.T) {
	f := newFinder(nil)
	password := url.QueryEscape(plant("password"))
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte(plant("password")+"\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []string{"mysql", "postgres", "redis", "rediss", "oracle", "csv", "sqlite", "memory"} {
		var alone []string // where redis-cli takes a password, and others a user's name
		if strings.HasPrefix(scheme, "redis") {
			alone = []string{"//" + password + "@127.0.0.1:1/0", "//" + password + "@127.0.0.1:1," + password + "@127.0.0.1:2/0"}
		}
		for _, rest := range append(alone, []string{
			"//u:" + password + "@127.0.0.1:1/0", "//u:" + plant("password") + "@127.0.0.1:1/0", "//:" + password + "@127.0.0.1:port/0",
			"//u:" + password + "@[::1/0", "//" + password, "//u:" + password, "//u@h/0?password=" + password, "//u@h/" + password + "/x",
			"//u@127.0.0.1:1/0?password-file=" + url.QueryEscape(file), "//u@127.0.0.1:1/0?ca=" + url.QueryEscape(file), "//u:%zz" + password + "@h/0",
			"//u:" + password + "@127.0.0.1:1/0?tls=" + password, password,
		}...) {
			var log bytes.Buffer
			s, err := open.URL(t.Context(), scheme+":"+rest, open.Config{
				Password: secret("password"), ReadOnly: true, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			})
			if err == nil {
				s.Close()
				if scheme != "csv" && scheme != "sqlite" {
					t.Errorf("%s: it was opened", scheme)
				}
				continue
			}
			if file := scheme == "csv" || scheme == "sqlite"; file && !strings.HasPrefix(rest, "//") {
				continue // a path, which is no secret
			}
			muteError(t, f, scheme, err)
			mute(t, f, scheme+" redacted", open.Redact(scheme+":"+rest))
			if found := f.in(log.String()); len(found) > 0 {
				t.Errorf("%s: the log shows %s", scheme, strings.Join(found, ", "))
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: it took too long", scheme)
			}
		}
	}
}

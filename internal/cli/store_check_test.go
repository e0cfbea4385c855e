package cli

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/check"
)

// A SQLite table that an SDK made is examined where it is, and nothing is made
// in it; once zcrm has used it, it is opened to be written, and tried.
func TestStoreCheckOfForeignSQLite(t *testing.T) {
	r := newRig(t)
	path := filepath.Join(r.dir, "zohooauth.db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id varchar(255), client_secret varchar(255),
		 refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255),
		 api_domain varchar(255), primary key (id))`,
		`INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, expiry_time, api_domain)
		 VALUES ('1', 'alice', 'c', 's', 'r', 'a', '4102444800000', 'https://www.zohoapis.com')`,
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r.env["ZCRM_STORE"] = "sqlite:" + path
	got := r.run("", "store", "check", "--json")
	if found := codesOf(t, got); got.code != exitOK || !found["not-used-yet"] || found["open-file"] {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if got := r.run("", "status"); got.code != exitOK || !strings.Contains(got.stdout, "(SQLite), 1 token\n") {
		t.Errorf("status: exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	for _, args := range [][]string{{"token", "list"}, {"token", "show", "--id", "1", "--client-id", "c"}, {"store", "copy", "--from", "sqlite:" + path, "--to", "memory:", "--dry-run"}} {
		r.env["ZCRM_STORE"] = "sqlite:" + path
		if got := r.run("", args...); got.code != exitOK || !strings.Contains(got.stdout, "1") {
			t.Errorf("%v: exit code %d: %s%s", args, got.code, got.stdout, got.stderr)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("looking changed the database: %v", err)
	}
	if entries, err := filepath.Glob(path + "*"); err != nil || len(entries) != 1 {
		t.Errorf("looking left %v, %v", entries, err)
	}
	r.login("bob")
	got = r.run("", "store", "check", "--json")
	if found := codesOf(t, got); got.code != exitOK || found["not-used-yet"] {
		t.Errorf("once used: exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// TestFileOfAnother: where another user was the first to make the file, nobody is
// logged in; who looks sees what is there, whose it is, and what to do.
func TestFileOfAnother(t *testing.T) {
	for _, kind := range []string{"sqlite", "csv"} {
		r := newRig(t)
		path := r.file("tokens")
		r.env["ZCRM_STORE"] = kind + ":" + path
		r.login("alice")
		if err := os.Chown(path, 65534, -1); err != nil {
			t.Skip("only an administrator can give a file away: ", err)
		}
		if got := r.run("", "store", "check"); got.code != exitOK { // in a folder of root's, who put it there
			t.Errorf("%s: exit code %d: %s%s", kind, got.code, got.stdout, got.stderr)
		}
		if err := os.Chmod(r.dir, 0o777|os.ModeSticky); err != nil {
			t.Fatal(err)
		}
		got := r.run(r.sim.Grant("bob"), "login", "--grant-token", "-")
		if got.code != exitFailed || !strings.Contains(got.stderr, path+" belongs to user 65534") || !strings.Contains(got.stderr, "use a file of your own") {
			t.Errorf("%s: login: exit code %d: %s", kind, got.code, got.stderr)
		}
		got = r.run("", "store", "check", "--json")
		if found := codesOf(t, got); got.code != exitFailed || !found["not-writable"] || found["cannot-open"] || !strings.Contains(got.stdout, "belongs to user 65534") {
			t.Errorf("%s: check: exit code %d: %s%s", kind, got.code, got.stdout, got.stderr)
		}
		if got := r.run("", "token", "list"); got.code != exitOK || !strings.Contains(got.stdout, "alice") || strings.Contains(got.stdout, "bob") {
			t.Errorf("%s: list: exit code %d: %s%s", kind, got.code, got.stdout, got.stderr)
		}
	}
}

func codesOf(t *testing.T, r result) map[string]bool {
	t.Helper()
	var views []findingView
	if err := json.Unmarshal([]byte(r.stdout), &views); err != nil {
		t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
	}
	found := make(map[string]bool)
	for _, v := range views {
		if v.Severity == "" || v.Text == "" {
			t.Errorf("%+v", v)
		}
		found[v.Code] = true
	}
	return found
}

// Colours only where they are wanted, and no control character of a name.
func TestFindingText(t *testing.T) {
	f := check.Finding{Severity: check.Failure, Text: "a\x1b[2Jb\nc", Remedy: "do it"}
	if got, want := findingText(paint{}, f), "failure  a[2Jb c -> do it\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := findingText(paint{on: true}, f); !strings.HasPrefix(got, "\x1b[1;31mfailure  \x1b[0ma[2Jb c\x1b[2m -> do it") {
		t.Errorf("%q", got)
	}
	f = check.Finding{Severity: check.Warning, Text: "text"}
	if got, want := findingText(paint{}, f), "warning  text\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What to do about a store that cannot be opened is told once, and fits.
func TestHowToOpen(t *testing.T) {
	away := fmt.Errorf("%w: connection refused", oauth.ErrStoreUnavailable)
	for _, c := range []struct {
		url  string
		err  error
		want string
	}{
		{"csv:x", errors.New("it is a folder"), "see that the path is right"},
		{"sqlite:x", errors.New("not a database"), "see that the path is right"},
		{"mysql:", away, "see that the server runs"},
		{"mysql:", errors.New("it has no column id"), ""},
		{"mysql:", fmt.Errorf("%w; make id the primary key", away), ""},
		{"postgres:", errors.New("it exists already; behind a pooler in transaction mode, open it otherwise"), ""},
	} {
		if got := howToOpen(c.url, c.err); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s %v: %q, want %q", c.url, c.err, got, c.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	for url, want := range map[string]struct {
		kind   string
		shared bool
	}{
		"csv:x": {"token file", true}, "sqlite:x": {"SQLite", true}, "sqlite::memory:": {"SQLite", true}, "memory:": {"in memory", false},
		"mysql://h/d": {"MySQL", true}, "postgres://h": {"PostgreSQL", false}, "postgresql://h": {"PostgreSQL", false},
		"redis://h": {"Redis", false}, "rediss://h": {"Redis", false},
	} {
		if kindOf(url) != want.kind || shared(url) != want.shared {
			t.Errorf("%s: %s, %v", url, kindOf(url), shared(url))
		}
	}
}

// What the store remembers of Zoho's answers says more than the token.
func TestStatusOf(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	a := newApp(nil, nil, nil, nil)
	a.now = func() time.Time { return now }
	a.set.directory = dc.Zoho()
	a.set.home, _ = a.set.directory.ByLocation("eu")
	token := oauth.Token{ClientID: "c", RefreshToken: oauth.NewSecret("r"), AccessToken: oauth.NewSecret("a"), Expiry: now.Add(time.Minute)}
	for _, c := range []struct {
		standing              oauth.Standing
		status, trouble, word string
	}{
		{oauth.Standing{}, stateValid, "", "ok"},
		{oauth.Standing{State: oauth.Dead}, stateLogin, "", "reauth"},
		{oauth.Standing{State: oauth.Ended}, stateRevoked, "revoked", "revoked"},
		{oauth.Standing{State: oauth.Failing, Class: "x", Next: now.Add(time.Minute)}, stateValid, "failing: x, next try in 1m", "failing"},
		{oauth.Standing{Barred: now.Add(time.Minute)}, stateValid, "throttled for 1m", "ok"},
	} {
		v := a.statusOf(token, c.standing)
		if v.Status != c.status || v.trouble != c.trouble || v.State != c.word || v.DataCenter != "eu" || v.Environment != "production" {
			t.Errorf("%+v: %+v", c.standing, v)
		}
	}
	token.APIDomain, token.AccountsURL = "", "https://accounts.zoho.in"
	if v := a.statusOf(token, oauth.Standing{}); v.DataCenter != "in" {
		t.Errorf("by the accounts server: %+v", v)
	}
	token.AccountsURL = "https://accounts.evil.example"
	if v := a.statusOf(token, oauth.Standing{}); v.Status != stateHost {
		t.Errorf("an accounts server that nobody knows: %+v", v)
	}
}

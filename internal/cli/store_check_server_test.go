package cli

import (
	"crypto/rand"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"zohocrm/internal/servertest"
)

// On real servers: a store that zcrm made shows no failure and none of the faults
// of rows, status lists it, and a wrong password is a finding that does not show it.
func TestStoreCheckOfServers(t *testing.T) {
	redis, prefix := servertest.Redis(t)
	r := newRig(t)
	for kind, storeURL := range map[string]string{
		"MySQL": servertest.MySQL(t), "PostgreSQL": servertest.Postgres(t), "Redis": redis + "?prefix=" + prefix,
	} {
		t.Run(kind, func(t *testing.T) {
			r.t = t
			r.env["ZCRM_STORE"] = storeURL
			if got := r.run("", "status"); got.code != exitNotFound {
				t.Errorf("status of an empty store: exit code %d: %s", got.code, got.stderr)
			}
			r.login("alice")
			got := r.run("", "store", "check", "--json")
			found := codesOf(t, got)
			if got.code != exitOK {
				t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
			for _, code := range []string{"missing-index", "duplicate-user", "ten-rows", "empty", "expired", "not-writable", "clock-difference"} {
				if found[code] {
					t.Errorf("a new store has %s: %s", code, got.stdout)
				}
			}
			if got := r.run("", "status"); got.code != exitOK || !strings.Contains(got.stdout, "("+kind+"), 1 token\n") {
				t.Errorf("status: exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
			u, err := url.Parse(storeURL)
			if err != nil {
				t.Fatal("not a URL")
			}
			u.User = url.UserPassword("nobody", plantedSecret)
			got = r.run("", "store", "check", u.String())
			if got.code != exitFailed || !strings.HasPrefix(got.stdout, "failure  it cannot be opened: ") || findSecret(got.stdout) != "" {
				t.Errorf("a wrong password: exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
			if lines := strings.Split(got.stderr, "\n"); slices.ContainsFunc(lines, func(l string) bool { return l != "" && !strings.HasPrefix(l, "zcrm: ") }) {
				t.Errorf("stderr: %s", got.stderr)
			}
		})
	}
}

// A remedy is that of the finding, and none where the finding says what to do; why a
// server cannot be written is said once.
func TestStoreCheckRemedies(t *testing.T) {
	mysql, postgres := servertest.MySQL(t), servertest.Postgres(t)
	redis, prefix := servertest.Redis(t)
	full := servertest.StartRedis(t, "maxmemory 1mb").URL()
	db, pg := rawServer(t, mysql), rawServer(t, postgres)
	reader := "r" + strings.ToLower(rand.Text()[:8])
	execAll(t, db,
		"CREATE TABLE noexpiry (id varchar(10) PRIMARY KEY, user_name varchar(255))",
		strings.Replace(strings.Replace(foreignTable()[0], "oauthtoken", "doubled", 1), ", primary key (id)", "", 1),
		"CREATE TABLE six (id int PRIMARY KEY, user_mail varchar(255), client_id varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20))",
	)
	execAll(t, pg, foreignTable()...)
	execAll(t, pg, "CREATE ROLE "+reader+" LOGIN PASSWORD 'x'")
	t.Cleanup(func() { execAll(t, pg, "DROP OWNED BY "+reader, "DROP ROLE "+reader) })
	u, err := url.Parse(postgres)
	if err != nil {
		t.Fatal("not a URL")
	}
	u.User = url.UserPassword(reader, "x")
	options, err := goredis.ParseURL(redis)
	if err != nil {
		t.Fatal("not a URL")
	}
	client := goredis.NewClient(options)
	defer client.Close()
	if err := client.Set(t.Context(), "{"+prefix+"}:order", "text", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ url, code, says string }{
		"no column":          {mysql + "?table=noexpiry", "cannot-open", "add what is missing, or name another table"},
		"doubled ids":        {mysql + "?table=doubled", "cannot-open", "make id the primary key"},
		"SELECT denied":      {u.String(), "cannot-open", "grant it SELECT"},
		"six columns":        {mysql + "?table=six", "read-only-table", "nothing can be saved in it"},
		"memory full":        {full, "not-writable", "raise its maxmemory"},
		"a key's other type": {redis + "?prefix=" + prefix, "damaged", "choose another prefix, or delete that key"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			got := r.run("", "store", "check", c.url, "--json")
			var views []findingView
			if err := json.Unmarshal([]byte(got.stdout), &views); err != nil || got.code != exitFailed {
				t.Fatalf("exit code %d: %v: %s%s", got.code, err, got.stdout, got.stderr)
			}
			failed := slices.DeleteFunc(views, func(v findingView) bool { return v.Severity != "failure" })
			if len(failed) != 1 || failed[0].Code != c.code || !strings.Contains(failed[0].Text, c.says) {
				t.Fatalf("want one failure %s saying %s, got %+v", c.code, c.says, failed)
			}
			if strings.Contains(failed[0].Text, "; ") != (failed[0].Remedy == "") {
				t.Errorf("what to do is said twice or not at all: %+v", failed[0])
			}
		})
	}
}

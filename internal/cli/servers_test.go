package cli

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/internal/servertest"
)

// serverStores are the URLs of empty stores on real servers, in a fixed order.
func serverStores(t *testing.T) []string {
	t.Helper()
	redis, prefix := servertest.Redis(t)
	return []string{servertest.MySQL(t), servertest.Postgres(t), servertest.PgBouncer(t) + "&pooler=transaction", redis + "?prefix=" + prefix}
}

// allStores adds those that need no server.
func allStores(t *testing.T) []string {
	dir := t.TempDir()
	return append(serverStores(t), "csv:"+filepath.Join(dir, "tokens.csv"), "sqlite:"+filepath.Join(dir, "tokens.db"))
}

// passwordOf is the password in a URL; empty: there is none.
func passwordOf(t *testing.T, storeURL string) string {
	t.Helper()
	u, err := url.Parse(storeURL)
	if err != nil {
		t.Fatal("not a URL")
	}
	password, _ := u.User.Password()
	return password
}

// clean runs a command and fails the test if the store's password shows.
func (r *rig) clean(storeURL, stdin string, args ...string) result {
	r.t.Helper()
	got := r.run(stdin, args...)
	if p := passwordOf(r.t, storeURL); p != "" && strings.Contains(got.stdout+got.stderr, p) {
		r.t.Errorf("zcrm %v: the store's password is shown", args)
	}
	return got
}

func scheme(storeURL string) string {
	s, _, _ := strings.Cut(storeURL, ":")
	if strings.Contains(storeURL, "pooler") {
		s = "pgbouncer"
	}
	return s
}

// The whole story on every store: it takes its rows with it, and leaves those of
// others.
func TestDemoOnStores(t *testing.T) {
	for _, storeURL := range allStores(t) {
		t.Run(scheme(storeURL), func(t *testing.T) {
			r := newRig(t)
			for _, before := range []string{"[]\n", ""} {
				if before == "" {
					if got := r.clean(storeURL, `{"user_name":"zoe","client_id":"1000.SIM","refresh_token":"r","client_secret":"s"}`, "--store", storeURL, "token", "import"); got.code != exitOK {
						t.Fatal(got.stderr)
					}
					before = r.run("", "--store", storeURL, "token", "export", "--reveal").stdout
				}
				got := r.clean(storeURL, "", "demo", "--store", storeURL)
				if got.code != exitOK || !strings.Contains(got.stdout, "tokens alive at the end ..................... 0\n") {
					t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
				}
				if after := r.run("", "--store", storeURL, "token", "export", "--reveal").stdout; after != before {
					t.Errorf("after the demo the store holds %s, want %s", after, before)
				}
			}
		})
	}
}

// One token from stdin, one with an ID of its own, and back: the same on every
// store, with the password in the URL, beside it and in a file.
func TestImportExportOnStores(t *testing.T) {
	const dora = `{"id":"7","user_name":"dora","client_id":"1000.SIM","client_secret":"s","refresh_token":"r","access_token":"a","expiry_time":1700000000000,"api_domain":"https://www.zohoapis.eu"}`
	for _, storeURL := range allStores(t) {
		t.Run(scheme(storeURL), func(t *testing.T) {
			r := newRig(t)
			got := r.clean(storeURL, dora, "--store", storeURL, "token", "import")
			if got.code != exitOK || got.stdout != "imported dora (id 7)\n" {
				t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
			want := r.clean(storeURL, "", "--store", storeURL, "token", "export", "--reveal", "--user", "dora").stdout
			for _, column := range []string{`"refresh_token": "r"`, `"expiry_time": "1700000000000"`, `"api_domain": "https://www.zohoapis.eu"`} {
				if !strings.Contains(want, column) {
					t.Errorf("%s is not in %s", column, want)
				}
			}
			if got := r.run("", "--store", storeURL, "token", "export"); got.code != exitUsage || got.stdout != "" {
				t.Errorf("without --reveal: exit code %d: %s", got.code, got.stdout)
			}
			password := passwordOf(t, storeURL)
			if password == "" {
				return
			}
			bare := strings.Replace(storeURL, ":"+password+"@", "@", 1)
			r.env["ZCRM_STORE"], r.env["ZCRM_STORE_PASSWORD"] = bare, password
			if got := r.clean(storeURL, "", "token", "export", "--reveal", "--user", "dora"); got.stdout != want {
				t.Errorf("by ZCRM_STORE_PASSWORD: exit code %d: %s", got.code, got.stderr)
			}
			r.env["ZCRM_STORE_PASSWORD"] = "planted-wrong"
			got = r.run("", "token", "list")
			if got.code != exitFailed || strings.Contains(got.stderr, "planted-wrong") || strings.Count(got.stderr, "\n") != 1 {
				t.Errorf("a wrong password: exit code %d: %s", got.code, got.stderr)
			}
			file := filepath.Join(r.dir, "password")
			if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			delete(r.env, "ZCRM_STORE_PASSWORD")
			sep := "?"
			if strings.Contains(bare, "?") {
				sep = "&"
			}
			r.env["ZCRM_STORE"] = bare + sep + "password-file=" + file
			if got := r.clean(storeURL, "", "token", "export", "--reveal", "--user", "dora"); got.stdout != want {
				t.Errorf("by password-file: exit code %d: %s", got.code, got.stderr)
			}
		})
	}
}

// From house to house, through every store and back into a file: the same
// tokens, under the same IDs.
func TestCopyAroundStores(t *testing.T) {
	r := newRig(t)
	first := "csv:" + sdkFile(t, 149)
	from := first
	for _, to := range append(allStores(t), "csv:"+filepath.Join(r.dir, "last.csv")) {
		for _, want := range []string{" 149 inserted, 0 updated, 0 unchanged", " 0 inserted, 0 updated, 149 unchanged"} {
			got := r.clean(to, "", "store", "copy", "--from", from, "--to", to)
			if got.code != exitOK || !strings.HasPrefix(got.stdout, "149 tokens read:"+want) || strings.Contains(got.stdout, "other id") {
				t.Fatalf("%s to %s: exit code %d: %s%s", scheme(from), scheme(to), got.code, got.stdout, got.stderr)
			}
		}
		from = to
	}
	// Not in the same order: a database sorts IDs as texts.
	tokens := func(storeURL string) map[string]portable {
		var all []portable
		if err := json.Unmarshal([]byte(r.run("", "--store", storeURL, "token", "export", "--reveal").stdout), &all); err != nil {
			t.Fatal(err)
		}
		byID := map[string]portable{}
		for _, p := range all {
			byID[p.ID] = p
		}
		return byID
	}
	if want, got := tokens(first), tokens(from); len(got) != 149 || !maps.Equal(want, got) {
		t.Errorf("the tokens have changed on their way: %d are left", len(got))
	}
}

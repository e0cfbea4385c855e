package cli

import (
	"net/url"
	"slices"
	"strings"
	"testing"

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

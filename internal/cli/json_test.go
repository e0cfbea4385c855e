package cli

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// The keys of --json are the SDKs' column names, with fingerprints in place of
// the four secrets, and expires_at: whatever the command.
func TestJSONKeys(t *testing.T) {
	want := []string{"expires_at"}
	for _, column := range oauth.Columns() {
		switch column {
		case "client_secret", "refresh_token", "access_token", "grant_token":
			column += "_fingerprint"
		}
		want = append(want, column)
	}
	slices.Sort(want)
	r := newRig(t)
	code := r.sim.Grant("alice")
	check := func(text string) {
		t.Helper()
		var object map[string]any
		if strings.HasPrefix(text, "[") {
			var list []map[string]any
			if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 {
				t.Fatalf("%v: %s", err, text)
			}
			object = list[0]
		} else if err := json.Unmarshal([]byte(text), &object); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		delete(object, "state") // what "token list" tells besides
		if got := slices.Sorted(maps.Keys(object)); !slices.Equal(got, want) {
			t.Errorf("keys %v, want %v", got, want)
		}
		if findSecret(text) != "" {
			t.Error("a secret is in it")
		}
	}
	check(r.run(code, "login", "--grant-token", "-", "--json").stdout)
	exported := r.run("", "token", "export", "--reveal").stdout
	for _, args := range [][]string{
		{"token", "list", "--json"}, {"token", "show", "--json"}, {"token", "refresh", "--json"}, {"token", "delete", "--json"},
	} {
		check(r.run("", args...).stdout)
	}
	check(r.run(exported, "token", "import", "--json").stdout)
	check(r.run("", "token", "clear", "--yes", "--json").stdout)
	r.run(exported, "token", "import")
	check(r.run("", "token", "revoke", "--json").stdout)
}

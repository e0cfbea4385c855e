package cli

import (
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// Of the store's address a child gets what is known to have no password.
func TestChildrenGetNoStorePassword(t *testing.T) {
	for address, passed := range map[string]bool{
		"csv:tokens.csv": true, "sqlite:/var/lib/t.db": true, "memory:": true, "mysql://u@h/db": true, "redis://h?password-file=/p": true,
		"mysql://u:planted@h/db": false, "Mysql://u:planted@h/db": false, " mysql://u:planted@h/db": false, "u:planted@tcp(h)/db": false,
		"host=h password=planted": false, "csv://u:planted@h": false,
	} {
		got := withToken([]string{"ZCRM_STORE=" + address}, oauth.Token{}, "")
		if slices.Contains(got, "ZCRM_STORE="+address) != passed {
			t.Errorf("ZCRM_STORE=%s: the child has %q", address, got)
		}
	}
}

// The variable with the keys is zcrm's own, whatever its name.
func TestChildrenGetNoKeys(t *testing.T) {
	environ := []string{"A=1", "MY_KEYS=planted", "ZCRM_KEYS=env:MY_KEYS", "ZCRM_CLIENT_SECRET=planted", "ZOHO_ACCESS_TOKEN=stale"}
	token := oauth.Token{AccessToken: oauth.NewSecret("fresh")}
	got := withToken(environ, token, "env:MY_KEYS")
	if text := strings.Join(got, " "); strings.Contains(text, "planted") || strings.Contains(text, "stale") || !slices.Contains(got, "ZOHO_ACCESS_TOKEN=fresh") || !slices.Contains(got, "A=1") {
		t.Errorf("%q", got)
	}
	// The flag outranks the variable, which names keys all the same.
	for _, flag := range []string{"keys.json", "env:OTHER_KEYS"} {
		got := withToken(append(environ, "OTHER_KEYS=planted-too", "B=2"), token, flag)
		if slices.Contains(got, "MY_KEYS=planted") || slices.Contains(got, "OTHER_KEYS=planted-too") == (flag == "env:OTHER_KEYS") || !slices.Contains(got, "B=2") {
			t.Errorf("--keys %s: %q", flag, got)
		}
	}
	if got := withToken([]string{"MY_KEYS=planted"}, token, "keys.json"); !slices.Contains(got, "MY_KEYS=planted") {
		t.Errorf("a variable that has nothing to do with it went: %q", got)
	}
}

package cli

import (
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// The variable with the keys is zcrm's own, whatever its name.
func TestChildrenGetNoKeys(t *testing.T) {
	environ := []string{"A=1", "MY_KEYS=planted", "ZCRM_KEYS=env:MY_KEYS", "ZCRM_CLIENT_SECRET=planted", "ZOHO_ACCESS_TOKEN=stale"}
	token := oauth.Token{AccessToken: oauth.NewSecret("fresh")}
	got := withToken(environ, token, "env:MY_KEYS")
	if text := strings.Join(got, " "); strings.Contains(text, "planted") || strings.Contains(text, "stale") || !slices.Contains(got, "ZOHO_ACCESS_TOKEN=fresh") || !slices.Contains(got, "A=1") {
		t.Errorf("%q", got)
	}
	if got := withToken(environ, token, "keys.json"); !slices.Contains(got, "MY_KEYS=planted") {
		t.Errorf("a variable that has nothing to do with it went: %q", got)
	}
}

package cli

import (
	"slices"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// withToken is the environment with the token's variables in place of any that
// were there, and without the secrets that were meant for zcrm alone.
func withToken(environ []string, t oauth.Token) []string {
	dropped := []string{"ZOHO_ACCESS_TOKEN", "ZOHO_API_DOMAIN", "ZCRM_CLIENT_SECRET", "ZCRM_STORE_PASSWORD"}
	var env []string
	for _, pair := range environ {
		key, value, _ := strings.Cut(pair, "=")
		is := func(name string) bool { return sameVariable(key, name) }
		if slices.ContainsFunc(dropped, is) || is("ZCRM_STORE") && open.HasPassword(value) {
			continue
		}
		env = append(env, pair)
	}
	return append(env, tokenEnv(t)...)
}

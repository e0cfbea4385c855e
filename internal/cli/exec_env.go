package cli

import (
	"slices"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// withToken is the environment with the token's variables in place of any that
// were there, and without the secrets that were meant for zcrm alone. keys is the
// source of the keys, which may be one of the variables.
func withToken(environ []string, t oauth.Token, keys string) []string {
	dropped := []string{"ZOHO_ACCESS_TOKEN", "ZOHO_API_DOMAIN", "ZCRM_CLIENT_SECRET", "ZCRM_STORE_PASSWORD"}
	if name, ok := strings.CutPrefix(keys, "env:"); ok {
		dropped = append(dropped, name)
	}
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

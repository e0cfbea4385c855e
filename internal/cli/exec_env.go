package cli

import (
	"slices"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// ownVariables names the variables that hold secrets which were meant for zcrm alone.
// keys is the source of the keys that are used; what ZCRM_KEYS names holds keys too
// where a flag outranks it.
func ownVariables(environ []string, keys string) []string {
	names, sources := []string{"ZCRM_CLIENT_SECRET", "ZCRM_STORE_PASSWORD"}, []string{keys}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case sameVariable(name, "ZCRM_STORE") && open.HasPassword(value):
			names = append(names, name)
		case sameVariable(name, "ZCRM_KEYS"):
			sources = append(sources, value)
		}
	}
	for _, source := range sources {
		if name, ok := strings.CutPrefix(source, "env:"); ok {
			names = append(names, name)
		}
	}
	return names
}

// withToken is the environment with the token's variables in place of any that
// were there, and without zcrm's own.
func withToken(environ []string, t oauth.Token, keys string) []string {
	dropped := append(ownVariables(environ, keys), "ZOHO_ACCESS_TOKEN", "ZOHO_API_DOMAIN")
	var env []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !slices.ContainsFunc(dropped, func(own string) bool { return sameVariable(name, own) }) {
			env = append(env, pair)
		}
	}
	return append(env, tokenEnv(t)...)
}

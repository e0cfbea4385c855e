package cli

import "strings"

// plainWords puts what a user of the program can do in the place of what the
// user of a package would do: its errors name Go fields.
func plainWords(text string) string {
	return strings.NewReplacer(
		"add the host to Config.Directory", "name its accounts and API URLs with --accounts-url and --api-url if it is yours",
		"list it in AccountsConfig.Directory", "name its accounts and API URLs with --accounts-url and --api-url if it is yours",
		"set Config.APIURL", "give --accounts-url and --api-url",
		"crm: Config.APIURL", "--api-url",
		"oauth: KeeperConfig.DataCenter", "--dc",
		"is longer than Config.MaxBody allows", "is too long to be shown: write it to a file with --out",
		"accept it by Config.AllowEviction", "accept it with ?eviction=allow in the store's URL",
		"; Config.Strict refuses such values", "",
		" (keys.Config.Wrap)", "",
		"; in Go set Config.Pooler, and open the database with default_query_exec_mode=exec", "",
		"transfer: stopped after", "stopped after",
		"use url.PathEscape for names in it", "write special characters of names in it as %XX",
	).Replace(text)
}

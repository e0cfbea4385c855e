package cli

import (
	"net/url"
	"strings"
)

// checkAPIPath refuses what package crm would, before a store is opened: a path
// that is not below the API's base URL.
func checkAPIPath(path string) error {
	path, query, _ := strings.Cut(path, "?")
	plain, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return sayf("the path has a %% that begins no escape: write %% as %%25")
	case strings.HasPrefix(path, "//"):
		return sayf(`the path begins with one "/", as in /crm/v8/Leads; the host comes from the token`)
	case strings.ContainsAny(plain, "\\#") || strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return sayf(`the path has a backslash, a "#" or a control character in it: leave it out`)
	}
	for segment := range strings.SplitSeq(plain, "/") {
		if segment == "." || segment == ".." {
			return sayf(`the path has "." or ".." as a part: write it in full, as in /crm/v8/Leads`)
		}
	}
	if _, err := url.ParseQuery(query); err != nil {
		return sayf("what follows the ? of the path cannot be read: give it as -q KEY=VALUE")
	}
	return nil
}

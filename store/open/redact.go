package open

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Redact gives a store's URL as it may be shown: without its password, and
// without anything of a URL that cannot be understood but its scheme.
func Redact(storeURL string) string {
	scheme, rest, ok := strings.Cut(storeURL, ":")
	if !ok {
		return "..."
	}
	switch scheme {
	case "memory", "csv", "sqlite":
		if strings.HasPrefix(rest, "//") || scheme == "memory" && rest != "" {
			return scheme + ":..."
		}
		return storeURL
	}
	p, ok := productOf(scheme)
	if !ok {
		return printable(scheme) + ":..."
	}
	a, err := parse(p, storeURL)
	if err != nil {
		return scheme + ":..."
	}
	return a.String()
}

// String is the URL with all that it leaves out, and without the password.
func (a *address) String() string {
	u := url.URL{Scheme: a.scheme, Path: "/" + a.database}
	u.RawPath = "/" + url.PathEscape(a.database)
	if a.host != "" {
		u.Host = net.JoinHostPort(a.host, strconv.Itoa(a.port))
	}
	switch {
	case a.user == "":
	case a.unclear():
		u.User = url.User("...")
	case a.product.name == "redis": // with the colon, which makes it clear
		u.User = url.UserPassword(a.user, "")
	default:
		u.User = url.User(a.user)
	}
	values := url.Values{}
	for name, value := range a.options {
		values.Set(name, value)
	}
	// Slashes, which paths are full of, mean nothing there.
	u.RawQuery = strings.ReplaceAll(values.Encode(), "%2F", "/")
	return u.String()
}

// unclear reports whether what stands alone before the @ may be a password: so
// redis-cli takes it. With a file for that it is a user.
func (a *address) unclear() bool {
	return a.product.name == "redis" && a.alone && a.options["password-file"] == ""
}

// NeedsPassword reports whether a URL is a server's and has neither a password nor
// the file of one: [Config.Password] is for it.
func NeedsPassword(storeURL string) bool {
	a, ok := serverOf(storeURL)
	return ok && a.password.IsZero() && a.options["password-file"] == ""
}

// HasPassword reports whether there is a password in a URL, or could be: in one that
// cannot be understood.
func HasPassword(storeURL string) bool {
	scheme, path, _ := strings.Cut(storeURL, ":")
	switch scheme {
	case "memory":
		return path != ""
	case "csv", "sqlite":
		return checkPath(scheme, path) != nil
	}
	a, ok := serverOf(storeURL)
	return !ok || !a.password.IsZero() || a.unclear()
}

// serverOf takes the URL of a server apart.
func serverOf(storeURL string) (address, bool) {
	scheme, _, _ := strings.Cut(storeURL, ":")
	p, ok := productOf(scheme)
	if !ok {
		return address{}, false
	}
	a, err := parse(p, storeURL)
	return a, err == nil
}

// Schemes are the beginnings of the URLs that can be opened.
func Schemes() []string {
	all := []string{"csv:", "sqlite:", "memory:"}
	for _, p := range products() {
		for _, scheme := range p.schemes {
			all = append(all, scheme+"://")
		}
	}
	return all
}

// Same reports whether two URLs name the same store, as far as they and the file
// system show it: one server may have many names.
func Same(a, b string) bool {
	one, ok := placeOf(a)
	other, ok2 := placeOf(b)
	if !ok || !ok2 || one.words != other.words {
		return false
	}
	return one.path == "" && other.path == "" || sameFile(one.path, other.path)
}

// spot is what tells a store from others: a file, or words.
type spot struct{ words, path string }

func placeOf(storeURL string) (spot, bool) {
	scheme, rest, _ := strings.Cut(storeURL, ":")
	switch scheme {
	case "csv", "sqlite":
		return spot{path: rest}, rest != "" && rest != ":memory:"
	}
	a, ok := serverOf(storeURL)
	if !ok {
		return spot{}, false
	}
	host := strings.ToLower(a.host)
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		host = "localhost"
	}
	where := net.JoinHostPort(host, strconv.Itoa(a.port))
	if socket := a.options["socket"]; socket != "" {
		where = socket
	}
	part := a.options["table"]
	if part == "" {
		part = defaultTable
	}
	if a.product.name == "redis" {
		if part = a.options["prefix"]; part == "" {
			part = defaultPrefix
		}
	}
	return spot{words: strings.Join([]string{a.product.name, where, a.database, part}, "\x00")}, true
}

// What the stores call their place if nothing is said.
const (
	defaultTable  = "oauthtoken"
	defaultPrefix = "zohocrm"
)

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, other)
	}
	full, err := filepath.Abs(a)
	full2, err2 := filepath.Abs(b)
	return err == nil && err2 == nil && full == full2
}

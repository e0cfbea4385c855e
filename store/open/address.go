package open

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"zohocrm/oauth"
	"zohocrm/store/rediskv"
)

// address is the URL of a store on a server, taken apart.
type address struct {
	product  product
	scheme   string
	user     string
	alone    bool // no colon follows the user
	password oauth.Secret
	host     string // "" where the URL names a socket
	port     int
	database string
	options  map[string]string
}

// product is what a server is, with what a URL leaves out.
type product struct {
	name     string
	schemes  []string
	port     int
	user     string // "": what its client takes
	database string
	options  []string // besides those of all
}

// common are the options that every server has.
func common() []string { return []string{"password-file", "max-conns", "socket", "ca"} }

func products() []product {
	return []product{
		{name: "mysql", schemes: []string{"mysql"}, port: 3306, user: "root", database: "zohooauth", options: []string{"table", "tls"}},
		{name: "postgres", schemes: []string{"postgres", "postgresql"}, port: 5432, database: "zohooauth", options: []string{"table", "sslmode", "pooler"}},
		{name: "redis", schemes: []string{"redis", "rediss"}, port: 6379, database: "0", options: []string{"prefix", "eviction"}},
	}
}

// productOf is the server that a scheme means.
func productOf(scheme string) (product, bool) {
	for _, p := range products() {
		if slices.Contains(p.schemes, scheme) {
			return p, true
		}
	}
	return product{}, false
}

// unreadable is the error of a URL that cannot be told apart. It shows nothing of
// it: what looks like a host could be the end of a password.
func (p product) unreadable() error {
	return fmt.Errorf("%w: it is not %s://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?OPTION=VALUE&...]; write special characters as %%XX (@ is %%40), or put the password in a file: ?password-file=FILE",
		ErrUnsupported, p.schemes[0])
}

// parse takes the URL of a server apart, whose scheme is known. Nothing that
// could be part of a password is in its error.
func parse(p product, storeURL string) (address, error) {
	scheme, rest, _ := strings.Cut(storeURL, ":")
	a := address{product: p, scheme: scheme, user: p.user, host: "localhost", port: p.port, database: p.database, options: map[string]string{}}
	if rest == "" || rest == "//" {
		return a, nil
	}
	// An @ behind the first of these means that what looks like the host is the
	// beginning of a password.
	if i := strings.IndexAny(strings.TrimPrefix(rest, "//"), "/?#"); i >= 0 && strings.Contains(strings.TrimPrefix(rest, "//")[i:], "@") {
		return address{}, p.unreadable()
	}
	// Redis: one more @ in what would be the user may end the password of the first of
	// several addresses, which are not known here.
	login := strings.TrimPrefix(rest[:max(0, strings.LastIndexByte(rest, '@'))], "//")
	if name, _, _ := strings.Cut(login, ":"); p.name == "redis" && strings.Contains(name, "@") {
		return address{}, p.unreadable()
	}
	u, err := url.Parse(storeURL)
	if err != nil || u.Opaque != "" || u.Fragment != "" || !strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "?") {
		return address{}, p.unreadable()
	}
	if err := a.takeOptions(u.RawQuery); err != nil {
		return address{}, err
	}
	if err := a.takePlace(u); err != nil {
		return address{}, err
	}
	return a, a.check()
}

// takePlace reads what stands before the options.
func (a *address) takePlace(u *url.URL) error {
	if u.User != nil {
		password, colon := u.User.Password()
		a.password = oauth.NewSecret(password)
		if name := u.User.Username(); name != "" {
			a.user, a.alone = name, !colon
		}
	}
	if host := u.Hostname(); host != "" {
		if !isHost(host) {
			return a.product.unreadable()
		}
		a.host = host
	}
	if text := u.Port(); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			return fmt.Errorf("%w: the port is not a number from 1 to 65535", ErrUnsupported)
		}
		a.port = port
	}
	database := strings.TrimPrefix(u.EscapedPath(), "/")
	if strings.Contains(database, "/") {
		return fmt.Errorf("%w: what follows the host is the name of one database; write a / in it as %%2F", ErrUnsupported)
	}
	database, err := url.PathUnescape(database)
	if err != nil {
		return a.product.unreadable()
	}
	if database != "" {
		a.database = database
	}
	if a.options["socket"] != "" {
		if u.Host != "" {
			return fmt.Errorf("%w: a host and socket= were given; leave one of them out", ErrUnsupported)
		}
		a.host = ""
	}
	return nil
}

// isHost tells a name or an address from a password that lost its @HOST.
func isHost(host string) bool {
	name := strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
	ip, _, _ := strings.Cut(host, "%") // its zone
	return name || net.ParseIP(ip) != nil
}

// takeOptions reads the part behind the question mark. What is not known is
// refused: a word typed wrongly must not leave the connection unprotected.
func (a *address) takeOptions(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return a.product.unreadable()
	}
	known := append(common(), a.product.options...)
	slices.Sort(known)
	for _, name := range slices.Sorted(keysOf(values)) {
		value := values[name]
		switch {
		case !slices.Contains(known, name):
			return fmt.Errorf("%w: option %s is not known; %s:// knows %s", ErrUnsupported, option(name), a.scheme, strings.Join(known, ", "))
		case len(value) > 1:
			return fmt.Errorf("%w: option %q was given twice", ErrUnsupported, name)
		case value[0] == "":
			return fmt.Errorf("%w: option %q is empty: give it a value, or leave it out", ErrUnsupported, name)
		}
		a.options[name] = value[0]
	}
	return nil
}

func keysOf(values url.Values) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}
}

// option shows the name of an option only if it looks like one.
func option(name string) string {
	if len(name) > 20 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_-") != "" {
		return "..."
	}
	return strconv.Quote(name)
}

// check looks at the values that mean something to this package alone.
func (a *address) check() error {
	all := []string{a.user, a.host, a.database, a.password.Reveal()}
	for _, value := range a.options {
		all = append(all, value)
	}
	for _, text := range all {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Errorf("%w: there is a control character in it", ErrUnsupported)
		}
	}
	for name, allowed := range map[string][]string{
		"tls": {"verify", "off"}, "pooler": {"transaction"}, "eviction": {"allow"},
		"sslmode": {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"},
	} {
		if value := a.options[name]; value != "" && !slices.Contains(allowed, value) {
			return fmt.Errorf("%w: %s= is one of %s", ErrUnsupported, name, strings.Join(allowed, ", "))
		}
	}
	if a.options["password-file"] != "" && !a.password.IsZero() {
		return fmt.Errorf("%w: a password and password-file= were given; leave one of them out", ErrUnsupported)
	}
	if _, err := a.maxConns(); err != nil {
		return err
	}
	if a.options["ca"] != "" && a.options["tls"] == "off" {
		return fmt.Errorf("%w: ca= is for TLS: leave out tls=off", ErrUnsupported)
	}
	if a.product.name == "redis" {
		if n, err := strconv.Atoi(a.database); err != nil || n < 0 {
			return fmt.Errorf("%w: what follows the host is the number of a database, as in redis://localhost/0", ErrUnsupported)
		}
		if err := rediskv.CheckPrefix(a.options["prefix"]); err != nil {
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
		if a.scheme == "redis" && a.options["ca"] != "" {
			return fmt.Errorf("%w: ca= is for TLS: write rediss://", ErrUnsupported)
		}
	}
	return nil
}

// Connections in a pool.
const (
	usualConns = 16
	mostConns  = 1000
)

func (a *address) maxConns() (int, error) {
	text := a.options["max-conns"]
	if text == "" {
		return usualConns, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostConns {
		return 0, fmt.Errorf("%w: max-conns= is a number from 1 to %d", ErrUnsupported, mostConns)
	}
	return n, nil
}

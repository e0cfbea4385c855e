package dc

import (
	"fmt"
	"net/url"
	"strings"
)

// Directory is an immutable list of data centres with its lookups. Later
// entries win over earlier ones. The zero value knows nothing and so trusts
// nobody; start from [Zoho].
type Directory struct {
	centers []DataCenter
}

// Zoho lists Zoho's own data centres: the eight of the official SDKs, and the
// United Kingdom and the Emirates from Zoho's accounts pages.
func Zoho() Directory { return Directory{centers: known()} }

// With returns a directory that also knows c. The receiver is unchanged.
func (d Directory) With(c DataCenter) Directory {
	centers := make([]DataCenter, 0, len(d.centers)+1)
	return Directory{centers: append(append(centers, d.centers...), c)}
}

// All returns the entries, Zoho's first. The slice is the caller's.
func (d Directory) All() []DataCenter { return append([]DataCenter(nil), d.centers...) }

// ByLocation finds an entry by its location code, in any case.
func (d Directory) ByLocation(code string) (DataCenter, bool) {
	return d.find(func(c DataCenter) bool { return strings.EqualFold(c.Location, code) })
}

// ByAPIDomain finds the entry and environment that an api_domain belongs to.
func (d Directory) ByAPIDomain(apiDomain string) (DataCenter, Environment, bool) {
	want, err := base(apiDomain)
	if err != nil {
		return DataCenter{}, Production, false
	}
	env := Production
	c, ok := d.find(func(c DataCenter) bool {
		for e, api := range c.api {
			if api != "" && api == want {
				env = Environment(e)
				return true
			}
		}
		return false
	})
	return c, env, ok
}

// ByAccountsURL finds an entry by its accounts base, or by the full token URL
// (".../oauth/v2/token") that the official SDKs write down.
func (d Directory) ByAccountsURL(accountsURL string) (DataCenter, bool) {
	want, err := base(strings.TrimSuffix(accountsURL, "/oauth/v2/token"))
	if err != nil {
		return DataCenter{}, false
	}
	return d.find(func(c DataCenter) bool { return c.AccountsURL == want })
}

// Check refuses every URL that must not be sent a token or a secret: hosts
// outside the directory, and plain http to anything but loopback. It answers an
// error that wraps [ErrUntrusted] and names the host. Only scheme, host and, for
// entries that have one, the path prefix are compared.
func (d Directory) Check(u *url.URL) error {
	target, err := canonical(u)
	if err != nil {
		return err
	}
	_, ok := d.find(func(c DataCenter) bool {
		for _, b := range append([]string{c.AccountsURL, c.UploadURL}, c.api[:]...) {
			if within(target, b) {
				return true
			}
		}
		return false
	})
	if !ok {
		return fmt.Errorf("%w: %q", ErrUntrusted, u.Host)
	}
	return nil
}

// Serves reports whether u is on the API host of the environment or on the
// upload host: where access tokens of this data centre may go.
func (d DataCenter) Serves(e Environment, u *url.URL) bool {
	target, err := canonical(u)
	return err == nil && (within(target, d.APIURL(e)) || within(target, d.UploadURL))
}

// canonical spells a URL so that prefixes can be compared, and refuses spellings
// that a server may understand otherwise than we do.
func canonical(u *url.URL) (string, error) {
	if u == nil || u.User != nil || u.Opaque != "" || (u.Scheme != "https" && u.Scheme != "http") || strings.ContainsAny(u.Host, `/?#@\`) {
		return "", fmt.Errorf("%w: not a plain URL", ErrUntrusted)
	}
	origin, err := base(u.Scheme + "://" + u.Host)
	if err != nil {
		return "", fmt.Errorf("%w: %q: %w", ErrUntrusted, u.Host, err)
	}
	for segment := range strings.FieldsFuncSeq(u.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return "", fmt.Errorf("%w: %q: the path has dot segments", ErrUntrusted, u.Host)
		}
	}
	return origin + u.EscapedPath(), nil
}

// within reports whether target is base itself or lies below it.
func within(target, base string) bool {
	rest, ok := strings.CutPrefix(target, base)
	return base != "" && ok && (rest == "" || rest[0] == '/')
}

func (d Directory) find(match func(DataCenter) bool) (DataCenter, bool) {
	for i := len(d.centers) - 1; i >= 0; i-- {
		if match(d.centers[i]) {
			return d.centers[i], true
		}
	}
	return DataCenter{}, false
}

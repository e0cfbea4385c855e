package dc

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ErrUntrusted is wrapped by every refusal to talk to a host that the directory
// does not list.
var ErrUntrusted = errors.New("host is not a known Zoho data centre")

// Custom makes the operator's own entry, location "custom": a gateway in front
// of Zoho, or a simulator. Both arguments are base URLs; an empty apiURL means
// that one server answers for both. Plain http is accepted for loopback
// addresses only, since a secret would otherwise cross a network in the clear.
func Custom(accountsURL, apiURL string) (DataCenter, error) {
	accounts, err := base(accountsURL)
	if err != nil {
		return DataCenter{}, fmt.Errorf("accounts URL: %w", err)
	}
	api := accounts
	if apiURL != "" {
		if api, err = base(apiURL); err != nil {
			return DataCenter{}, fmt.Errorf("api URL: %w", err)
		}
	}
	return DataCenter{
		Location:    "custom",
		AccountsURL: accounts,
		UploadURL:   api,
		api:         [3]string{api, api, api},
	}, nil
}

// base checks a base URL and gives its canonical spelling: lower-case scheme
// and host, no default port, no trailing slash.
func base(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return "", errors.New("not an absolute URL such as https://accounts.zoho.com")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("a base URL has no user, query or fragment")
	}
	scheme := strings.ToLower(u.Scheme)
	switch {
	case scheme == "https":
	case scheme == "http" && isLoopback(u.Hostname()):
	case scheme == "http":
		return "", errors.New("plain http is allowed for loopback addresses only")
	default:
		return "", errors.New("the scheme must be https")
	}
	host := strings.ToLower(u.Host)
	if p := u.Port(); p == "" || (scheme == "https" && p == "443") || (scheme == "http" && p == "80") {
		host = strings.ToLower(u.Hostname())
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
	}
	return scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// isLoopback is deliberately narrow: names other than localhost could resolve
// to anything.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

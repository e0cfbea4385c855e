package rediskv

import (
	"errors"

	"github.com/redis/go-redis/v9"
)

var errURL = errors.New("not a Redis URL: it is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss://... with TLS, or unix://[USER:PASSWORD@]/SOCKET[?db=DATABASE]; write special characters of the password as %XX")

// Options reads a URL as [redis.ParseURL] does, without its habit of showing a
// URL that it does not understand, password included. A connection that fails
// is tried a few times within a second, and deadlines of contexts are kept.
func Options(rawURL string) (*redis.Options, error) {
	options, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, errURL
	}
	options.DialerRetries = 1
	options.ContextTimeoutEnabled = true
	return options, nil
}

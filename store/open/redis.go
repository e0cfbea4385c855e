package open

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"zohocrm/store/rediskv"
)

// openRedis opens a store in Redis. It turns off what the client would write to
// the standard error of the whole process; its failures are in the errors.
func openRedis(ctx context.Context, a address, cfg Config) (*Store, error) {
	password, err := a.secret(cfg)
	if err != nil {
		return nil, err
	}
	if a.user == "default" && password.IsZero() {
		a.user = "" // whom the server means by nobody
	}
	if a.user != "" && password.IsZero() {
		// The client would not name the user either, and come in as another.
		return nil, fmt.Errorf("%w: there is a word before the @ and no password; if it is the password, write a colon before it: %s://:PASSWORD@HOST; if it is a user, "+
			"give the password too: %[2]s://USER:PASSWORD@HOST, or with password-file=FILE; a server without passwords is %[2]s://HOST", ErrUnsupported, a.scheme)
	}
	conns, err := a.maxConns()
	if err != nil {
		return nil, err
	}
	options := &redis.Options{
		Network: "tcp", Addr: net.JoinHostPort(a.host, strconv.Itoa(a.port)),
		Username: a.user, Password: password.Reveal(),
		PoolSize: conns, MaxActiveConns: conns, DialTimeout: connectTime,
		DialerRetries: 1, ContextTimeoutEnabled: true,
	}
	if options.DB, err = strconv.Atoi(a.database); err != nil {
		return nil, a.product.unreadable()
	}
	if socket := a.options["socket"]; socket != "" {
		options.Network, options.Addr = "unix", socket
	}
	if a.scheme == "rediss" {
		roots, err := a.authorities()
		if err != nil {
			return nil, err
		}
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: a.host, RootCAs: roots}
	}
	logging.Disable()
	client := redis.NewClient(options)
	s, err := rediskv.New(ctx, client, rediskv.Config{Prefix: a.options["prefix"], AllowEviction: a.options["eviction"] == "allow", Now: cfg.Now})
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return cfg.asked(s, client.Close), nil
}

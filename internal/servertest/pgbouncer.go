package servertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"syscall"
)

// pgbouncerProduct is a PgBouncer in transaction mode before the PostgreSQL at
// a URL, for all its databases.
func pgbouncerProduct(postgres string) product {
	return product{
		name: "PgBouncer", pkg: "pgbouncer", programs: []string{"pgbouncer"},
		prepare: func(_ context.Context, h host, settings []string) (launch, error) {
			return preparePgBouncer(h, postgres, settings)
		},
	}
}

func preparePgBouncer(h host, postgres string, settings []string) (launch, error) {
	u, err := parse(postgres)
	if err != nil {
		return launch{}, err
	}
	password, _ := u.User.Password()
	users, err := h.file("users", fmt.Sprintf("%q %q", u.User.Username(), password))
	return launch{
		argv: func(port int) ([]string, error) { // the port stands in its file
			conf, err := h.file("pgbouncer.ini", append([]string{
				"[databases]", fmt.Sprintf("* = host=%s port=%s", u.Hostname(), cmp.Or(u.Port(), "5432")),
				"[pgbouncer]", "listen_addr = 127.0.0.1", fmt.Sprint("listen_port = ", port), "unix_socket_dir =",
				"auth_type = scram-sha-256", "auth_file = " + users, "pool_mode = transaction",
				"max_client_conn = 300", "default_pool_size = 10", "ignore_startup_parameters = extra_float_digits",
				"query_wait_timeout = 15", "server_login_retry = 1", // seconds: a server that is gone is soon noticed
				"pidfile = " + filepath.Join(h.dir, "pid"),
			}, settings...)...)
			return []string{h.programs["pgbouncer"], conf}, err
		},
		url: func(port int) string {
			front := *u
			front.Host, front.RawQuery = fmt.Sprint("127.0.0.1:", port), "sslmode=disable"
			return front.String()
		},
		ping: pingPostgres,
		end:  syscall.SIGTERM, // at once, unlike in PostgreSQL
		kill: syscall.SIGKILL,
	}, err
}

// parse reads a URL. Its error does not show the URL, which holds a password.
func parse(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || u.User == nil {
		return nil, errors.New("it is not a URL with a user and a host")
	}
	return u, nil
}

package mysql

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zohocrm/oauth"
	"zohocrm/store/internal/sqlstore"
)

// Config says which server and which table are used. The first six are the settings
// of the official SDKs' DBStore, with their defaults; the zero value works where
// theirs does.
type Config struct {
	// Host is the server's name or address; "" is "localhost".
	//
	// With "localhost", no Password and no other Port than 3306, [Open] first tries
	// the sockets where distributions put them (see [Sockets]), as the programs mysql
	// and mariadb do: there the server knows the user of this machine.
	Host string
	// Port is the server's TCP port; 0 is 3306.
	Port int
	// Database is made if it is missing; "" is "zohooauth".
	Database string
	// Table is the token table: 1 to 59 letters, digits, "_" and "$"; "" is
	// "oauthtoken". It is made if it is missing, and never altered. Beside it stands
	// TABLE_zcrm, with what the SDKs' columns have no place for.
	Table string
	// User is the server's user; "" is "root".
	User string
	// Password is the user's; empty: none.
	Password oauth.Secret

	// Socket is the path of the server's Unix socket; with one, Host, Port and TLS are
	// not used.
	Socket string
	// TLS says whether the connection is encrypted.
	TLS TLS
	// CAFile is a PEM file with the certificates of the authorities that may have
	// signed the server's; "": the system's. It needs [TLSVerify].
	CAFile string

	// MaxConns bounds the open connections, which one Open keeps for itself; 0 is 10.
	MaxConns int
	// MaxIdleConns bounds the open connections that are not in use; 0 is MaxConns.
	MaxIdleConns int
	// ConnectTimeout bounds the making of one connection; 0 is 10 seconds.
	ConnectTimeout time.Duration

	// ReadOnly: nothing is created or written, no database and no table. Save, Delete,
	// Acquire and what else writes wrap [oauth.ErrStoreUnavailable]. Where the database
	// or the token table is missing there is no token, and where TABLE_zcrm is missing,
	// or closed to the user, there are no side data. SELECT is the right it takes.
	ReadOnly bool

	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
	// Logger takes warnings about the table; nil: none are given.
	Logger *slog.Logger
}

// TLS says whether a connection is encrypted and whom it trusts.
type TLS string

// The modes.
const (
	// TLSPreferred encrypts where the server offers it, whoever the server is: an
	// attacker between here and there can read along. Inspect reports it.
	TLSPreferred TLS = ""
	// TLSVerify encrypts, and demands a certificate for Host from a known authority.
	TLSVerify TLS = "verify"
	// TLSOff does not encrypt.
	TLSOff TLS = "off"
)

// Sockets are the paths at which [Open] looks for the server's socket, in order:
// those of Debian, of Fedora, of the server's own default, and of Homebrew.
func Sockets() []string {
	return []string{
		"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/run/mariadb/mariadb.sock",
		"/var/lib/mysql/mysql.sock", "/tmp/mysql.sock", "/opt/homebrew/var/mysql/mysql.sock",
	}
}

// Defaults of the settings.
const (
	defaultHost     = "localhost"
	defaultPort     = 3306
	defaultDatabase = "zohooauth"
	defaultUser     = "root"

	defaultConns          = 10
	defaultConnectTimeout = 10 * time.Second
)

// longestDatabase is MySQL's limit for names, in characters.
const longestDatabase = 64

func (c Config) complete() (Config, error) {
	c.Host = cmp.Or(c.Host, defaultHost)
	c.Port = cmp.Or(c.Port, defaultPort)
	c.Database = cmp.Or(c.Database, defaultDatabase)
	c.Table = cmp.Or(c.Table, sqlstore.DefaultTable)
	c.User = cmp.Or(c.User, defaultUser)
	c.MaxConns = cmp.Or(c.MaxConns, defaultConns)
	c.MaxIdleConns = cmp.Or(c.MaxIdleConns, c.MaxConns)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, defaultConnectTimeout)
	return c, c.check()
}

func (c Config) check() error {
	switch {
	case c.Port < 1 || c.Port > 65535:
		return fmt.Errorf("MySQL: port %d: use one from 1 to 65535", c.Port)
	case utf8.RuneCountInString(c.Database) > longestDatabase || strings.ContainsFunc(c.Database, unfitForName) || strings.HasSuffix(c.Database, " "):
		return sqlstore.NameError(fmt.Sprintf("MySQL: database name %q: use 1 to %d characters without control characters, \"/\", \"\\\", \".\" and a space at the end", c.Database, longestDatabase))
	case c.TLS != TLSPreferred && c.TLS != TLSVerify && c.TLS != TLSOff:
		return fmt.Errorf("MySQL: TLS mode %q: use %q, %q or none", string(c.TLS), string(TLSVerify), string(TLSOff))
	case c.CAFile != "" && c.TLS != TLSVerify:
		return fmt.Errorf("MySQL: a file of authorities is of use with the TLS mode %q only", string(TLSVerify))
	case c.MaxConns < 0 || c.MaxIdleConns < 0 || c.ConnectTimeout < 0:
		return errors.New("MySQL: sizes and times cannot be negative")
	}
	return nil
}

func unfitForName(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`/\.`, r) }

// place is where a server may be.
type place struct{ network, address string }

func (p place) String() string { return p.address }

// places are where the server is looked for, in order.
func (c Config) places(sockets []string) []place {
	if c.Socket != "" {
		return []place{{"unix", c.Socket}}
	}
	var all []place
	if c.Host == defaultHost && c.Port == defaultPort && c.Password.IsZero() {
		for _, path := range sockets {
			if isSocket(path) {
				all = append(all, place{"unix", path})
			}
		}
	}
	return append(all, place{"tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port))})
}

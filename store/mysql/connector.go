package mysql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-sql-driver/mysql"
)

// networkTimeout bounds one reading from or writing to the server. It is longer
// than any wait for a lock, see sessionSettings, and ends a COMMIT that a dead
// network has swallowed.
const networkTimeout = 30 * time.Second

// sessionSettings begin every session of [Open]: exact texts, no silent cutting of
// values, and short waits for locks, after which the transaction is tried again.
const sessionSettings = "SET NAMES utf8mb4, SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION innodb_lock_wait_timeout = 2"

// isolation makes each statement of a transaction see what was committed before it,
// and locks no gaps, which writers that insert would wait for in a circle. Its
// variable is called differently by MySQL and MariaDB.
const isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

// connector prepares each new connection.
type connector struct{ driver.Connector }

// newConnector is the driver's for one place. Nothing the driver has to say is
// printed; what fails is an error.
func newConnector(cfg Config, p place) (driver.Connector, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = cfg.User, cfg.Password.Reveal(), cfg.Database
	c.Net, c.Addr = p.network, p.address
	c.Timeout, c.ReadTimeout, c.WriteTimeout = cfg.ConnectTimeout, networkTimeout, networkTimeout
	c.Logger = &mysql.NopLogger{}
	c.ConnectionAttributes = "program_name:zohocrm"
	c.InterpolateParams = false
	if p.network != "unix" {
		var err error
		if c.TLS, err = encryption(cfg); err != nil {
			return nil, err
		}
		c.AllowFallbackToPlaintext = cfg.TLS == TLSPreferred
	}
	base, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("MySQL: %w", err)
	}
	return connector{base}, nil
}

func encryption(cfg Config) (*tls.Config, error) {
	switch cfg.TLS {
	case TLSOff:
		return nil, nil
	case TLSPreferred:
		// As documented: against who listens, not against who interferes.
		return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, nil // #nosec G402 -- TLSPreferred, as documented; TLSVerify verifies, and store check reports this
	}
	c := &tls.Config{ServerName: cfg.Host, MinVersion: tls.VersionTLS12}
	if cfg.CAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(cfg.CAFile)
	if err != nil {
		return nil, fmt.Errorf("MySQL: certificates of authorities: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("MySQL: no certificate in %s: it has to hold some in PEM form", cfg.CAFile)
	}
	return c, nil
}

// Connect implements [driver.Connector].
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	e, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("MySQL: the driver runs no plain statements"), conn.Close())
	}
	for _, text := range []string{sessionSettings, isolation} {
		if _, err := e.ExecContext(ctx, text, nil); err != nil {
			conn.Close() // the error that matters is the first
			return nil, err
		}
	}
	return conn, nil
}

package servertest

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
)

func mariaProduct() product {
	return product{
		name: "MariaDB", pkg: "mariadb-server",
		programs: []string{"mariadbd", "mariadb-install-db"}, prepare: prepareMaria,
	}
}

// mariaDatabase is the database that the official SDKs use by default.
const mariaDatabase = "zohooauth"

func prepareMaria(ctx context.Context, h host, settings []string) (launch, error) {
	data := filepath.Join(h.dir, "data")
	conf, err := h.file("my.cnf", append([]string{
		"[mariadbd]", "datadir=" + data, "socket=" + mariaSocket(h.dir), "pid-file=" + filepath.Join(h.dir, "pid"),
		"bind-address=127.0.0.1", "skip-name-resolve", "skip-log-bin", "max-connections=300",
		"character-set-server=utf8mb4", "collation-server=utf8mb4_general_ci", // as Debian sets them
		"performance-schema=off", "innodb-buffer-pool-size=32M", "innodb-log-file-size=16M",
		"innodb-flush-method=nosync", "innodb-flush-log-at-trx-commit=2", // a commit is written, though not synced
	}, settings...)...)
	if err != nil {
		return launch{}, err
	}
	// Run at every start, so each statement may be run again.
	init, err := h.file("init.sql",
		fmt.Sprintf("CREATE OR REPLACE USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('%s');", h.password),
		fmt.Sprintf("CREATE OR REPLACE USER root@127.0.0.1 IDENTIFIED BY '%s';", h.password),
		"GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;", "GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;",
		"CREATE DATABASE IF NOT EXISTS "+mariaDatabase+";")
	if err != nil {
		return launch{}, err
	}
	err = h.do(ctx, []string{
		h.programs["mariadb-install-db"], "--defaults-file=" + conf, "--skip-test-db", "--auth-root-authentication-method=normal",
	}, h.dir)
	return launch{
		argv: func(port int) ([]string, error) {
			return []string{h.programs["mariadbd"], "--defaults-file=" + conf, "--init-file=" + init, fmt.Sprint("--port=", port)}, nil
		},
		url: func(port int) string {
			return fmt.Sprintf("mysql://root:%s@127.0.0.1:%d/%s", h.password, port, mariaDatabase)
		},
		ping: pingMySQL,
		end:  syscall.SIGTERM,
		kill: syscall.SIGKILL,
	}, err
}

func mariaSocket(dir string) string { return filepath.Join(dir, "s") }

func pingMySQL(ctx context.Context, url string) error {
	db, err := openMySQL(url)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

func openMySQL(url string) (*sql.DB, error) {
	dsn, err := MySQLDSN(url)
	if err != nil {
		return nil, err
	}
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// MySQLDSN is a URL of this package in the words of the driver
// github.com/go-sql-driver/mysql, for sql.Open.
func MySQLDSN(rawURL string) (string, error) {
	u, err := parse(rawURL)
	if err != nil {
		return "", err
	}
	password, _ := u.User.Password()
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr = u.User.Username(), password, "tcp", u.Host
	config.DBName = strings.TrimPrefix(u.Path, "/")
	return config.FormatDSN(), nil
}

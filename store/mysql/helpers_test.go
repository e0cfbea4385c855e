package mysql_test

import (
	"context"
	"database/sql"
	"net/url"
	"strconv"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// config is a URL of package servertest as settings.
func config(t testing.TB, rawURL string) mysql.Config {
	t.Helper()
	cfg, err := configOf(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func configOf(rawURL string) (mysql.Config, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return mysql.Config{}, err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return mysql.Config{}, err
	}
	password, _ := u.User.Password()
	return mysql.Config{
		Host: u.Hostname(), Port: port, Database: u.Path[1:], User: u.User.Username(), Password: oauth.NewSecret(password),
	}, nil
}

func open(t testing.TB, cfg mysql.Config) *mysql.Store {
	t.Helper()
	s, err := mysql.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rawDB opens the database as another program would. settings are the driver's.
func rawDB(t testing.TB, rawURL, settings string) *sql.DB {
	t.Helper()
	dsn, err := servertest.MySQLDSN(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := driver.ParseDSN(dsn + "?" + settings)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func value(t testing.TB, db *sql.DB, text string, args ...any) string {
	t.Helper()
	var v sql.NullString
	if err := db.QueryRow(text, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.String
}

func save(t testing.TB, s oauth.Store, token oauth.Token) oauth.Token {
	t.Helper()
	saved, err := s.Save(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// user is a token of one user.
func user(name string) oauth.Token {
	return oauth.Token{
		UserName: name, ClientID: "1000.CLIENT", ClientSecret: oauth.NewSecret("client secret"),
		RefreshToken: oauth.NewSecret("1000.refresh." + name), AccessToken: oauth.NewSecret("1000.access." + name),
		APIDomain: "https://www.zohoapis.com",
	}
}

// The tables of the official SDKs' READMEs.
const (
	createTable = `CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id varchar(255),
 client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255),
 expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255), PRIMARY KEY (id))`
	createNine = `CREATE TABLE oauthtoken (id varchar(255) NOT NULL, user_mail varchar(255) NOT NULL, client_id varchar(255),
 client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255),
 expiry_time varchar(20), redirect_url varchar(255), PRIMARY KEY (id))`
	createSix = `CREATE TABLE oauthtoken (id int(11) NOT NULL AUTO_INCREMENT, user_mail varchar(255) NOT NULL, client_id varchar(255),
 refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), PRIMARY KEY (id))`
)

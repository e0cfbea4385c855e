package mysql_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// TestReadOnlyTables reads every table of the official SDKs and makes nothing beside
// it.
func TestReadOnlyTables(t *testing.T) {
	ctx := context.Background()
	for name, create := range map[string]string{"ten": createTable, "nine": createNine, "six": createSix} {
		t.Run(name, func(t *testing.T) {
			url := servertest.MySQL(t)
			db := rawDB(t, url, "")
			run(t, db, create)
			column := "user_mail"
			if name == "ten" {
				column = "user_name"
			}
			run(t, db, "INSERT INTO oauthtoken (id, "+column+", client_id, refresh_token) VALUES (1, 'alice', 'c', 'r')")
			cfg := account(t, url, "SELECT ON "+config(t, url).Database+".oauthtoken")
			cfg.ReadOnly = true
			s := open(t, cfg)
			if all, err := oauth.All(ctx, s); err != nil || len(all) != 1 || all[0].UserName != "alice" || all[0].RefreshToken != oauth.NewSecret("r") {
				t.Errorf("List: %v, %v", all, err)
			}
			if _, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil {
				t.Error(err)
			}
			if _, errs := s.FindMany(ctx, []oauth.Token{{UserName: "alice"}}); errs[0] != nil {
				t.Error(errs[0])
			}
			if found := inspect(t, s); len(found["schema"]) > 0 || len(found["missing-index"]) != 4 {
				t.Errorf("found %v", found)
			}
			if s.Used() != (name == "six") {
				t.Errorf("used: %v", s.Used())
			}
			if n := value(t, db, "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"); n != "1" {
				t.Errorf("%s tables", n)
			}
		})
	}
}

// TestReadOnlyBesideClosedTable: without the right to read TABLE_zcrm the tokens are
// read without their side data.
func TestReadOnlyBesideClosedTable(t *testing.T) {
	ctx := context.Background()
	url := servertest.MySQL(t)
	alice := user("alice")
	alice.Scope = "ZohoCRM.users.READ"
	saved := save(t, open(t, config(t, url)), alice)
	database := config(t, url).Database
	cfg := account(t, url, "SELECT ON "+database+".oauthtoken")
	cfg.ReadOnly = true
	got, err := open(t, cfg).Get(ctx, saved.ID)
	if err != nil || got.Row() != saved.Row() || got.Scope != "" {
		t.Errorf("%v, %v; want %v without side data", got, err, saved)
	}
	run(t, rawDB(t, url, ""), "GRANT SELECT ON "+database+".oauthtoken_zcrm TO "+cfg.User+"@127.0.0.1")
	if got, err := open(t, cfg).Get(ctx, saved.ID); err != nil || got != saved {
		t.Errorf("%v, %v; want %v", got, err, saved)
	}
}

// TestReadOnlyClosedDatabase: the error tells the right to read from those to write, and
// the statements are enough for each.
func TestReadOnlyClosedDatabase(t *testing.T) {
	url := servertest.MySQL(t)
	cfg := account(t, url)
	cfg.ReadOnly = true
	_, err := mysql.Open(context.Background(), cfg)
	says(t, err, "is missing, or closed to this user", "GRANT SELECT ON `"+cfg.Database+"`.* TO")
	if errors.Is(err, oauth.ErrNotFound) {
		t.Error(err)
	}
	_, statements, _ := strings.Cut(err.Error(), "for reading alone: ")
	reading, writing, found := strings.Cut(statements, "; for writing too: ")
	if !found {
		t.Fatal(err)
	}
	run(t, rawDB(t, url, ""), reading)
	if all, err := oauth.All(context.Background(), open(t, cfg)); err != nil || len(all) != 0 {
		t.Errorf("after the statement: %v, %v", all, err)
	}
	for _, statement := range strings.Split(strings.TrimSuffix(writing, ";"), "; ") {
		run(t, rawDB(t, url, ""), statement)
	}
	cfg.ReadOnly = false
	save(t, open(t, cfg), user("alice"))
}

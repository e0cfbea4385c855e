package mysql_test

import (
	"context"
	"strings"
	"testing"

	"zohocrm/internal/servertest"
	"zohocrm/store/check"
	"zohocrm/store/mysql"
)

// TestWhatMayNotBeMade: opening, and the check, which makes nothing, give the same
// statements. They run as one command, and twice; after them the user's store works,
// and a table that was there is as it was.
func TestWhatMayNotBeMade(t *testing.T) {
	const all = "SELECT, INSERT, UPDATE, DELETE ON "
	for name, c := range map[string]struct {
		there  string // the table
		rights string // DB is the database
		not    []string
	}{
		"no table":          {"", all + "DB.*", []string{"GRANT"}},
		"their table":       {createTable, all + "DB.oauthtoken", []string{"NOT EXISTS `oauthtoken` ", ".`oauthtoken` "}},
		"their old table":   {createNine, all + "DB.oauthtoken", []string{"NOT EXISTS `oauthtoken` ", ".`oauthtoken` "}},
		"all of theirs":     {createTable, all + "DB.*", []string{"NOT EXISTS `oauthtoken` ", "GRANT"}},
		"to be read":        {createTable, "SELECT ON DB.*", []string{"NOT EXISTS `oauthtoken` "}},
		"not to be used":    {createTable, "SELECT, CREATE ON DB.*", []string{"NOT EXISTS `oauthtoken` "}},
		"to make others":    {createTable, "SELECT, CREATE TEMPORARY TABLES, CREATE VIEW ON DB.*", []string{"NOT EXISTS `oauthtoken` "}},
		"to make theirs":    {createTable, "SELECT, INSERT, UPDATE, DELETE, CREATE ON DB.oauthtoken", []string{"NOT EXISTS `oauthtoken` ", ".`oauthtoken` "}},
		"database not made": {"", all + "DB_gone.*", nil},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			url := servertest.MySQL(t)
			root := rawDB(t, url, "multiStatements=true")
			database := config(t, url).Database
			before := ""
			if c.there != "" {
				run(t, root, c.there)
				before = definition(t, url)
			}
			cfg := account(t, url, strings.ReplaceAll(c.rights, "DB", database))
			if name == "database not made" {
				cfg.Database += "_gone"
				defer run(t, root, "DROP DATABASE "+cfg.Database)
			}
			looking := cfg
			looking.ReadOnly = true
			found := inspect(t, open(t, looking))
			if len(found["missing-table"]) != 1 || found["missing-table"][0].Severity != check.Failure || len(found["not-used-yet"]) != 0 {
				t.Fatalf("the check: %v", found)
			}
			_, statements, _ := strings.Cut(found["missing-table"][0].Remedy, "let somebody who may run: ")
			if name != "not to be used" { // there it makes the table first
				_, err := mysql.Open(context.Background(), cfg)
				says(t, err, "let somebody who may run: "+statements)
			}
			for _, text := range c.not {
				if strings.Contains(statements, text) {
					t.Errorf("nobody has to run %s: %s", text, statements)
				}
			}
			for _, f := range found["privileges"] {
				run(t, root, f.Remedy)
			}
			run(t, root, statements)
			run(t, root, statements)
			if c.there != "" && definition(t, url) != before {
				t.Errorf("the table was altered:\n%s\nbecame\n%s", before, definition(t, url))
			}
			s := open(t, cfg)
			if found := inspect(t, s); len(found["privileges"]) > 0 {
				t.Errorf("after the statements: %v", found)
			}
			useTable(t, s)
		})
	}
}

// TestWhatMayBeMade: the check says that it was not tried, and makes nothing.
func TestWhatMayBeMade(t *testing.T) {
	for name, rights := range map[string]string{
		"everything":    "ALL PRIVILEGES ON *.*",
		"the database":  "ALL PRIVILEGES ON DB.*",
		"some of it":    "SELECT, INSERT, UPDATE, DELETE, CREATE ON DB.*",
		"a pattern":     "SELECT, INSERT, UPDATE, DELETE, CREATE ON `zcr_\\_%`.*",
		"another table": "SELECT, INSERT, UPDATE, DELETE, CREATE ON DB.oauthtoken_zcrm",
		"by a role":     "ROLE",
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			url := servertest.MySQL(t)
			root := rawDB(t, url, "")
			run(t, root, createTable)
			database := config(t, url).Database
			cfg := account(t, url, "SELECT, INSERT, UPDATE, DELETE ON "+database+".oauthtoken")
			if as := cfg.User + "@127.0.0.1"; rights == "ROLE" {
				role := "r" + cfg.User
				run(t, root, "CREATE ROLE "+role)
				defer run(t, root, "DROP ROLE "+role)
				run(t, root, "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON "+database+".* TO "+role)
				run(t, root, "GRANT "+role+" TO "+as)
				run(t, root, "SET DEFAULT ROLE "+role+" FOR "+as)
			} else {
				run(t, root, "GRANT "+strings.ReplaceAll(rights, "DB", database)+" TO "+as)
			}
			looking := cfg
			looking.ReadOnly = true
			found := inspect(t, open(t, looking))
			if len(found["not-used-yet"]) != 1 || len(found["missing-table"]) != 0 || len(found["privileges"]) != 0 {
				t.Errorf("the check: %v", found)
			}
			if n := value(t, root, "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"); n != "1" {
				t.Errorf("there are %s tables, want 1", n)
			}
			useTable(t, open(t, cfg))
		})
	}
}

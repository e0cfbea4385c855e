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

// TestTablesThatWork does everything once in tables that somebody else made, and
// leaves their definitions as they were.
func TestTablesThatWork(t *testing.T) {
	tables := shapes()
	tables["times as numbers"] = strings.Replace(createTable, "expiry_time varchar(20)", "expiry_time bigint", 1)
	tables["capital letters"] = strings.NewReplacer("user_name", "USER_NAME", "id varchar", "ID varchar", "api_domain", "Api_Domain").Replace(createTable)
	tables["texts without size"] = strings.ReplaceAll(createTable, "varchar(255)", "text")
	tables["MyISAM"] = createTable + " ENGINE=MyISAM"
	tables["unique and not key"] = strings.Replace(createTable, "PRIMARY KEY (id)", "UNIQUE (id)", 1)
	tables["id counts by itself"] = strings.Replace(createTable, "id varchar(10) NOT NULL", "id int NOT NULL AUTO_INCREMENT", 1)
	tables["utf8mb3"] = createTable + " CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci"
	tables["columns of several sets"] = strings.NewReplacer("user_name varchar(255)", "user_name varchar(255) CHARACTER SET latin1 COLLATE latin1_general_ci",
		"refresh_token varchar(255)", "refresh_token varchar(255) CHARACTER SET ascii", "access_token varchar(255)", "access_token varbinary(255)",
		"id varchar(10)", "id varchar(10) CHARACTER SET latin2 COLLATE latin2_bin").Replace(createTable)
	for name, create := range tables {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			url := servertest.MySQL(t)
			db := rawDB(t, url, "")
			run(t, db, create)
			before := definition(t, url)
			useTable(t, open(t, config(t, url)))
			if after := definition(t, url); after != before {
				t.Errorf("the table was altered:\n%s\nbecame\n%s", before, after)
			}
		})
	}
}

// definition is SHOW CREATE TABLE without the counter, which counts rows.
func definition(t *testing.T, url string) string {
	t.Helper()
	var name, text string
	if err := rawDB(t, url, "").QueryRow("SHOW CREATE TABLE oauthtoken").Scan(&name, &text); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	last := strings.Fields(lines[len(lines)-1])
	for i, word := range last {
		if strings.HasPrefix(word, "AUTO_INCREMENT=") {
			last[i] = ""
		}
	}
	lines[len(lines)-1] = strings.Join(strings.Fields(strings.Join(last, " ")), " ")
	return strings.Join(lines, "\n")
}

// useTable does everything once, with eleven users.
func useTable(t *testing.T, s oauth.Store) {
	t.Helper()
	ctx := context.Background()
	names := strings.Fields("alice ALICE bob carol dave erin frank grace heidi ivan judy")
	for _, name := range names {
		token := user(name)
		saved := save(t, s, token)
		token.ID = saved.ID
		if saved.Row() != token.Row() {
			t.Errorf("Save gives %v, want %v", saved, token)
		}
		for _, key := range []oauth.Token{{ID: saved.ID}, {UserName: name}, {RefreshToken: token.RefreshToken}, {AccessToken: token.AccessToken}} {
			if got, err := s.Find(ctx, key); err != nil || got != saved {
				t.Errorf("Find(%v) gives %v, %v; want %v", key, got, err, saved)
			}
		}
		renewed := save(t, s, oauth.Token{ID: saved.ID, Version: saved.Version, AccessToken: oauth.NewSecret("new " + name)})
		if got, err := s.Get(ctx, saved.ID); err != nil || got != renewed {
			t.Errorf("Get after an update gives %v, %v; want %v", got, err, renewed)
		}
	}
	for _, key := range []oauth.Token{
		{UserName: "bob "}, {UserName: "BOB"}, {UserName: "böb"}, {UserName: "bob😀"}, {ID: "1 "}, {ID: "one"}, {ID: "ä"}, {RefreshToken: oauth.NewSecret("1000.refresh.bob ")},
	} {
		if _, err := s.Find(ctx, key); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Find(%v): %v; want not found", key, err)
		}
	}
	nameless := save(t, s, oauth.Token{RefreshToken: oauth.NewSecret("1000.nameless"), APIDomain: "https://www.zohoapis.eu"})
	if got, err := s.Find(ctx, oauth.Token{RefreshToken: nameless.RefreshToken}); err != nil || got != nameless || got.UserName != "" {
		t.Errorf("Find of a row without a name: %v, %v", got, err)
	}
	all, err := oauth.All(ctx, s)
	if err != nil || len(all) != len(names)+1 {
		t.Errorf("List gives %d rows, %v; want %d", len(all), err, len(names)+1)
	}
	for i, row := range all {
		if i%2 == 0 {
			if err := s.Delete(ctx, row.ID, row.Version); err != nil {
				t.Error(err)
			}
		}
	}
	if err := errors.Join(s.(oauth.Prober).Probe(ctx), s.DeleteAll(ctx)); err != nil {
		t.Error(err)
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 0 {
		t.Errorf("List after DeleteAll gives %d rows, %v", len(all), err)
	}
}

// TestNineColumns: the second Ruby SDK's table is used in place. api_domain, for
// which it has no column, is remembered beside it, by the refresh token.
//
// Defects: D25.
func TestNineColumns(t *testing.T) {
	ctx := context.Background()
	url := servertest.MySQL(t)
	db := rawDB(t, url, "")
	run(t, db, createNine)
	run(t, db, "INSERT INTO oauthtoken VALUES ('ruby_alice_us_prd_.rtA', 'alice@x.com', '1000.C', 's', '1000.rtA', '1000.atA', '', '1795308985119', '')")
	s := open(t, config(t, url))
	alice, err := s.Find(ctx, oauth.Token{UserName: "alice@x.com"})
	if err != nil || alice.ID != "ruby_alice_us_prd_.rtA" || alice.AccessToken.Reveal() != "1000.atA" || alice.APIDomain != "" {
		t.Fatalf("what the SDK wrote: %v, %v", alice, err)
	}
	saved := save(t, s, oauth.Token{ID: alice.ID, Version: alice.Version, AccessToken: oauth.NewSecret("1000.new"), APIDomain: "https://www.zohoapis.eu"})
	other := open(t, config(t, url))
	if got, err := other.Get(ctx, alice.ID); err != nil || got != saved || got.APIDomain != "https://www.zohoapis.eu" {
		t.Errorf("another program reads %v, %v; want %v", got, err, saved)
	}
	if all, err := oauth.All(ctx, other); err != nil || len(all) != 1 || all[0] != saved {
		t.Errorf("List: %v, %v", all, err)
	}
	if got := value(t, db, "SELECT concat(user_mail, ' ', access_token) FROM oauthtoken"); got != "alice@x.com 1000.new" {
		t.Errorf("the row is now %q", got)
	}
	if found := inspect(t, s)["user-name-not-null"]; len(found) != 1 || !strings.Contains(found[0].Text, ": user_mail is NOT NULL") {
		t.Errorf("the column of names: %v", found)
	}
	bob := save(t, s, user("bob@x.com"))
	if got := value(t, db, "SELECT user_mail FROM oauthtoken WHERE id = ?", bob.ID); got != "bob@x.com" {
		t.Errorf("bob's user_mail is %q", got)
	}
	// An SDK's new login says nothing of the domain that the old one had.
	run(t, db, "UPDATE oauthtoken SET refresh_token = '1000.rtB' WHERE user_mail = 'alice@x.com'")
	if got, err := other.Find(ctx, oauth.Token{UserName: "alice@x.com"}); err != nil || got.APIDomain != "" {
		t.Errorf("after an SDK's new login: %v, %v", got, err)
	}
	if _, err := s.Save(ctx, oauth.Token{ID: alice.ID, Version: saved.Version, AccessToken: oauth.NewSecret("x")}); !errors.Is(err, oauth.ErrConflict) {
		t.Errorf("Save on the Version from before: %v; want a conflict", err)
	}
}

// TestSixColumns: the first Ruby SDK's table can be read, to be copied.
func TestSixColumns(t *testing.T) {
	ctx := context.Background()
	url := servertest.MySQL(t)
	db := rawDB(t, url, "")
	run(t, db, createSix)
	run(t, db, "INSERT INTO oauthtoken (user_mail, client_id, refresh_token, access_token, grant_token, expiry_time) VALUES ('a@x.com', 'c', 'ra', 'aa', '', '1795308985119'), ('b@x.com', 'c', 'rb', 'ab', 'g', '')")
	s := open(t, config(t, url))
	all, err := oauth.All(ctx, s)
	if err != nil || len(all) != 2 || all[1].ID != "2" || all[1].UserName != "b@x.com" || all[1].GrantToken.Reveal() != "g" {
		t.Fatalf("List: %v, %v", all, err)
	}
	if got, err := s.Find(ctx, oauth.Token{UserName: "a@x.com"}); err != nil || got != all[0] {
		t.Errorf("Find: %v, %v; want %v", got, err, all[0])
	}
	_, err = s.Save(ctx, oauth.Token{UserName: "a@x.com", AccessToken: oauth.NewSecret("new")})
	_, acquire := s.Acquire(ctx, oauth.Claim{Key: all[0].SideKey(), Owner: "me"})
	settle := s.Settle(ctx, oauth.Lease{Key: all[0].SideKey()}, oauth.Outcome{})
	for what, err := range map[string]error{
		"Save": err, "Delete": s.Delete(ctx, "1", ""), "DeleteAll": s.DeleteAll(ctx), "Probe": s.Probe(ctx), "Acquire": acquire, "Settle": settle,
	} {
		if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "zcrm store copy") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := value(t, db, "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"); n != "1" {
		t.Errorf("there are %s tables, want 1", n)
	}
}

// TestTablesRefused: the error says what to do, and nothing is put beside a table
// that is refused.
func TestTablesRefused(t *testing.T) {
	for name, c := range map[string]struct{ create, want string }{
		"one column missing": {strings.Replace(createTable, " grant_token varchar(255),", "", 1), "no column grant_token;"},
		"no domain":          {strings.Replace(createTable, ", api_domain varchar(255)", "", 1), "no column api_domain;"},
		"old and damaged":    {strings.Replace(createNine, " refresh_token varchar(255),", "", 1), "no column refresh_token, api_domain;"},
		"no key":             {strings.Replace(createTable, ", PRIMARY KEY (id)", "", 1), "make id the primary key"},
		"key of two columns": {strings.Replace(createTable, "PRIMARY KEY (id)", "PRIMARY KEY (id, expiry_time)", 1), "make id the primary key"},
		"unique in part":     {strings.Replace(createTable, "PRIMARY KEY (id)", "UNIQUE (id(5))", 1), "make id the primary key"},
		"side table":         {"CREATE TABLE oauthtoken_zcrm (side_key varchar(64))", "oauthtoken_zcrm: it has no column row_id"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			url := servertest.MySQL(t)
			db := rawDB(t, url, "")
			run(t, db, c.create)
			_, err := mysql.Open(context.Background(), config(t, url))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Open: %v; want %q", err, c.want)
			}
			wantTables := "1"
			if name == "side table" {
				wantTables = "2" // the token table was missing, and is fine
			}
			if n := value(t, db, "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"); n > wantTables {
				t.Errorf("there are %s tables, want %s", n, wantTables)
			}
		})
	}
}

func TestTableNames(t *testing.T) {
	ctx := context.Background()
	cfg := config(t, servertest.MySQL(t))
	for _, name := range []string{"tokens", "T_1$", "1", "select", strings.Repeat("x", 59)} {
		cfg.Table = name
		s := open(t, cfg)
		save(t, s, user("alice of "+name))
		if all, err := oauth.All(ctx, s); err != nil || len(all) != 1 || all[0].ID != "1" {
			t.Errorf("table %q holds %v, %v", name, all, err)
		}
	}
	for _, name := range []string{"a b", `a"b`, "a`b", "a'b", "a;b", "a.b", "ä", "a-b", strings.Repeat("x", 60)} {
		cfg.Table = name
		if _, err := mysql.Open(ctx, cfg); err == nil || !strings.Contains(err.Error(), "use 1 to 59 letters") {
			t.Errorf("table %q: %v; want it refused", name, err)
		}
	}
}

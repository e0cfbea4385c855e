package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"testing"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/mysql"
)

// TestCharacterSets: what a column's character set holds is kept exactly, and what
// it does not hold is refused by the column's name, with nothing left behind. It is
// the same in a lenient server, which would store a question mark.
func TestCharacterSets(t *testing.T) {
	ctx := context.Background()
	for _, mode := range []string{"", "sql_mode=%27%27"} {
		for set, holds := range map[string]string{
			"latin1 COLLATE latin1_swedish_ci": "josé €uro Łatin", "utf8mb3 COLLATE utf8mb3_general_ci": "тест 漢字 Ł", "utf8mb4 COLLATE utf8mb4_unicode_ci": "😀 тест",
		} {
			if strings.HasPrefix(set, "latin1") {
				holds = "josé €uro"
			}
			url := servertest.MySQL(t)
			db := rawDB(t, url, mode)
			run(t, db, createTable+" CHARACTER SET "+set)
			s, err := mysql.New(ctx, db, mysql.Config{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			kept := save(t, s, user(holds))
			for _, key := range []oauth.Token{{UserName: holds}, {RefreshToken: kept.RefreshToken}} {
				if got, err := s.Find(ctx, key); err != nil || got != kept {
					t.Errorf("%s: Find(%v) gives %v, %v", set, key, got, err)
				}
			}
			for _, other := range []string{strings.ToUpper(holds), holds + " ", "jose €uro"} {
				if _, err := s.Find(ctx, oauth.Token{UserName: other}); !errors.Is(err, oauth.ErrNotFound) {
					t.Errorf("%s: Find of %q: %v; want not found", set, other, err)
				}
				if saved := save(t, s, user(other)); saved.ID == kept.ID {
					t.Errorf("%s: user %q went into the row of %q", set, other, holds)
				}
			}
			if strings.HasPrefix(set, "utf8mb4") {
				continue
			}
			for column, token := range map[string]oauth.Token{
				"user_name": user("a😀"), "redirect_url": {UserName: "r", RefreshToken: oauth.NewSecret("r"), RedirectURL: "https://x/😀"},
				"refresh_token": {UserName: "t", RefreshToken: oauth.NewSecret("1000.😀")}, "client_secret": {ID: kept.ID, ClientSecret: oauth.NewSecret("😀")},
			} {
				_, err := s.Save(ctx, token)
				var refused *oauth.ValueError
				if !errors.As(err, &refused) || refused.Column != column || strings.Contains(err.Error(), "😀") {
					t.Errorf("%s %s: Save of an unfit %s: %v", set, mode, column, err)
				}
			}
			if _, err := s.Find(ctx, oauth.Token{UserName: "a😀"}); !errors.Is(err, oauth.ErrNotFound) {
				t.Errorf("%s: Find of what it cannot hold: %v", set, err)
			}
			if n := value(t, db, "SELECT count(*) FROM oauthtoken"); n != "4" {
				t.Errorf("%s: %s rows, want 4", set, n)
			}
			if got, err := s.Get(ctx, kept.ID); err != nil || got != kept {
				t.Errorf("%s: the row became %v, %v; want %v", set, got, err, kept)
			}
		}
	}
}

// TestHostileValues are values that the official SDKs' SQL stumbles over.
//
// Defects: D7, D8.
func TestHostileValues(t *testing.T) {
	ctx := context.Background()
	s := open(t, config(t, servertest.MySQL(t)))
	bystander := save(t, s, user("bystander"))
	for _, v := range []string{
		"' OR 1=1 --", "O'Brien", `' or id='2`, `s', user_name='pwned`, "`; DROP TABLE oauthtoken; --", "https://cb/?x=1", "%s %d ? $1 :a @b", `back\slash`, `\`, "%", "_", "NULL", "'", "''",
	} {
		if _, err := s.Find(ctx, oauth.Token{UserName: v}); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Find of %q: %v; want not found", v, err)
		}
		token := oauth.Token{
			UserName: v, ClientID: v, ClientSecret: oauth.NewSecret(v), RedirectURL: v, RefreshToken: oauth.NewSecret("r" + v), APIDomain: v, Scope: v, AccountsURL: v,
		}
		saved := save(t, s, token)
		if got, err := s.Find(ctx, oauth.Token{UserName: v}); err != nil || got != saved || got.Scope != v {
			t.Errorf("Find of %q gives %v, %v", v, got, err)
		}
		if err := s.Delete(ctx, saved.ID, saved.Version); err != nil {
			t.Errorf("Delete of %q: %v", v, err)
		}
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 1 || all[0] != bystander {
		t.Errorf("List: %v, %v; want the bystander alone", all, err)
	}
}

// TestIDsThatTheTableTakesForOthers: under such an ID nothing can be inserted, so it
// gets a new one.
func TestIDsThatTheTableTakesForOthers(t *testing.T) {
	ctx := context.Background()
	url := servertest.MySQL(t)
	db := rawDB(t, url, "")
	run(t, db, createTable+" COLLATE utf8mb4_general_ci")
	run(t, db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('abc', 'alice', '1000.a'), ('7', 'seven', '1000.7')")
	s := open(t, config(t, url))
	for given, want := range map[string]string{"ABC": "8", "7 ": "8"} {
		if _, err := s.Get(ctx, given); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Get(%q): %v; want not found", given, err)
		}
		token := user("user of " + given)
		token.ID = given
		got := save(t, s, token)
		if got.ID != want && got.ID != "9" {
			t.Errorf("an ID that the table takes for another's, %q, became %q", given, got.ID)
		}
	}
	if got, err := s.Get(ctx, "abc"); err != nil || got.UserName != "alice" {
		t.Errorf("Get: %v, %v", got, err)
	}
}

// TestIndexes: every key of Find is looked up by an index, whatever the column's
// character set and collation, by the very statements that are run.
func TestIndexes(t *testing.T) {
	ctx := context.Background()
	for name, create := range map[string]string{
		"ours": "", "latin1": createTable + " CHARACTER SET latin1", "latin1 general": createTable + " CHARACTER SET latin1 COLLATE latin1_general_ci",
		"utf8mb3": createTable + " CHARACTER SET utf8mb3", "unicode": createTable + " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci", "nine": createNine + " CHARACTER SET latin1",
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			url := servertest.MySQL(t)
			db := rawDB(t, url, "")
			if create != "" {
				run(t, db, create)
			}
			s := open(t, config(t, url))
			if create != "" {
				found, err := s.Inspect(ctx)
				if err != nil {
					t.Fatal(err)
				}
				missing := 0
				for _, f := range found {
					if f.Code == "missing-index" {
						missing++
						run(t, db, f.Remedy)
					}
				}
				if missing != 4 {
					t.Errorf("%d indexes are advised, want 4: %v", missing, found)
				}
			}
			for i := range 300 {
				token := user("josé" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + strings.Repeat("y", i/50))
				token.GrantToken = oauth.NewSecret("1000.grant." + token.UserName)
				save(t, s, token)
			}
			run(t, db, "ANALYZE TABLE oauthtoken")
			one := rawDB(t, url, "")
			one.SetMaxOpenConns(1) // what the session has read is what we have read
			s, err := mysql.New(ctx, one, mysql.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			first := rowsRead(t, one)
			asking := rowsRead(t, one) - first
			for _, key := range []oauth.Token{
				{ID: "5"}, {UserName: "joséxxc"}, {GrantToken: oauth.NewSecret("1000.grant.joséxxc")}, {RefreshToken: oauth.NewSecret("1000.refresh.joséxxc")}, {AccessToken: oauth.NewSecret("1000.access.joséxxc")},
			} {
				before := rowsRead(t, one)
				if _, err := s.Find(ctx, key); err != nil {
					t.Errorf("Find(%v): %v", key, err)
				}
				if read := rowsRead(t, one) - before - asking; read > 20 {
					t.Errorf("Find(%v) among 300 rows read %d: no index is used", key, read)
				}
			}
		})
	}
}

// rowsRead is how many rows the storage engine has handed to the one session of db,
// this question's own included.
func rowsRead(t *testing.T, db *sql.DB) int {
	t.Helper()
	n, err := strconv.Atoi(value(t, db, `SELECT CAST(sum(VARIABLE_VALUE) AS SIGNED) FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME LIKE 'Handler_read%'`))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

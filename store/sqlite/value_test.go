package sqlite_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// TestMissingIsNull: a value that is not there is NULL, never an empty text, which
// the official SDKs would take for a user's name.
func TestMissingIsNull(t *testing.T) {
	s := open(t, newPath(t))
	saved := save(t, s, oauth.Token{RefreshToken: oauth.NewSecret("1000.r")})
	save(t, s, oauth.Token{ID: saved.ID, RefreshToken: oauth.NewSecret("1000.r2"), AccessToken: oauth.NewSecret("1000.a")})
	save(t, s, oauth.Token{ID: saved.ID, RefreshToken: oauth.NewSecret("1000.r3")}) // clears the access token
	var nulls int
	err := s.db.QueryRow(`SELECT (user_name IS NULL) + (client_id IS NULL) + (client_secret IS NULL) + (access_token IS NULL)
		+ (grant_token IS NULL) + (expiry_time IS NULL) + (redirect_url IS NULL) + (api_domain IS NULL) FROM oauthtoken`).Scan(&nulls)
	if err != nil || nulls != 8 {
		t.Errorf("%d of 8 missing values are NULL, %v", nulls, err)
	}
}

// TestNullAndEmptyReadAlike: also with the same Version.
func TestNullAndEmptyReadAlike(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	run(t, s.db, "INSERT INTO oauthtoken (id, refresh_token) VALUES ('1', '1000.r')")
	one, err := s.Get(ctx, "1")
	if err != nil {
		t.Fatal(err)
	}
	run(t, s.db, "UPDATE oauthtoken SET user_name = '', client_id = '', client_secret = '', access_token = '', grant_token = '', expiry_time = '', redirect_url = '', api_domain = ''")
	two, err := s.Get(ctx, "1")
	if err != nil || one != two {
		t.Errorf("the row reads %v and %v, %v", one, two, err)
	}
	if _, err := s.Save(ctx, oauth.Token{ID: "1", Version: one.Version, UserName: "alice"}); err != nil {
		t.Errorf("Save on the Version from before: %v", err)
	}
}

// TestNameAsked: in a table whose user_name is NOT NULL an empty text would do,
// but an official SDK that reads one cannot save any more. A stand-in is stored,
// another one for each login, and read as no name.
func TestNameAsked(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	run(t, rawDB(t, path), strings.Replace(createTable, "user_name varchar(255)", "user_name varchar(255) NOT NULL", 1))
	s := open(t, path)
	secret := oauth.NewSecret("1000.r")
	nameless := save(t, s, oauth.Token{RefreshToken: secret})
	standIn := "unnamed:" + secret.Fingerprint()
	var stored string
	if err := s.db.QueryRow("SELECT user_name FROM oauthtoken").Scan(&stored); err != nil || stored != standIn {
		t.Errorf("user_name is %q, %v; want %q", stored, err, standIn)
	}
	if got, err := s.Find(ctx, oauth.Token{RefreshToken: secret}); err != nil || got != nameless || got.UserName != "" {
		t.Errorf("Find: %v, %v; want %v", got, err, nameless)
	}
	if _, err := s.Find(ctx, oauth.Token{UserName: standIn}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find by the stand-in: %v; want not found", err)
	}
	if _, err := s.Save(ctx, oauth.Token{UserName: standIn, RefreshToken: oauth.NewSecret("1000.x")}); !errors.Is(err, oauth.ErrInvalidValue) {
		t.Errorf("Save of a user with that name: %v; want it refused", err)
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 1 || all[0] != nameless {
		t.Errorf("List: %v, %v; want %v", all, err, nameless)
	}
	save(t, s, oauth.Token{ID: "1", Version: nameless.Version, RefreshToken: oauth.NewSecret("1000.s")})
	if got := save(t, s, oauth.Token{ID: "1", UserName: "alice"}); got.ID != "1" || got.RefreshToken.Reveal() != "1000.s" || got.UserName != "alice" {
		t.Errorf("the row became %v", got)
	}
	// What an SDK left there can be renewed.
	run(t, s.db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('2', '', '1000.r')")
	save(t, s, oauth.Token{RefreshToken: secret, AccessToken: oauth.NewSecret("1000.a")})
	if got := save(t, s, oauth.Token{ID: "2", UserName: "bob"}); got.ID != "2" || got.AccessToken.Reveal() != "1000.a" {
		t.Errorf("the row became %v", got)
	}
}

// TestHostileValues are values that the official SDKs' SQL stumbles over.
//
// Defects: D7, D8.
func TestHostileValues(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	bystander := save(t, s, user("bystander"))
	for _, v := range []string{
		"O'Brien", `' or id='2`, `s', user_name='pwned`, `"; DROP TABLE oauthtoken; --`, "https://cb/?x=1", "%s %d ?1 $1 :a @b", `back\slash`, "%", "_", "NULL", "'", "''", "тест@例え.jp", "user_name",
	} {
		token := oauth.Token{
			UserName: v, ClientID: v, ClientSecret: oauth.NewSecret(v), RedirectURL: v, APIDomain: v, Scope: v, AccountsURL: v,
			GrantToken: oauth.NewSecret("g" + v), RefreshToken: oauth.NewSecret("r" + v), AccessToken: oauth.NewSecret("a" + v),
		}
		saved := save(t, s, token)
		token.ID = saved.ID
		for _, key := range []oauth.Token{
			{UserName: v}, {ID: saved.ID}, {GrantToken: token.GrantToken}, {RefreshToken: token.RefreshToken}, {AccessToken: token.AccessToken},
		} {
			got, err := s.Find(ctx, key)
			if err != nil || got != saved || got.Row() != token.Row() || got.Scope != v || got.AccountsURL != v {
				t.Errorf("%q: Find gives %v, %v; want %v", v, got, err, saved)
			}
		}
		if _, err := s.Get(ctx, v); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("%q as an ID: %v; want not found", v, err)
		}
		if err := s.Delete(ctx, v, ""); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Delete of %q: %v; want not found", v, err)
		}
		if err := s.Delete(ctx, saved.ID, saved.Version); err != nil {
			t.Errorf("%q: %v", v, err)
		}
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 1 || all[0] != bystander {
		t.Errorf("the store holds %v, %v; want the bystander as before", all, err)
	}
}

// TestUserRenamed: a name can be changed by ID, and takes its side data along.
func TestUserRenamed(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	token := user("before")
	token.Scope = "ZohoCRM.modules.ALL"
	saved := save(t, s, token)
	run(t, s.db, "UPDATE oauthtoken SET user_name = 'after'")
	got, err := s.Find(ctx, oauth.Token{UserName: "after"})
	if err != nil || got.ID != saved.ID || got.Scope != token.Scope {
		t.Errorf("Find gives %v, scope %q, %v", got, got.Scope, err)
	}
	if _, err := s.Find(ctx, oauth.Token{UserName: "before"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find by the name before: %v", err)
	}
	if _, err := s.Save(ctx, oauth.Token{ID: saved.ID, Version: saved.Version, UserName: "before"}); !errors.Is(err, oauth.ErrMismatch) && !errors.Is(err, oauth.ErrConflict) {
		t.Errorf("Save on the Version before: %v; want it refused", err)
	}
}

// TestTimesOfSDKs: PHP keeps times as floating point numbers, and a hand may
// store numbers. They are read, and written back as the SDKs' text.
func TestTimesOfSDKs(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	run(t, rawDB(t, path), strings.Replace(createTable, "expiry_time varchar(20)", "expiry_time", 1))
	s := open(t, path)
	for i, v := range []any{"1795308985119", "1795308985119.0", 1795308985119.0, int64(1795308985119), []byte("1795308985119")} {
		run(t, s.db, "INSERT OR REPLACE INTO oauthtoken (id, user_name, refresh_token, expiry_time) VALUES ('1', 'alice', '1000.r', ?)", v)
		got, err := s.Get(ctx, "1")
		if err != nil || got.Expiry.UnixMilli() != 1795308985119 {
			t.Errorf("%d: expiry %v, %v", i, got.Expiry, err)
		}
		save(t, s, oauth.Token{ID: "1", Version: got.Version, RedirectURL: "https://example.com"})
		var stored any
		if err := s.db.QueryRow("SELECT expiry_time FROM oauthtoken").Scan(&stored); err != nil || stored != "1795308985119" {
			t.Errorf("%d: stored as %v, %v", i, stored, err)
		}
	}
}

// TestAlteredByTable: a table that makes something else of a value is noticed
// before the value counts as saved.
func TestAlteredByTable(t *testing.T) {
	for name, c := range map[string]struct{ table, column string }{
		"a number":  {strings.Replace(createTable, "client_id varchar(255)", "client_id integer", 1), "client_id"},
		"a trigger": {createTable + "; CREATE TRIGGER lower AFTER INSERT ON oauthtoken BEGIN UPDATE oauthtoken SET user_name = lower(user_name) WHERE id = NEW.id; END", "user_name"},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			run(t, rawDB(t, path), c.table)
			s := open(t, path)
			token := user("Alice")
			token.ClientID = "0042"
			_, err := s.Save(context.Background(), token)
			var value *oauth.ValueError
			if !errors.As(err, &value) || value.Column != c.column {
				t.Errorf("Save: %v; want %s refused", err, c.column)
			}
			if all, err := oauth.All(context.Background(), s); err != nil || len(all) != 0 {
				t.Errorf("the store holds %v, %v; want nothing", all, err)
			}
		})
	}
}

// TestIDsDifferInCase also where the table takes them for the same.
func TestIDsDifferInCase(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	run(t, rawDB(t, path), strings.Replace(createTable, "id varchar(10) NOT NULL", "id varchar(10) COLLATE NOCASE NOT NULL", 1))
	s := open(t, path)
	run(t, s.db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('abc', 'alice', '1000.r')")
	if _, err := s.Get(ctx, "ABC"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Get: %v; want not found", err)
	}
	if err := s.Delete(ctx, "ABC", ""); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Delete: %v; want not found", err)
	}
	token := user("bob")
	token.ID = "ABC"
	if got := save(t, s, token); got.ID != "1" {
		t.Errorf("Save under an ID that the table takes for another's went to id %q; want a new one", got.ID)
	}
	if got, err := s.Get(ctx, "abc"); err != nil || got.UserName != "alice" {
		t.Errorf("Get: %v, %v", got, err)
	}
}

// TestRowWithoutID: SQLite lets a primary key be NULL unless it is told not to.
func TestRowWithoutID(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	run(t, rawDB(t, path), strings.Replace(createTable, "id varchar(10) NOT NULL", "id varchar(10)", 1))
	s := open(t, path)
	save(t, s, user("alice"))
	run(t, s.db, "INSERT INTO oauthtoken (user_name, refresh_token) VALUES ('bob', '1000.bob')")
	if _, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("Find of another row: %v", err)
	}
	if _, err := s.Find(ctx, oauth.Token{UserName: "bob"}); !errors.Is(err, oauth.ErrCorrupt) {
		t.Errorf("Find of a row without an ID: %v; want it called damaged", err)
	}
	if _, err := oauth.All(ctx, s); !errors.Is(err, oauth.ErrCorrupt) {
		t.Errorf("List: %v; want the row called damaged", err)
	}
}

// TestDamagedRowCanBeDeleted: only so can its user log in again.
func TestDamagedRowCanBeDeleted(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	saved := save(t, s, user("alice"))
	run(t, s.db, "UPDATE oauthtoken SET expiry_time = 'soon'")
	if _, err := s.Get(ctx, saved.ID); !errors.Is(err, oauth.ErrCorrupt) {
		t.Errorf("Get: %v; want the row called damaged", err)
	}
	if err := s.Delete(ctx, saved.ID, saved.Version); !errors.Is(err, oauth.ErrConflict) {
		t.Errorf("Delete by Version: %v; want a conflict", err)
	}
	if err := s.Delete(ctx, saved.ID, ""); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if got := save(t, s, user("alice")); got.ID != "2" {
		t.Errorf("the next row has id %q, want 2", got.ID)
	}
}

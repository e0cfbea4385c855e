package mysql_test

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
)

// sdkSave inserts a user as the Node SDK does: the ID is the greatest text, plus one.
func sdkSave(db *sql.DB, name string) (id string, err error) {
	var greatest sql.NullString
	if err := db.QueryRow("SELECT max(id) AS id FROM oauthtoken").Scan(&greatest); err != nil {
		return "", err
	}
	next := 1
	if greatest.Valid {
		n, err := strconv.Atoi(greatest.String)
		if err != nil {
			return "", err
		}
		next = n + 1
	}
	id = strconv.Itoa(next)
	_, err = db.Exec("INSERT INTO oauthtoken (id, user_name, client_id, refresh_token) VALUES (?, ?, '1000.CLIENT', ?)", id, name, "1000.refresh."+name)
	return id, err
}

// TestSDKsCountOn: an SDK stops at its eleventh user. After five of ours it goes on,
// and after its fifteen ours go on. It is our first save past nine that heals.
//
// Defects: D1.
func TestSDKsCountOn(t *testing.T) {
	for _, there := range []int{10, 9} {
		url := servertest.MySQL(t)
		db := rawDB(t, url, "")
		run(t, db, createTable)
		for i := range there {
			if id, err := sdkSave(db, fmt.Sprint("sdk ", i)); err != nil || id != fmt.Sprint(i+1) {
				t.Fatalf("user %d got id %q, %v", i+1, id, err)
			}
		}
		if id, err := sdkSave(db, "eleventh"); there == 10 && err == nil {
			t.Fatalf("the SDK has no defect: id %q", id)
		} else if there != 10 {
			run(t, db, "DELETE FROM oauthtoken WHERE user_name = 'eleventh'")
		}
		s := open(t, config(t, url))
		users := there
		for round := range 3 {
			for i := range 5 {
				save(t, s, user(fmt.Sprint("ours ", round, i)))
			}
			for i := range 15 {
				if id, err := sdkSave(db, fmt.Sprint("theirs ", round, i)); err != nil {
					t.Fatalf("beside %d users of an SDK, round %d, its user %d: id %q, %v", there, round, i, id, err)
				}
			}
			users += 20
		}
		all, err := oauth.All(context.Background(), s)
		if err != nil || len(all) != users {
			t.Errorf("%d users, %v; want %d", len(all), err, users)
		}
	}
}

// TestNewIDs continues the numbering of tables that SDKs filled, in text columns of
// any collation and in columns of numbers.
//
// Defects: D1, D13.
func TestNewIDs(t *testing.T) {
	for _, set := range []string{"", " COLLATE utf8mb4_unicode_520_ci", " CHARACTER SET latin1"} {
		for there, want := range map[string]string{
			"":                                "1 2 3",
			"5":                               "6 7 8 9 900000001 900000002",
			"1 2 3 4 5 6 7 8 9 10":            "900000001",
			"5 10":                            "900000001",
			"99":                              "990000001 990000002",
			"1 2 99":                          "990000001",
			"900000016":                       "900000017",
			"999999999":                       "1000000000 1000000001",
			"1 2 999999999 1000000005":        "1000000006",
			"007":                             "8 9",
			"ruby_alice 9abc 3 a b c d e f g": "4",
			"9999999999":                      "1",
		} {
			url := servertest.MySQL(t)
			db := rawDB(t, url, "")
			run(t, db, createTable+set)
			for _, id := range strings.Fields(there) {
				run(t, db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES (?, ?, ?)", id, "user "+id, "1000."+id)
			}
			s := open(t, config(t, url))
			for i, id := range strings.Fields(want) {
				if got := save(t, s, user(fmt.Sprint("new", i))); got.ID != id {
					t.Errorf("beside %q%s new row %d has id %q, want %q", there, set, i+1, got.ID, id)
				}
			}
			s.Close()
		}
	}
	url := servertest.MySQL(t)
	db := rawDB(t, url, "")
	run(t, db, strings.Replace(createTable, "id varchar(10)", "id int", 1))
	run(t, db, "INSERT INTO oauthtoken (id, refresh_token) VALUES (9, '1000.9'), (10, '1000.10')")
	s := open(t, config(t, url))
	for _, want := range []string{"11", "12"} {
		if got := save(t, s, user(want)); got.ID != want {
			t.Errorf("among numbers a new row has id %q, want %q", got.ID, want)
		}
	}
}

// TestIDsUnderContention: two programs of ours and three of an SDK insert at once. An
// SDK repeats what failed by an ID that was taken; ours do that by themselves. Nobody
// is lost and nobody gets another's ID.
func TestIDsUnderContention(t *testing.T) {
	const each = 20
	url := servertest.MySQL(t)
	var all sync.WaitGroup
	for p := range 2 {
		s := open(t, config(t, url))
		for g := range 2 {
			all.Go(func() {
				for i := range each {
					name := fmt.Sprint("ours ", p, g, i)
					saved, err := s.Save(context.Background(), user(name))
					if err != nil {
						t.Errorf("Save: %v", err)
					} else if got, err := s.Get(context.Background(), saved.ID); err != nil || got.UserName != name {
						t.Errorf("id %q is of %q, %v; want %q", saved.ID, got.UserName, err, name)
					}
				}
			})
		}
	}
	for p := range 3 {
		db := rawDB(t, url, "")
		all.Go(func() {
			for i := range each {
				for {
					_, err := sdkSave(db, fmt.Sprint("theirs ", p, i))
					if err == nil {
						break
					}
					if refused, ok := err.(*driver.MySQLError); !ok || refused.Number != 1062 && refused.Number != 1213 {
						t.Errorf("the SDK's insert: %v", err)
						break
					}
				}
			}
		})
	}
	all.Wait()
	rows, err := oauth.All(context.Background(), open(t, config(t, url)))
	if err != nil || len(rows) != 7*each {
		t.Errorf("%d rows, %v; want %d", len(rows), err, 7*each)
	}
}

// TestSDKWritesBetween: what an SDK writes between our reading and our writing is
// seen, by Version and without.
func TestSDKWritesBetween(t *testing.T) {
	ctx := context.Background()
	url := servertest.MySQL(t)
	s, db := open(t, config(t, url)), rawDB(t, url, "")
	saved := save(t, s, user("alice"))
	run(t, db, "UPDATE oauthtoken SET access_token = 'by sdk', expiry_time = '1795308985119' WHERE user_name = 'alice'")
	if _, err := s.Save(ctx, oauth.Token{ID: saved.ID, Version: saved.Version, AccessToken: oauth.NewSecret("ours")}); err == nil {
		t.Error("Save on the Version from before worked")
	}
	got := save(t, s, oauth.Token{UserName: "alice", RedirectURL: "https://x"})
	if got.AccessToken.Reveal() != "by sdk" || got.Expiry.UnixMilli() != 1795308985119 {
		t.Errorf("Save without a Version gives %v", got)
	}
	run(t, db, "DELETE FROM oauthtoken")
	if id, err := sdkSave(db, "bob"); err != nil || id != "1" {
		t.Fatal(id, err)
	}
	if got, err := s.Get(ctx, saved.ID); err != nil || got.UserName != "bob" || !got.CreatedAt.IsZero() {
		t.Errorf("bob under alice's ID: %v, %v", got, err)
	}
	if got := save(t, s, user("carol")); got.ID != "2" {
		t.Errorf("carol got id %q", got.ID)
	}
}

package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// TestNewIDs continues the numbering of tables that SDKs filled. From 10 on, new
// IDs have nine digits, since the SDKs take the greatest text.
//
// Defects: D1, D13.
func TestNewIDs(t *testing.T) {
	for _, c := range []struct {
		there string
		want  []string
	}{
		{"", []string{"1", "2", "3"}},
		{"5", []string{"6", "7", "8", "9", "900000001", "900000002"}},
		{"1 2 3 4 5 6 7 8 9", []string{"900000001", "900000002"}},
		{"1 2 3 4 5 6 7 8 9 10", []string{"900000001"}},
		{"1 10", []string{"900000001"}},
		{"5 10", []string{"900000001"}},
		{"99", []string{"990000001", "990000002"}},
		{"95 1", []string{"950000001"}},
		{"900000016", []string{"900000017"}},
		{"999999999", []string{"1000000000", "1000000001"}},
		{"999999999 1000000005", []string{"1000000006"}},
		{"900000001 1500000000", []string{"1500000001"}},
		{"007", []string{"8", "9"}},
		{"ruby_alice_us_prd_abcd", []string{"1", "2"}},
		{"9abc 3", []string{"4"}},
		{"9999999999", []string{"1"}}, // no SDK can read it as a number
		{"-5 1.5 ٣", []string{"1"}},
	} {
		t.Run(c.there, func(t *testing.T) {
			s := open(t, newPath(t))
			for _, id := range strings.Fields(c.there) {
				run(t, s.db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES (?, ?, ?)", id, "user "+id, "1000."+id)
			}
			for i, want := range c.want {
				if got := save(t, s, user(fmt.Sprint("new", i))); got.ID != want {
					t.Errorf("new row %d has id %q, want %q", i+1, got.ID, want)
				}
			}
		})
	}
}

// TestNewIDsAmongNumbers: a column of numbers has no trouble with 10.
func TestNewIDsAmongNumbers(t *testing.T) {
	path := newPath(t)
	run(t, rawDB(t, path), strings.Replace(createTable, "id varchar(10)", "id int(11)", 1))
	s := open(t, path)
	for i := range 12 {
		if got := save(t, s, user(fmt.Sprint(i))); got.ID != fmt.Sprint(i+1) {
			t.Errorf("row %d has id %q", i+1, got.ID)
		}
	}
	run(t, s.db, "INSERT INTO oauthtoken (id, refresh_token) VALUES (70, '1000.r')")
	if got := save(t, s, user("next")); got.ID != "71" {
		t.Errorf("id %q, want 71", got.ID)
	}
	// An ID that is no number cannot be kept there.
	token := user("words")
	token.ID = "seven"
	if got := save(t, s, token); got.ID != "72" {
		t.Errorf("id %q, want 72", got.ID)
	}
}

// TestIDsNeverReused: not after Delete, not after DeleteAll, not by the next
// program, and not those of rows that SDKs made.
//
// Defects: D4.
func TestIDsNeverReused(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	s := open(t, path)
	remove := func(id string) {
		t.Helper()
		if err := s.Delete(ctx, id, ""); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := save(t, s, user("user of "+want)); got.ID != want {
			t.Errorf("new row has id %q, want %q", got.ID, want)
		}
	}
	expect("1")
	expect("2")
	remove("2")
	expect("3")
	run(t, s.db, "INSERT INTO oauthtoken (id, refresh_token) VALUES ('5', '1000.sdk')")
	remove("5")
	expect("6")
	run(t, s.db, "INSERT INTO oauthtoken (id, refresh_token) VALUES ('8', '1000.sdk')")
	if err := s.DeleteAll(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	expect("9")
	remove("9")
	expect("900000001")
	remove("900000001")
	expect("900000002")
}

// TestIDsKnownFromTheStart: what the table holds when the side table is made
// counts, even if an SDK deletes it afterwards.
func TestIDsKnownFromTheStart(t *testing.T) {
	path := newPath(t)
	raw := rawDB(t, path)
	run(t, raw, createTable+"; INSERT INTO oauthtoken (id, refresh_token) VALUES ('4', '1000.r')")
	s := open(t, path)
	run(t, raw, "DELETE FROM oauthtoken")
	if got := save(t, s, user("alice")); got.ID != "5" {
		t.Errorf("id %q, want 5", got.ID)
	}
}

// TestGivenIDs are kept where the column holds them, and count.
func TestGivenIDs(t *testing.T) {
	s := open(t, newPath(t))
	for _, c := range []struct{ given, want string }{
		{"7", "7"}, {"", "8"}, {"ruby_alice", "ruby_alice"}, {"ABCDEFGHIJ", "ABCDEFGHIJ"},
		{"longer than ten", "9"}, {strings.Repeat("x", 11), "900000001"}, {"950000000", "950000000"}, {"", "950000001"},
	} {
		token := user("user of " + c.want)
		token.ID = c.given
		if got := save(t, s, token); got.ID != c.want {
			t.Errorf("given id %q became %q, want %q", c.given, got.ID, c.want)
		}
	}
	all, err := oauth.All(context.Background(), s)
	if err != nil || len(all) != 8 {
		t.Errorf("%d rows, %v", len(all), err)
	}
}

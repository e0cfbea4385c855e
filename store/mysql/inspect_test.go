package mysql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/mysql"
)

// inspect gives the findings by their codes. Each says something in one line.
func inspect(t *testing.T, s *mysql.Store) map[string][]check.Finding {
	t.Helper()
	all, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][]check.Finding)
	for _, f := range all {
		if f.Text == "" || strings.ContainsAny(f.Text+f.Remedy, "\r\n") {
			t.Errorf("no line: %+v", f)
		}
		found[f.Code] = append(found[f.Code], f)
	}
	return found
}

// TestInspectOurs: of a table that we made there is nothing to say but that the
// connection to this machine is not encrypted.
func TestInspectOurs(t *testing.T) {
	s := open(t, config(t, servertest.MySQL(t)))
	save(t, s, user("alice"))
	found := inspect(t, s)
	if len(found["tls-off"]) != 1 || found["tls-off"][0].Severity != check.Note {
		t.Errorf("the connection: %v", found)
	}
	delete(found, "tls-off")
	if len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

// TestInspectTheirs finds what an SDK's table lacks.
func TestInspectTheirs(t *testing.T) {
	url := servertest.MySQL(t)
	db := rawDB(t, url, "")
	run(t, db, strings.NewReplacer("id varchar(10)", "id int", "user_name varchar(255)", "user_name varchar(255) NOT NULL").Replace(createTable)+
		" ENGINE=Aria CHARACTER SET latin1")
	for i := range 10 {
		run(t, db, "INSERT INTO oauthtoken (id, user_name, client_id, refresh_token) VALUES (?, ?, 'c', ?)", i+1, []string{"bob", "BOB", "bob"}[i%3]+strings.Repeat("x", i/3), fmt.Sprint("1000.", i))
	}
	cfg := config(t, url)
	cfg.Now = func() time.Time { return time.Now().Add(time.Hour) }
	found := inspect(t, open(t, cfg))
	for code, want := range map[string][]string{
		"missing-index":      {"no index on user_name", "no index on grant_token", "no index on refresh_token", "no index on access_token"},
		"id-column":          {"id holds numbers"},
		"user-name-not-null": {"unnamed:"},
		"ten-rows":           {"exactly the IDs 1 to 10"},
		"charset":            {"characters of latin1 only"},
		"collation":          {"latin1_swedish_ci"},
		"engine":             {"engine Aria"},
		"clock-difference":   {"1h0m0s behind"},
		"duplicate-user":     {`: "bob" (ids 1, 3), "bobx" (ids 4, 6), "bobxx" (ids 7, 9)`},
	} {
		if len(found[code]) != len(want) {
			t.Errorf("%s: %v; want %d", code, found[code], len(want))
			continue
		}
		for i, text := range want {
			if !strings.Contains(found[code][i].Text, text) {
				t.Errorf("%s: %q; want %q", code, found[code][i].Text, text)
			}
		}
	}
	// Every statement that is advised works, and is enough.
	for _, all := range found {
		for _, f := range all {
			if strings.HasPrefix(f.Remedy, "CREATE INDEX") || strings.HasPrefix(f.Remedy, "ALTER TABLE") {
				run(t, db, f.Remedy)
			}
		}
	}
	s := open(t, config(t, url))
	left := inspect(t, s)
	for _, code := range []string{"missing-index", "charset", "collation", "engine", "clock-difference"} {
		if len(left[code]) > 0 {
			t.Errorf("after the remedy: %v", left[code])
		}
	}
	if _, err := s.Find(context.Background(), oauth.Token{UserName: "bob"}); err != nil {
		t.Error(err)
	}
}

// TestInspectOldTables of the Ruby SDKs.
func TestInspectOldTables(t *testing.T) {
	for create, code := range map[string]string{createNine: "old-table", createSix: "read-only-table"} {
		url := servertest.MySQL(t)
		db := rawDB(t, url, "")
		run(t, db, create)
		found := inspect(t, open(t, config(t, url)))
		if len(found[code]) != 1 {
			t.Errorf("%s: %v", code, found)
		}
		for _, f := range found["missing-index"] {
			run(t, db, f.Remedy)
		}
	}
}

// TestInspectNumbering: rows that were copied with their IDs keep the SDKs from
// numbering the next user, until one has the ID that is advised.
func TestInspectNumbering(t *testing.T) {
	url := servertest.MySQL(t)
	s := open(t, config(t, url))
	for i := range 12 {
		save(t, s, oauth.Token{ID: fmt.Sprint(i + 1), UserName: fmt.Sprint("user ", i+1), RefreshToken: oauth.NewSecret(fmt.Sprint("1000.", i+1))})
	}
	found := inspect(t, s)["sdk-numbering"]
	if len(found) != 1 || !strings.Contains(found[0].Text, "the ID 10") {
		t.Fatalf("found %v", found)
	}
	statement, _, _ := strings.Cut(found[0].Remedy, ", or")
	run(t, rawDB(t, url, ""), statement)
	if left := inspect(t, s)["sdk-numbering"]; len(left) > 0 {
		t.Errorf("after the remedy: %v", left)
	}
}

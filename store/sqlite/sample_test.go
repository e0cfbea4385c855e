package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
)

// TestSampleStore opens the database of the SDKs' SQLite sample in place, made
// from its SQL and, where it is at hand, as that program wrote it.
//
// Defects: D24.
func TestSampleStore(t *testing.T) {
	t.Run("from SQL", func(t *testing.T) {
		text, err := os.ReadFile("testdata/python-sample.sql")
		if err != nil {
			t.Fatal(err)
		}
		path := newPath(t)
		run(t, rawDB(t, path), string(text))
		useSample(t, path)
	})
	t.Run("as written", func(t *testing.T) {
		data, err := os.ReadFile("../../../shared/fixtures/python-8.0-custom-store-sqlite.db")
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip("the file that the sample wrote is not at hand")
		}
		if err != nil {
			t.Fatal(err)
		}
		path := newPath(t)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		useSample(t, path)
	})
}

func sampleToken(n int) oauth.Token {
	return oauth.Token{
		ID: fmt.Sprint(n), UserName: fmt.Sprintf("user%d@example.com:70000000%d", n, n), ClientID: fmt.Sprintf("1000.CLIENT%d", n),
		ClientSecret: oauth.NewSecret("sec"), RedirectURL: "https://example.com/cb", APIDomain: "https://www.zohoapis.com",
		RefreshToken: oauth.NewSecret(fmt.Sprintf("1000.refresh%d.0123456789abcdef", n)),
		AccessToken:  oauth.NewSecret(fmt.Sprintf("1000.access%d.0123456789abcdef", n)),
		Expiry:       time.UnixMilli(1795308985119).UTC(),
	}
}

func useSample(t *testing.T, path string) {
	t.Helper()
	ctx := context.Background()
	raw := rawDB(t, path)
	before := schemaOf(t, raw, "oauthtoken")
	s := open(t, path)

	all, err := oauth.All(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("List yields %d rows, want 2", len(all))
	}
	for i, got := range all {
		want := sampleToken(i + 1)
		if got.Row() != want.Row() {
			t.Errorf("row %d is %v, want %v", i+1, got, want)
		}
		found, err := s.Find(ctx, oauth.Token{UserName: want.UserName})
		if err != nil || found != got {
			t.Errorf("Find gives %v, %v; want %v", found, err, got)
		}
	}

	renewed := save(t, s, oauth.Token{UserName: all[1].UserName, AccessToken: oauth.NewSecret("1000.new"), Expiry: time.UnixMilli(1895308985119)})
	added := save(t, s, oauth.Token{UserName: "user3", RefreshToken: oauth.NewSecret("1000.refresh3")})
	if renewed.ID != "2" || added.ID != "3" {
		t.Errorf("an update went to id %q and an insert to %q; want 2 and 3", renewed.ID, added.ID)
	}
	// What the sample's own program reads next.
	var access, expiry string
	var grant sql.NullString
	row := raw.QueryRow("SELECT access_token, expiry_time, grant_token FROM oauthtoken WHERE user_name = ?", all[1].UserName)
	if err := row.Scan(&access, &expiry, &grant); err != nil || access != "1000.new" || expiry != "1895308985119" || grant.Valid {
		t.Errorf("the updated row reads %q, %q, %v; %v", access, expiry, grant, err)
	}
	if after := schemaOf(t, raw, "oauthtoken"); !slices.Equal(before, after) {
		t.Errorf("the table was altered, from %q to %q", before, after)
	}
}

// schemaOf gives the table's and its indexes' definitions.
func schemaOf(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	rows, err := db.Query("SELECT name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE tbl_name = ? ORDER BY 1", table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

package check_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/csvfile"
	"zohocrm/store/memory"
	"zohocrm/store/sqlite"
)

// now is the time of all tests.
var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// plantedSecret is part of every secret of these tests, and must be in no finding.
const plantedSecret = "planted-9d2c"

// healthy is a token of which there is nothing to say.
func healthy(name string) oauth.Token {
	return oauth.Token{
		UserName: name, ClientID: "1000.CLIENT", ClientSecret: oauth.NewSecret(plantedSecret + "secret"),
		RefreshToken: oauth.NewSecret(plantedSecret + "refresh" + name), AccessToken: oauth.NewSecret(plantedSecret + "access" + name),
		Expiry: now.Add(time.Hour), APIDomain: "https://www.zohoapis.com", CreatedAt: now.Add(-30 * 24 * time.Hour), LastUsedAt: now.Add(-time.Hour),
	}
}

// with is a healthy token with a fault.
func with(name string, harm func(*oauth.Token)) oauth.Token {
	t := healthy(name)
	harm(&t)
	return t
}

func inMemory(t *testing.T, tokens ...oauth.Token) oauth.Store {
	t.Helper()
	s := memory.New(memory.Config{Now: clock})
	for _, token := range tokens {
		if _, err := s.Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

const header = "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n"

// inFile is a store on a file with these rows below the header.
func inFile(t *testing.T, rows ...string) oauth.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.csv")
	old := time.Now().Add(-time.Hour)
	text := header
	for _, row := range rows {
		text += row + "\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	s, err := csvfile.New(csvfile.Config{Path: path, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// row is a healthy row of a file.
func row(id, name string) string {
	return id + "," + name + ",c," + plantedSecret + "s," + plantedSecret + "r" + id + "," + plantedSecret + "a" + id + ",,4102444800000,,https://www.zohoapis.com"
}

// inTable is a store on a database, and the database behind it.
func inTable(t *testing.T) (oauth.Store, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.db")
	if err := sqlite.Prepare(path, nil); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sqlite.New(context.Background(), db, sqlite.Config{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, db
}

// examined runs the check, and wants the order and the words of a Report, and no
// secret in it.
func examined(t *testing.T, s oauth.Store, cfg check.Config) check.Report {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = clock
	}
	r, err := check.Run(t.Context(), s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.Findings {
		if i > 0 && f.Severity > r.Findings[i-1].Severity {
			t.Errorf("finding %d is worse than the one before it", i)
		}
		if f.Code == "" || f.Text == "" || strings.ContainsAny(f.Text+f.Remedy, "\r\n") || strings.Contains(f.Text+f.Remedy, plantedSecret) {
			t.Errorf("not a line, or a secret in it: %+v", f)
		}
	}
	return r
}

func codes(r check.Report) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Code)
	}
	return all
}

func find(t *testing.T, r check.Report, code string) check.Finding {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f check.Finding) bool { return f.Code == code })
	if i < 0 {
		t.Fatalf("no %q among %+v", code, r.Findings)
	}
	return r.Findings[i]
}

package csvfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// The Scala SDK writes the word null for what is missing.
func TestNullOfScala(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.csv")
	const header = "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n"
	const text = header +
		"1,alice@x.com:1,1000.C,sec,1000.rtA,null,null,null,null,https://www.zohoapis.com\n" +
		"2,null,1000.C,sec,1000.rtB,null,null,null,null,null\r\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	all, err := oauth.All(t.Context(), s)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if a := all[0]; a.UserName != "alice@x.com:1" || !a.AccessToken.IsZero() || !a.GrantToken.IsZero() || !a.Expiry.IsZero() || a.RedirectURL != "" {
		t.Errorf("the first row: %v", a)
	}
	if b := all[1]; b.UserName != "" || b.APIDomain != "" || b.RefreshToken.Reveal() != "1000.rtB" {
		t.Errorf("the second row: %v", b)
	}

	// Somebody whose name is that word keeps it.
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "null", RefreshToken: oauth.NewSecret("r")}); err != nil {
		t.Fatal(err)
	}
	again, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := again.Find(t.Context(), oauth.Token{UserName: "null"}); err != nil || found.RefreshToken.Reveal() != "r" {
		t.Errorf("the user null: %v, %v", found, err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), ",null") {
		t.Errorf("what is missing is written as nothing: %v, %s", err, data)
	}
}

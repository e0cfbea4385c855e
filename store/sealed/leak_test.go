package sealed_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// planted is in every secret of TestNothingStands, and in nothing else.
const planted = "pLaNtEd"

// TestNothingStands does with sealed stores all that can be done, and searches
// every file that there then is for the secrets, in text and in base64, and what
// was logged and answered as errors. The same search finds them in a plain store.
//
// Defects: D18.
func TestNothingStands(t *testing.T) {
	for _, where := range []string{"file", "database"} {
		for _, plain := range []bool{false, true} {
			folder := t.TempDir()
			path := filepath.Join(folder, "tokens")
			if _, err := keys.Create(t.Context(), path+".keys", keys.Config{}); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			var inner oauth.Store
			if where == "file" {
				s, err := csvfile.New(csvfile.Config{Path: path, Logger: logger})
				if err != nil {
					t.Fatal(err)
				}
				inner = s
			} else {
				s, err := openDatabase(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close() // after the search: its log and its shared memory are files too
				inner = s
			}
			set, err := keys.Open(t.Context(), path+".keys", keys.Config{Logger: logger})
			if err != nil {
				t.Fatal(err)
			}
			over := oauth.Store(seal(t, inner, sealed.Config{Keys: set, Logger: logger}))
			if plain {
				over = inner
			}
			exercise(t, over, &log, func() {
				if plain {
					return
				}
				if _, err := keys.Rotate(t.Context(), path+".keys", keys.Config{}); err != nil {
					t.Fatal(err)
				}
				if _, err := sealed.SealAll(t.Context(), over.(*sealed.Store), sealed.SealAllConfig{}); err != nil {
					t.Fatal(err)
				}
			})
			found := search(t, folder, log.String())
			if plain != (len(found) > 0) {
				t.Errorf("%s, plain %v: secrets stand in %q", where, plain, found)
			}
		}
	}
}

// exercise leaves its errors in log.
func exercise(t *testing.T, s oauth.Store, log *bytes.Buffer, rotate func()) {
	t.Helper()
	ctx := t.Context()
	note := func(_ any, err error) {
		if err != nil {
			fmt.Fprintf(log, "%v %+v %#v\n", err, err, err)
		}
	}
	secret := func(what string, i int) oauth.Secret {
		return oauth.NewSecret(fmt.Sprint("1000.", planted, ".", what, i))
	}
	token := func(i int) oauth.Token {
		return oauth.Token{
			UserName: fmt.Sprint("user", i), ClientID: "1000.CLIENT", ClientSecret: secret("client", i), GrantToken: secret("grant", i),
			RefreshToken: secret("refresh", i), AccessToken: secret("access", i), Scope: "ZohoCRM.org.READ",
		}
	}
	for i := range 30 {
		note(s.Save(ctx, token(i)))
	}
	rotate()
	var many []oauth.Token
	for i := range 30 {
		many = append(many, token(100+i))
		note(s.Save(ctx, oauth.Token{UserName: fmt.Sprint("user", i), AccessToken: secret("new", i)}))
		note(s.Find(ctx, oauth.Token{RefreshToken: secret("refresh", i)}))
	}
	note(nil, oauth.SaveAll(ctx, s, slices.Values(many)))
	row, err := s.Find(ctx, oauth.Token{UserName: "user3"})
	if err != nil || row.AccessToken != secret("new", 3) {
		t.Fatal(row, err)
	}
	login := token(200)
	login.UserName = ""
	nameless, err := s.Save(ctx, login)
	note(nameless, err)
	note(s.Save(ctx, oauth.Token{ID: nameless.ID, UserName: "user5"}))
	note(s.Save(ctx, oauth.Token{ID: row.ID, Version: "stale", AccessToken: secret("stale", 0)}))
	note(s.Save(ctx, oauth.Token{UserName: "long", AccessToken: oauth.NewSecret(strings.Repeat(planted, 600))}))
	note(s.Save(ctx, oauth.Token{UserName: "line", AccessToken: oauth.NewSecret(planted + "\n")}))
	note(s.Find(ctx, oauth.Token{AccessToken: secret("nobody", 0)}))
	note(nil, s.Delete(ctx, row.ID, row.Version))
	rotate()
	note(oauth.All(ctx, s))
}

// search gives the names of the files, and "log", in which a planted secret stands.
func search(t *testing.T, folder, log string) []string {
	t.Helper()
	var found []string
	look := func(name, text string) {
		// As it is, and in base64, wherever in a group of three bytes it begins.
		for _, form := range []string{planted, "cExhTnRFZ", "BMYU50RW", "TGFOdEV"} {
			if strings.Contains(text, form) {
				found = append(found, name)
				return
			}
		}
	}
	files := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		look(d.Name(), string(data))
		return err
	})
	if err != nil || files == 0 {
		t.Fatal(files, err)
	}
	look("log", log)
	return found
}

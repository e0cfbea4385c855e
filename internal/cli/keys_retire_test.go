package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/sealed/keys"
)

// vault is a folder with a token file, sealed under a key that is not the primary any
// more, and programs that look at it some minutes later.
type vault struct {
	testing.TB
	folder string
	old    keys.ID
}

func newVault(t *testing.T) vault {
	v := vault{t, t.TempDir(), 0}
	store, err := csvfile.New(csvfile.Config{Path: v.path("tokens.csv")})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alice", "bob"} {
		if _, err := store.Save(t.Context(), oauth.Token{UserName: name, ClientID: "c", ClientSecret: oauth.NewSecret("s"), RefreshToken: oauth.NewSecret("1000." + name), APIDomain: "https://www.zohoapis.com"}); err != nil {
			t.Fatal(err)
		}
	}
	v.copy("tokens.csv", "plain.csv")
	if v.old, err = keys.Create(t.Context(), v.path("k.json"), keys.Config{}); err != nil {
		t.Fatal(err)
	}
	v.zcrm(0, "", "store", "seal", "--yes")
	if _, err := keys.Rotate(t.Context(), v.path("k.json"), keys.Config{}); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v vault) path(name string) string { return filepath.Join(v.folder, name) }

func (v vault) copy(from, to string) {
	v.Helper()
	text, err := os.ReadFile(v.path(from))
	if err == nil {
		err = os.WriteFile(v.path(to), text, 0o600)
	}
	if err != nil {
		v.Fatal(err)
	}
}

// zcrm runs one command line, which must end with code and say what is wanted.
func (v vault) zcrm(code int, want string, args ...string) {
	v.Helper()
	var out, errs bytes.Buffer
	a := newApp(strings.NewReader(""), &out, &errs, []string{"HOME=" + v.folder, "ZCRM_STORE=csv:" + v.path("tokens.csv"), "ZCRM_KEYS=" + v.path("k.json")})
	a.now = func() time.Time { return time.Now().Add(time.Minute) } // rotated a while ago
	if got := a.run(context.Background(), args); got != code || !strings.Contains(out.String()+errs.String(), want) {
		v.Errorf("%q: code %d, want %d and %q\n%s%s", args, got, code, want, &out, &errs)
	}
}

func (v vault) missing(name string) {
	v.Helper()
	if _, err := os.Lstat(v.path(name)); !os.IsNotExist(err) {
		v.Errorf("%s was made (%v)", name, err)
	}
}

// TestRetireLooksAtTheStoreOfTheKeys: a store that is empty, is not there or is sealed
// with other keys does not show that a key is not needed.
func TestRetireLooksAtTheStoreOfTheKeys(t *testing.T) {
	v := newVault(t)
	old := v.old.String()
	v.zcrm(1, "2 rows need key", "keys", "retire", old)
	for _, other := range []string{"csv:" + v.path("none.csv"), "sqlite:" + v.path("none.db"), "memory:", "csv:" + v.path("plain.csv")} {
		v.zcrm(1, "is sealed with these keys; name the store that is", "keys", "retire", old, "--store", other)
	}
	v.missing("none.csv")
	v.missing("none.db")
	v.zcrm(0, "bob", "token", "list")
	v.zcrm(0, "sealed 2 rows", "store", "seal", "--yes")
	v.zcrm(0, "is gone", "keys", "retire", old)
	v.zcrm(0, "bob", "token", "list")
}

// TestSealAnewBlessesNoPlainRow: once a store was sealed, a plain row in it stays
// refused, also when the store is sealed anew, by a run that ends or one that does not.
func TestSealAnewBlessesNoPlainRow(t *testing.T) {
	v := newVault(t)
	text, err := os.ReadFile(v.path("tokens.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	lines[2] = "2,bob,c,s,1000.attacker,1000.attackers,,1795308985119,,https://www.zohoapis.com\n"
	if err := os.WriteFile(v.path("tokens.csv"), []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	v.zcrm(1, "sealed 1 row", "store", "seal", "--yes")
	v.zcrm(1, `row "2" of user "bob": plain where sealed is demanded`, "store", "seal", "--yes")
	v.zcrm(1, "plain where sealed is demanded", "token", "show", "--user", "bob")
	v.zcrm(0, "alice", "token", "show", "--user", "alice")
	v.zcrm(0, "sealed 1 row", "store", "seal", "--yes", "--accept-plain")
	v.zcrm(0, "bob", "token", "show", "--user", "bob")
}

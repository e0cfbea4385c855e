package csvfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// golden is the header that every write makes, with its line feed.
const golden = "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n"

// contents says which rows each file of testdata holds: one a line, its columns
// between bars. Files of the same name that were kept from real runs of the SDKs
// hold the same.
func contents() map[string]string {
	const (
		alice = "1|alice@example.com:700000001|1000.CLIENT1|sec|1000.refresh1.0123456789abcdef|1000.access1.0123456789abcdef||1795308985119|https://example.com/cb|https://www.zohoapis.com"
		bob   = "2|bob@example.com:700000002|1000.CLIENT2|sec|1000.refresh2.0123456789abcdef|1000.access2.0123456789abcdef|1000.grant2.abc|1795308985119|https://example.com/cb|https://www.zohoapis.eu"
		zoe   = `3|zoë@example.com:700000003|1000.CLIENT3|s,e"c|1000.refresh3.0123456789abcdef|1000.access3.0123456789abcdef||1795308985119|https://cb.example/oauth?x=1&y=2|https://www.zohoapis.com`
		none  = "4||1000.CLIENT4|sec|1000.refresh4.0123456789abcdef|1000.access4.0123456789abcdef||1795308985119|https://example.com/cb|https://www.zohoapis.com"
	)
	rows := func(r ...string) string { return strings.Join(r, "\n") }
	return map[string]string{
		"python-8.0.csv":           rows(alice, bob, zoe, none),
		"python-then-node-8.0.csv": rows(strings.Replace(alice, "1000.access1.0123456789abcdef", "1000.access1.NEW", 1), bob, zoe, none),
		"node-8.0.csv": rows(alice,
			strings.Replace(bob, "https://example.com/cb", "https://cb.example/oauth?x=1&y=2", 1),
			"3||1000.CLIENT3|sec|1000.refresh3.0123456789abcdef|1000.access3.0123456789abcdef||1795308985119|https://example.com/cb|https://www.zohoapis.com"),
		"ruby-2.0.csv": rows(
			"ruby_alice_us_prd_cdef|alice@example.com|1000.CLIENT1|sec|1000.refresh1.0123456789abcdef|1000.access1.0123456789abcdef||1795308985119|https://example.com/cb|",
			"ruby_bob_us_prd_cdef|bob@example.com|1000.CLIENT2|sec|1000.refresh2.0123456789abcdef|1000.access2.0123456789abcdef||1795308985119|https://example.com/cb|"),
		"ruby-1-shape.csv": "1|alice@example.com|1000.CLIENT1||1000.refresh1.0123456789abcdef|1000.access1.0123456789abcdef||1795308985119||",
		"ruby-1-header-last.csv": rows(
			"1|alice@x.com|1000.AL||1000.rtA|1000.atA||1795308985119||",
			"2|bob@x.com|1000.BO||1000.rtB||1000.gB|||"),
		"ruby-2-after-ruby-8.csv": rows(
			"1|alice@x.com:100|1000.AL|secA|1000.rtA|1000.atA||1795308985119|https://example.com/cb|https://www.zohoapis.com",
			"ruby_bob_us_prd_1000|bob@x.com|1000.BO|secB|1000.rtB|1000.atB||1795308985119|https://example.com/cb|"),
		"golden.csv": rows(
			"1|alice@x.com:100|1000.AL|secA|1000.rtA|1000.atA||9999999999999||https://www.zohoapis.com",
			"2|bob@x.com:200|1000.BO|secB|1000.rtB|1000.atB|1000.g|9999999999999|https://cb.example/oauth?x=1&y=2|https://www.zohoapis.eu"),
		"csharp-windows-8.0.csv": `1|alice@x.com:100|1000.AL|s"e\c|1000.rtA|1000.atA||1795308385119|https://example.com/cb|https://www.zohoapis.com`,
		"php-8.0.csv": rows(
			`1|alice@x.com:100|1000.AL|s"ec"|1000.rtA|1000.atA||1795309706748|https://example.com/cb|https://www.zohoapis.com`,
			`2|bob@x.com:200|1000.BO|"open|1000.rtB|1000.atB||1795309706748|https://example.com/cb|https://www.zohoapis.eu`),
		"java-8.0.csv":           `1|zoë@x.com:100|1000.AL|s,"e"\c|1000.rtA|1000.atA||1795308985119|https://x/?a=1,2|https://www.zohoapis.com`,
		"node-upgraded-nine.csv": "1|alice@x.com|1000.AL|secA|1000.rtA|1000.atA||1795308985119|https://example.com/cb|",
		"no-header.csv": rows(
			"1|alice@x.com|1000.AL|secA|1000.rtA|1000.atA||1795308985119|https://example.com/cb|",
			"2|bob@x.com|1000.BO|secB|1000.rtB|1000.atB||1795308985119|https://example.com/cb|https://www.zohoapis.eu"),
		"bom-extra-columns.csv": rows(
			"1|alice@x.com:100|1000.AL|secA|1000.rtA|1000.atA||1795308985119||https://www.zohoapis.com",
			"2|bob@x.com:200|1000.BO|secB|1000.rtB|||||"),
	}
}

// Defects: D12, D25.
func TestFilesOfSDKs(t *testing.T) {
	check := func(t *testing.T, path string) {
		want, known := contents()[filepath.Base(path)]
		if !known {
			t.Fatalf("nothing says what %s holds", path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := open(t, settled(t, data))
		if got := rowsOf(t, s); got != want {
			t.Errorf("holds\n%s\nwant\n%s", got, want)
		}
		for _, header := range []oauth.Token{{ID: "id"}, {UserName: "user_name"}, {UserName: "user_mail"}, {UserName: "client_id"}} {
			if found, err := s.Find(t.Context(), header); err == nil {
				t.Errorf("the header was found as %v", found)
			}
		}
		// The first write changes the form and nothing else.
		saved, err := s.Save(t.Context(), oauth.Token{UserName: "new", RefreshToken: oauth.NewSecret("1000.new")})
		if err != nil {
			t.Fatal(err)
		}
		want += "\n" + bars(saved)
		for _, s := range []*atPath{s, open(t, s.path)} {
			if got := rowsOf(t, s); got != want {
				t.Errorf("after a write it holds\n%s\nwant\n%s", got, want)
			}
		}
		written, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		checkForm(t, written)
	}
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) < len(contents()) {
		t.Fatalf("testdata has %d files, want %d; %v", len(files), len(contents()), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) { t.Parallel(); check(t, path) })
	}
	kept := filepath.Join("..", "..", "..", "shared", "fixtures")
	if _, err := os.Stat(kept); err != nil {
		return // testdata holds the same files
	}
	files, err = filepath.Glob(filepath.Join(kept, "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no files; %v", kept, err)
	}
	for _, path := range files {
		t.Run("kept-"+filepath.Base(path), func(t *testing.T) { t.Parallel(); check(t, path) })
	}
}

// settled is a file that nobody has written to for a minute.
func settled(t testing.TB, data []byte) string {
	t.Helper()
	path := location(t)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	age(t, path)
	return path
}

// age makes a file a minute old.
func age(t testing.TB, path string) {
	t.Helper()
	old := time.Now().Add(-time.Minute)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

// rowsOf is what a store lists, in the form of contents: all secrets here are
// made up.
func rowsOf(t testing.TB, s oauth.Store) string {
	t.Helper()
	tokens, err := oauth.All(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(tokens))
	for i, token := range tokens {
		lines[i] = bars(token)
	}
	return strings.Join(lines, "\n")
}

func bars(t oauth.Token) string {
	values := t.Row().Values()
	return strings.Join(values[:], "|")
}

// tokenOf is a token from a line of contents.
func tokenOf(t testing.TB, line string) oauth.Token {
	t.Helper()
	token, err := oauth.RowOf([10]string(strings.Split(line, "|"))).Token()
	if err != nil {
		t.Fatal(err)
	}
	token.Version = ""
	return token
}

func newStore(t testing.TB, cfg csvfile.Config) *csvfile.Store {
	t.Helper()
	s, err := csvfile.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

package csvfile_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// checkForm wants the form that every SDK of version 8 reads, as an RFC 4180
// reader that is not ours sees it.
func checkForm(t testing.TB, data []byte) {
	t.Helper()
	header, _, _ := bytes.Cut(data, []byte("\n"))
	if want := strings.TrimSuffix(golden, "\n"); string(header) != want && !bytes.HasPrefix(header, []byte(want+",")) {
		t.Errorf("the header is %q", header)
	}
	if !bytes.HasSuffix(data, []byte("\n")) || bytes.Contains(data, []byte("\r\n")) || bytes.HasPrefix(data, []byte("\ufeff")) {
		t.Errorf("line ends or byte order mark: %q", data)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = 0 // as many in every line as in the header
	if _, err := r.ReadAll(); err != nil {
		t.Errorf("not a CSV file: %v", err)
	}
}

// Defects: D11.
func TestGoldenForm(t *testing.T) {
	path := location(t)
	s := open(t, path)
	for _, token := range []oauth.Token{
		tokenOf(t, "|alice@x.com:100|1000.AL|secA|1000.rtA|1000.atA||9999999999999||https://www.zohoapis.com"),
		tokenOf(t, `|bob@x.com:200|1000.BO|s,e"c\x|1000.rtB|1000.atB|1000.g|9999999999999|https://cb.example/oauth?x=1&y=2|https://www.zohoapis.eu`),
		{RefreshToken: oauth.NewSecret("1000.rtC")},
	} {
		if _, err := s.Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	want := golden +
		"1,alice@x.com:100,1000.AL,secA,1000.rtA,1000.atA,,9999999999999,,https://www.zohoapis.com\n" +
		`2,bob@x.com:200,1000.BO,"s,e""c\x",1000.rtB,1000.atB,1000.g,9999999999999,https://cb.example/oauth?x=1&y=2,https://www.zohoapis.eu` + "\n" +
		"3,,,,1000.rtC,,,,,\n"
	if got := read(t, path); got != want {
		t.Errorf("wrote\n%s want\n%s", got, want)
	}
	if err := s.DeleteAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != golden {
		t.Errorf("without tokens the file is %q", got)
	}
}

// TestRewrites wants the whole file after one write to files of other shapes.
//
// Defects: D13.
func TestRewrites(t *testing.T) {
	const added = ",carol,,,rc,,,,,"
	for name, c := range map[string]struct{ before, after string }{
		"nine columns to ten": {
			"id,user_mail,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url\r\n7,al,c,s,r,a,g,1,u\r\n",
			"7,al,c,s,r,a,g,1,u,\n8" + added + "\n",
		},
		"six columns to ten": {
			"user_mail,client_id,refresh_token,access_token,grant_token,expiry_time\nal@x,c,r,a,g,1\n",
			"1,al@x,c,,r,a,g,1,,\n2" + added + "\n",
		},
		"six columns among ten":    {golden + "4,al,c,s,r,a,g,1,u,d\nbo@x,c,rb,ab,,1795308985119\n", "4,al,c,s,r,a,g,1,u,d\n5,bo@x,c,,rb,ab,,1795308985119,,\n6" + added + "\n"},
		"six columns, no time yet": {golden + "bo@x,c,rb,ab,gb,\n", "1,bo@x,c,,rb,ab,gb,,,\n2" + added + "\n"},
		"short rows":               {golden + "1,al,c,s,r\n2,bo\n", "1,al,c,s,r,,,,,\n2,bo,,,,,,,,\n3" + added + "\n"},
		"no rows, no line end":     {strings.TrimSuffix(golden, "\n"), "1" + added + "\n"},
		"header twice":             {"id,user_mail,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url\n" + golden + "1,al,c,s,r,a,g,1,u,d\n" + golden, "1,al,c,s,r,a,g,1,u,d\n2" + added + "\n"},
		"junk lines":               {golden + "\n,,,\r\n ,\n1,al,c,s,r,a,g,1,u,d\r\r\n\"\",\"\"\n", "1,al,c,s,r,a,g,1,u,d\n2" + added + "\n"},
		"other IDs":                {golden + "a-b,al,c,s,r,a,g,1,u,d\n900000001,bo,c,s,rb,ab,g,1,u,d\n", "a-b,al,c,s,r,a,g,1,u,d\n900000001,bo,c,s,rb,ab,g,1,u,d\n900000002" + added + "\n"},
		"no IDs left":              {golden + "2147483646,al,c,s,r,a,g,1,u,d\n,bo,c,s,rb,ab,g,1,u,d\n", ""},
		"row not a token":          {golden + "1,al,c,s,r,a,g,soon,u,d\n", "1,al,c,s,r,a,g,soon,u,d\n2" + added + "\n"},
		"quotes that mean nothing": {golden + "1,al,c,\"s,r,a,g,1,\"u,d\n", `1,al,c,"""s",r,a,g,1,"""u",d` + "\n2" + added + "\n"},
		"quotes that swallow":      {golden + "1,al,c,\"s,r,a,g,1,u\",d\n", `1,al,c,"""s",r,a,g,1,"u""",d` + "\n2" + added + "\n"},
		"carriage return inside":   {golden + "1,al,c,s\rx,r,a,g,1,u,d\n", "1,al,c,\"s\rx\",r,a,g,1,u,d\n2" + added + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := settled(t, []byte(c.before))
			_, err := open(t, path).Save(t.Context(), oauth.Token{UserName: "carol", RefreshToken: oauth.NewSecret("rc")})
			if c.after == "" {
				if !errors.Is(err, oauth.ErrInvalidValue) || read(t, path) != c.before {
					t.Errorf("Save: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != golden+c.after {
				t.Errorf("wrote\n%q want\n%q", got, golden+c.after)
			}
		})
	}
}

func TestExtraColumnsStay(t *testing.T) {
	path := settled(t, []byte("\ufeff"+strings.TrimSuffix(golden, "\n")+",note,,\n1,al,c,s,r,a,g,1,u,d,\"a,b\",,\n2,bo,c,s,rb\n3,ca,c,s,rc,a,g,1,u,d,,more\n"))
	s := open(t, path)
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "al", AccessToken: oauth.NewSecret("a2")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "da", RefreshToken: oauth.NewSecret("rd")}); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSuffix(golden, "\n") + ",note\n" + `1,al,c,s,r,a2,g,,u,d,"a,b"` + "\n2,bo,c,s,rb,,,,,,\n3,ca,c,s,rc,a,g,1,u,d,,more\n4,da,,,rd,,,,,,\n"
	if got := read(t, path); got != want {
		t.Errorf("wrote\n%s want\n%s", got, want)
	}
}

func TestStrict(t *testing.T) {
	path := settled(t, []byte(golden+"1,al,c,\"s,x\",r,a,g,1,u,d\n"))
	var logged bytes.Buffer
	strict := newStore(t, csvfile.Config{Path: path, Strict: true})
	lenient := newStore(t, csvfile.Config{Path: path, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	for _, value := range []string{"a,b", `a"b`, `a\b`} {
		token := oauth.Token{UserName: "bo", RefreshToken: oauth.NewSecret("r"), ClientSecret: oauth.NewSecret(value)}
		_, err := strict.Save(t.Context(), token)
		var invalid *oauth.ValueError
		if !errors.As(err, &invalid) || invalid.Column != "client_secret" || strings.Contains(err.Error(), value) {
			t.Errorf("strict Save of %q: %v", value, err)
		}
		if _, err := lenient.Save(t.Context(), token); err != nil {
			t.Errorf("Save of %q: %v", value, err)
		}
		got, err := lenient.Find(t.Context(), oauth.Token{UserName: "bo"})
		if err != nil || got.ClientSecret.Reveal() != value {
			t.Errorf("%q came back as %q, %v", value, got.ClientSecret.Reveal(), err)
		}
	}
	if n := strings.Count(logged.String(), "level=WARN"); n != 1 || strings.Contains(logged.String(), "a,b") {
		t.Errorf("warned %d times: %s", n, logged.String())
	}
	// What is stored already stands in nobody's way.
	if _, err := strict.Save(t.Context(), oauth.Token{UserName: "al", AccessToken: oauth.NewSecret("new")}); err != nil {
		t.Errorf("strict Save over an old value: %v", err)
	}
	// Java and C# cannot insert beside an ID that is no number.
	saved, err := strict.Save(t.Context(), oauth.Token{ID: "x-1", UserName: "ca", RefreshToken: oauth.NewSecret("rc")})
	if err != nil || saved.ID != "3" {
		t.Errorf("strict Save under a text ID: id %q, %v", saved.ID, err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

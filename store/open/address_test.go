package open

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/oauth"
)

func parsed(t *testing.T, storeURL string) (address, error) {
	t.Helper()
	scheme, _, _ := strings.Cut(storeURL, ":")
	p, ok := productOf(scheme)
	if !ok {
		t.Fatalf("%s: no server", storeURL)
	}
	return parse(p, storeURL)
}

func TestParse(t *testing.T) {
	for storeURL, want := range map[string]string{ // as it is shown
		"mysql:":                       "mysql://root@localhost:3306/zohooauth",
		"mysql://":                     "mysql://root@localhost:3306/zohooauth",
		"mysql:///":                    "mysql://root@localhost:3306/zohooauth",
		"mysql:?table=t":               "mysql://root@localhost:3306/zohooauth?table=t",
		"mysql://db.example.com":       "mysql://root@db.example.com:3306/zohooauth",
		"mysql://app:hush@db:3307/x":   "mysql://app@db:3307/x",
		"mysql://:hush@db/x":           "mysql://root@db:3306/x",
		"mysql://a%40b:h%2Fush@db/x":   "mysql://a%40b@db:3306/x",
		"mysql://app@[::1]:3307/x":     "mysql://app@[::1]:3307/x",
		"mysql://u@h/a%2Fb":            "mysql://u@h:3306/a%2Fb",
		"mysql:///x?socket=/run/my.sk": "mysql://root@/x?socket=/run/my.sk",
		"mysql://h/d?tls=verify&ca=/c.pem&password-file=/p&max-conns=5": "mysql://root@h:3306/d?ca=/c.pem&max-conns=5&password-file=/p&tls=verify",
		"postgres:": "postgres://localhost:5432/zohooauth",
		"postgresql://app:hush@h/d?sslmode=verify-full&pooler=transaction": "postgresql://app@h:5432/d?pooler=transaction&sslmode=verify-full",
		"redis:":                         "redis://localhost:6379/0",
		"redis://:hush@h:1/2":            "redis://h:1/2",
		"rediss://app:hush@h/?ca=/c":     "rediss://app:@h:6379/0?ca=/c",
		"redis://app@h?password-file=/p": "redis://app:@h:6379/0?password-file=/p",
		"redis://app:@h":                 "redis://app:@h:6379/0",
		"redis://h?prefix=shop%26%2B":    "redis://h:6379/0?prefix=shop%26%2B",
	} {
		a, err := parsed(t, storeURL)
		if err != nil || a.String() != want {
			t.Errorf("%s: %s, %v; want %s", storeURL, a.String(), err, want)
			continue
		}
		if got := Redact(storeURL); got != want {
			t.Errorf("Redact(%s) = %s", storeURL, got)
		}
		again, err := parsed(t, want)
		if err != nil || again.String() != want {
			t.Errorf("%s is read as %s, %v", want, again.String(), err)
		}
	}
	for storeURL, want := range map[string]string{"mysql://:hu%2Fsh@h/d": "hu/sh", "redis://:hush@h": "hush", "postgres://u:@h": ""} {
		if a, err := parsed(t, storeURL); err != nil || a.password.Reveal() != want {
			t.Errorf("%s: another password, %v", storeURL, err)
		}
	}
}

// TestParseRefuses: each with a password that must not be shown, whatever it is
// taken for.
func TestParseRefuses(t *testing.T) {
	for storeURL, want := range map[string]string{
		"mysql://u:hush@h/d?tabel=x":                 `option "tabel" is not known; mysql:// knows ca, max-conns, password-file, socket, table, tls`,
		"mysql://u:hush@h/d?password=hush":           `option "password" is not known`,
		"mysql://u:hush@h/d?sslmode=require":         `option "sslmode" is not known`,
		"redis://u:hush@h/0?table=x":                 `knows ca, eviction, max-conns, password-file, prefix, socket`,
		"postgres://u:hush@h/d?HUSH%20hush=x":        "option ... is not known",
		"mysql://u:hush@h/d?table=a&table=b":         `option "table" was given twice`,
		"mysql://u:hush@h/d?table=":                  `option "table" is empty`,
		"mysql://u:hush@h/d?table":                   `option "table" is empty`,
		"mysql://u:hush@h/d?tls=yes":                 "tls= is one of verify, off",
		"postgres://u:hush@h/d?sslmode=on":           "sslmode= is one of disable,",
		"postgres://u:hush@h/d?pooler=session":       "pooler= is one of transaction",
		"mysql://u:hush@h/d?max-conns=0":             "max-conns= is a number from 1 to 1000",
		"mysql://u:hush@h/d?max-conns=hush":          "max-conns= is a number",
		"mysql://u:hush@h:0/d":                       "the port is not a number",
		"mysql://u:hush@h:99999/d":                   "the port is not a number",
		"mysql://u:hush@h/d/hush":                    "the name of one database",
		"mysql://u:hush@h/d?socket=/s":               "a host and socket= were given",
		"mysql://u:hush@h/d?password-file=/p":        "a password and password-file= were given",
		"mysql://u:hu%00sh@h/d":                      "control character",
		"mysql://u:hush@h/d%0a":                      "control character",
		"redis://:hush@h/x":                          "the number of a database",
		"redis://:hush@h/-1":                         "the number of a database",
		"mysql://u:hush@h/d?ca=/c&tls=off":           "leave out tls=off",
		"redis://:hush@h/0?ca=/c":                    "write rediss://",
		"mysql://u:hu/sh@h/d":                        "write special characters as %XX",
		"mysql://u:12/hush@h/d":                      "write special characters as %XX",
		"mysql://u:12?hush=hush@h/d":                 "write special characters as %XX",
		"redis://:12#hush@h":                         "write special characters as %XX",
		"mysql://u:hush%zz@h/d":                      "write special characters as %XX",
		"mysql://u:hu sh@h/d":                        "write special characters as %XX",
		"mysql:u:hush@h/d":                           "write special characters as %XX",
		"redis://:hush0hush:":                        "write special characters as %XX",
		"redis://hush@h:1,hush@h:2/0":                "write special characters as %XX",
		"redis://hush@h,hush:hush@h":                 "write special characters as %XX",
		"mysql:/hush":                                "write special characters as %XX",
		"mysql://h/d?a=%zz":                          "write special characters as %XX",
		"mysql://u:hush@h/d;hush?x;y":                "write special characters as %XX",
		"mysql://h/d#hush":                           "write special characters as %XX",
		"mysql://u:hush@h:port/d":                    "write special characters as %XX",
		"mysql://u:hush@h\n/d":                       "write special characters as %XX",
		"postgres://u:hush@one,two:hush/d?pooler=hu": "%XX",
	} {
		a, err := parsed(t, storeURL)
		if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", storeURL, a.String(), err, want)
			continue
		}
		for what, shown := range map[string]string{"the error": err.Error(), "Redact": Redact(storeURL)} {
			if strings.Contains(strings.ToLower(shown), "hush") || strings.Contains(shown, "12") || strings.Contains(shown, "\n") {
				t.Errorf("%q: %s shows %q", storeURL, what, shown)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	for storeURL, want := range map[string]string{
		"csv:a b.csv": "csv:a b.csv", "sqlite:/x/t.db": "sqlite:/x/t.db", "sqlite::memory:": "sqlite::memory:", "memory:": "memory:",
		"": "...", "hush": "...", "mariadb://u:hush@h/d": "mariadb:...", "HUSH hush:x": "...:...", "csv://u:hush@h": "csv:...", "memory:hush": "memory:...",
	} {
		if got := Redact(storeURL); got != want {
			t.Errorf("Redact(%q) = %q, want %q", storeURL, got, want)
		}
	}
}

func TestSame(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "t.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		link = file // where there are no links
	}
	t.Chdir(dir)
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"csv:t.csv", "csv:" + file, true},
		{"csv:t.csv", "csv:" + link, true},
		{"csv:t.csv", "sqlite:./t.csv", true},
		{"csv:new.csv", "csv:./new.csv", true},
		{"csv:t.csv", "csv:new.csv", false},
		{"memory:", "memory:", false},
		{"sqlite::memory:", "sqlite::memory:", false},
		{"mysql:", "mysql://app:x@127.0.0.1:3306/zohooauth?table=oauthtoken", true},
		{"mysql://H/d", "mysql://h:3306/d?tls=verify", true},
		{"mysql://h/d", "mysql://h/e", false},
		{"mysql://h/d", "mysql://h/d?table=other", false},
		{"mysql://h/d", "postgres://h:3306/d", false},
		{"mysql:///d?socket=/s", "mysql:?socket=/s", false},
		{"postgres://h/d", "postgresql://h:5432/d?pooler=transaction", true},
		{"redis://h", "rediss://:pw@h/0?prefix=zohocrm", true},
		{"redis://h", "redis://h/1", false},
		{"redis://h", "redis://h?prefix=x", false},
		{"redis://h", "nonsense", false},
	} {
		if Same(c.a, c.b) != c.want || Same(c.b, c.a) != c.want {
			t.Errorf("Same(%s, %s) is not %v", c.a, c.b, c.want)
		}
	}
}

func TestWhereThePasswordIs(t *testing.T) {
	for storeURL, want := range map[string][2]bool{ // needs one, has one
		"csv:x": {}, "memory:": {}, "sqlite:/a b": {}, "sqlite::memory:": {}, "mysql:": {true, false}, "mysql://u:p@h": {false, true},
		"mysql://u:p%zz@h": {false, true}, "redis://h?password-file=/p": {}, "postgres://u@h": {true, false},
		// What cannot be understood could hold one.
		"nonsense": {false, true}, "Mysql://u:p@h/db": {false, true}, " mysql://u:p@h/db": {false, true}, "u:p@tcp(h)/db": {false, true},
		"host=h password=p": {false, true}, "csv://u:p@h/db": {false, true}, "sqlite://u:p@h": {false, true}, "memory:p": {false, true},
		"csv:": {false, true}, "": {false, true}, "postgres://h?password=p": {false, true},
		"redis://word@h": {true, true}, "redis://word@h?password-file=/p": {}, "redis://u:@h": {true, false},
	} {
		if NeedsPassword(storeURL) != want[0] || HasPassword(storeURL) != want[1] {
			t.Errorf("%s: needs %v, has %v; want %v", storeURL, NeedsPassword(storeURL), HasPassword(storeURL), want)
		}
	}
}

// TestWordAlone: what stands alone before the @ of a Redis URL may be a user's
// name or, as redis-cli takes it, a password. It is never shown, and without a
// password from elsewhere it is refused before a server hears of it.
//
// Defects: D20.
func TestWordAlone(t *testing.T) {
	for _, storeURL := range []string{
		"redis://hush@127.0.0.1:1/0", "rediss://hush@127.0.0.1:1/0?max-conns=2", "redis://hush@[::1]:1", "redis://h%75sh@127.0.0.1:1",
		"redis://127.0.0.1,hush@127.0.0.1:1", "redis://hush@?socket=/no/such",
	} {
		scheme, _, _ := strings.Cut(storeURL, ":")
		s, err := URL(t.Context(), storeURL, Config{})
		if err == nil {
			s.Close()
		}
		if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), scheme+"://:PASSWORD@HOST") {
			t.Errorf("%s: %v", storeURL, err)
			continue
		}
		shown := Redact(storeURL)
		if !strings.HasPrefix(shown, scheme+"://...@") || Redact(shown) != shown {
			t.Errorf("%s is shown as %s", storeURL, shown)
		}
		for _, text := range []string{err.Error(), shown} {
			if strings.Contains(text, "hush") || strings.Contains(text, "h%75sh") {
				t.Errorf("%s: told: %s", storeURL, text)
			}
		}
		// With a password from elsewhere it is a name.
		s, err = URL(t.Context(), storeURL, Config{Password: oauth.NewSecret("other")})
		if err == nil {
			s.Close()
		}
		if errors.Is(err, ErrUnsupported) || !errors.Is(err, oauth.ErrStoreUnavailable) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s with a password: %v", storeURL, err)
		}
	}
	// A user without a password would be let in as another, the default.
	if _, err := URL(t.Context(), "redis://app:@127.0.0.1:1", Config{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a user without a password: %v", err)
	}
}

// A prefix that no store can have is wrong usage, before the server is asked.
func TestBadPrefix(t *testing.T) {
	_, err := URL(t.Context(), "redis://127.0.0.1:1/0?prefix=a%20b", Config{})
	if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "prefix") {
		t.Error(err)
	}
}

func TestPassword(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	given := Config{Password: oauth.NewSecret("given")}
	for storeURL, want := range map[string]string{
		"mysql:":         "given",
		"mysql://:own@h": "own",
		"mysql://h?password-file=" + write("good", "of the file\r\n"): "of the file",
		"mysql://h?password-file=" + write("space", " kept "):         " kept ",
	} {
		a, err := parsed(t, storeURL)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := a.secret(given); err != nil || got.Reveal() != want {
			t.Errorf("%s: another password, %v", storeURL, err)
		}
	}
	for name, want := range map[string]string{
		write("empty", "\n"): "one line", write("two", "hush\nhush\n"): "one line",
		write("long", strings.Repeat("hush", maxFile)): "too long", filepath.Join(dir, "none"): "no such file", dir: "directory",
	} {
		a, err := parsed(t, "mysql://h?password-file="+name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.secret(given); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	a, err := parsed(t, "mysql://h?tls=verify&ca="+write("no.pem", "hush"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.authorities(); err == nil || !strings.Contains(err.Error(), "no PEM certificate") {
		t.Errorf("%v", err)
	}
}

// FuzzURL: whatever stands where a password is expected, neither the error nor
// the URL as it is shown holds it.
//
// Defects: D20.
func FuzzURL(f *testing.F) {
	for _, seed := range [][3]string{
		{"mysql://u:", "", "@h/d?table=x"}, {"postgres://", "/", "@h/d"}, {"redis://:", "?x=", "@h/0"}, {"mysql:", "#", ""},
		{"rediss://u:", "%zz", "@[::1]:1/2"}, {"redis://", "", "@h/0"}, {"redis://", "@h:1,", "@h:2"}, {"mysql://h/d?password=", "&table=", ""}, {"postgres://u:1", "", "2@h"}, {"csv:", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	const planted = "S3CR3T"
	f.Fuzz(func(t *testing.T, before, within, after string) {
		storeURL := before + planted + within + planted + after
		shown := Redact(storeURL)
		if Redact(shown) != shown && shown != "..." && !strings.HasSuffix(shown, ":...") {
			t.Errorf("%q is shown as %q, and that as %q", storeURL, shown, Redact(shown))
		}
		scheme, rest, _ := strings.Cut(storeURL, ":")
		p, ok := productOf(scheme)
		if !ok {
			return
		}
		a, err := parse(p, storeURL)
		secretPlace := strings.HasPrefix(rest, "//:"+planted) || strings.HasPrefix(rest, "//u:"+planted)
		if err != nil && strings.Contains(err.Error(), planted) {
			t.Errorf("%q: the error shows it: %v", storeURL, err)
		}
		if err == nil && secretPlace && strings.Contains(after, "@") && strings.Contains(shown, planted) {
			t.Errorf("%q is shown as %q", storeURL, shown)
		}
		if err != nil && strings.Contains(shown, planted) {
			t.Errorf("%q, refused, is shown as %q", storeURL, shown)
		}
		// Where redis-cli takes a password, alone before the @.
		alone := p.name == "redis" && strings.HasPrefix(rest, "//"+planted) && strings.HasPrefix(after, "@")
		if alone && strings.Contains(shown, planted) && !strings.Contains(within+after, ":") && !strings.Contains(after, "password-file") {
			t.Errorf("%q is shown as %q", storeURL, shown)
		}
		_ = a.String()
	})
}

package cli

import (
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/open"
)

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("something"), exitFailed},
		{usagef("wrong"), exitUsage},
		{sayf("wrong; do this"), exitUsage},
		{advise(usagef("wrong"), "do this"), exitUsage},
		{&oauth.AmbiguousError{}, exitUsage},
		{oauth.ErrIncompleteKey, exitUsage},
		{open.ErrUnsupported, exitUsage},
		{oauth.ErrNotFound, exitNotFound},
		{crm.ErrNotFound, exitNotFound},
		{oauth.ErrReauthRequired, exitConsent},
		{oauth.ErrGrantExpired, exitConsent},
		{oauth.ErrConsentRefused, exitConsent},
		{crm.ErrInvalidToken, exitConsent},
		{crm.ErrScope, exitConsent},
		{oauth.ErrBadState, exitFailed},
		{&oauth.ThrottledError{}, exitThrottled},
		{crm.ErrThrottled, exitThrottled},
		{oauth.ErrClientConfig, exitFailed},
		{oauth.ErrUnreachable, exitFailed},
		{oauth.ErrOutcomeUnknown, exitFailed},
		{oauth.ErrStoreUnavailable, exitFailed},
		{oauth.ErrMismatch, exitFailed},
		{oauth.ErrConflict, exitFailed},
		{&oauth.CorruptError{}, exitFailed},
		{&oauth.ValueError{}, exitFailed},
		{dc.ErrUntrusted, exitFailed},
		// A refused call whose fresh token was refused too: what the user can do
		// is decided by the second.
		{fmt.Errorf("%w: no fresh token: %w", crm.ErrInvalidToken, &oauth.ThrottledError{}), exitThrottled},
		{fmt.Errorf("%w: no fresh token: %w", crm.ErrInvalidToken, oauth.ErrReauthRequired), exitConsent},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
		if wrapped := exitCode(fmt.Errorf("in some place: %w", c.err)); c.err != nil && wrapped != c.want {
			t.Errorf("%v, wrapped: exit code %d, want %d", c.err, wrapped, c.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                  "plain",
		"two\nlines\r\n":         "two lines",
		"a\x1b[31mred\x07\x00b":  "a[31mredb",
		" \ttabs ":               "tabs",
		"über ein Wort: 日本":      "über ein Wort: 日本",
		"not \xff\xfe UTF-8":     "not \ufffd\ufffd UTF-8",
		"right\u202eto left":     "rightto left",
		"non-breaking\u00a0here": "non-breakinghere",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSpell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Millisecond: "0s", 10 * time.Second: "10s", time.Minute: "1m", 90 * time.Second: "1m30s",
		time.Hour: "1h", 2*time.Hour + 59*time.Minute + 59*time.Second: "2h59m", 3*time.Hour + time.Second: "3h",
		24 * time.Hour: "1d", 51*time.Hour + time.Minute: "2d3h", 24*time.Hour + 5*time.Minute: "1d",
	} {
		if got := spell(d); got != want {
			t.Errorf("spell(%s) = %s, want %s", d, got, want)
		}
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for expiry, want := range map[time.Time]string{
		{}:                               "not known",
		now.Add(59 * time.Minute):        "59m left",
		now:                              "over since 0s",
		now.Add(-61 * time.Second):       "over since 1m1s",
		now.Add(1500 * time.Microsecond): "over since 0s",
	} {
		if got := left(expiry, now); got != want {
			t.Errorf("left(%s) = %s, want %s", expiry, got, want)
		}
	}
}

func TestStateFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths of this table are not absolute there")
	}
	type env map[string]string
	for _, c := range []struct {
		goos string
		env  env
		want string
	}{
		{"linux", env{"HOME": "/home/a"}, "/home/a/.local/state/zcrm"},
		{"linux", env{"HOME": "/home/a", "XDG_STATE_HOME": "/var/state"}, "/var/state/zcrm"},
		{"linux", env{"HOME": "/home/a", "XDG_STATE_HOME": "relative"}, "/home/a/.local/state/zcrm"},
		{"freebsd", env{"HOME": "/home/a"}, "/home/a/.local/state/zcrm"},
		{"darwin", env{"HOME": "/Users/a", "XDG_STATE_HOME": "/x"}, "/Users/a/Library/Application Support/zcrm"},
		{"windows", env{"AppData": "/c/Users/a/AppData/Roaming", "HOME": "/x"}, "/c/Users/a/AppData/Roaming/zcrm"},
		{"linux", env{}, ""},
		{"linux", env{"HOME": "relative"}, ""},
		{"windows", env{"HOME": "/x"}, ""},
	} {
		got, err := stateFolder(c.goos, func(name string) string { return c.env[name] })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %v: %q, %v; want %q", c.goos, c.env, got, err, c.want)
		}
	}
}

func TestPrecedence(t *testing.T) {
	type env map[string]string
	const gate, gate2 = "https://gate.example.com", "https://other.example.com"
	us, eu := "https://accounts.zoho.com", "https://accounts.zoho.eu"
	for _, c := range []struct {
		name     string
		args     []string
		env      env
		accounts string
		api      string
	}{
		{"default", nil, nil, us, "https://www.zohoapis.com"},
		{"environment", nil, env{"ZCRM_DC": "eu", "ZCRM_ENV": "sandbox"}, eu, "https://sandbox.zohoapis.eu"},
		{"flag over environment", []string{"--dc", "us", "--env", "developer"}, env{"ZCRM_DC": "eu", "ZCRM_ENV": "sandbox"}, us, "https://developer.zohoapis.com"},
		{"any case", []string{"--dc", "EU"}, nil, eu, "https://www.zohoapis.eu"},
		{"own accounts server", []string{"--accounts-url", gate}, nil, gate, gate},
		{"own accounts and API", []string{"--accounts-url", gate, "--api-url", gate2 + "/api/"}, nil, gate, gate2 + "/api"},
		{"own API from the environment", []string{"--accounts-url", gate}, env{"ZCRM_API_URL": gate2}, gate, gate2},
		{"own server over data centre, flags", []string{"--accounts-url", gate, "--dc", "eu"}, nil, gate, gate},
		{"own server over data centre, environment", nil, env{"ZCRM_ACCOUNTS_URL": gate, "ZCRM_DC": "eu"}, gate, gate},
		{"flag data centre over environment's server", []string{"--dc", "eu"}, env{"ZCRM_ACCOUNTS_URL": gate}, eu, "https://www.zohoapis.eu"},
		{"custom by name", []string{"--dc", "custom"}, env{"ZCRM_ACCOUNTS_URL": gate}, gate, gate},
		{"own server has no environments", []string{"--env", "sandbox"}, env{"ZCRM_ACCOUNTS_URL": gate}, gate, gate},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newApp(nil, nil, nil, nil)
			cmd := newRootCmd(a)
			if err := cmd.ParseFlags(c.args); err != nil {
				t.Fatal(err)
			}
			set, err := a.flags.resolve(cmd.Flags(), func(name string) string { return c.env[name] })
			if err != nil {
				t.Fatal(err)
			}
			if set.home.AccountsURL != c.accounts || set.home.APIURL(set.environment) != c.api {
				t.Errorf("%s and %s, want %s and %s", set.home.AccountsURL, set.home.APIURL(set.environment), c.accounts, c.api)
			}
			// What the environment or a flag names is trusted even where another
			// data centre is home, so that its rows go on working.
			if own := c.env["ZCRM_ACCOUNTS_URL"]; own != "" {
				u, _ := url.Parse(own + "/oauth/v2/token")
				if err := set.directory.Check(u); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestPrecedenceOfTexts(t *testing.T) {
	for _, c := range []struct {
		name      string
		args      []string
		env       []string
		store, id string
		secret    string
	}{
		{"environment", nil, []string{"ZCRM_STORE=csv:e", "ZCRM_CLIENT_ID=e", "ZCRM_CLIENT_SECRET=e"}, "csv:e", "e", "e"},
		{"flags", []string{"--store", "csv:f", "--client-id", "f", "--client-secret", "f"}, []string{"ZCRM_STORE=csv:e", "ZCRM_CLIENT_ID=e", "ZCRM_CLIENT_SECRET=e"}, "csv:f", "f", "f"},
		{"an empty flag counts", []string{"--client-id", ""}, []string{"ZCRM_STORE=csv:e", "ZCRM_CLIENT_ID=e"}, "csv:e", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newApp(nil, nil, nil, c.env)
			cmd := newRootCmd(a)
			if err := cmd.ParseFlags(c.args); err != nil {
				t.Fatal(err)
			}
			if err := a.prepare(cmd); err != nil {
				t.Fatal(err)
			}
			secret, err := a.clientSecret()
			if err != nil {
				t.Fatal(err)
			}
			if a.set.storeURL != c.store || a.set.clientID != c.id || secret.Reveal() != c.secret {
				t.Errorf("%s, %s, %s; want %s, %s, %s", a.set.storeURL, a.set.clientID, secret.Reveal(), c.store, c.id, c.secret)
			}
		})
	}
}

func TestQuoteAll(t *testing.T) {
	got := quoteAll([]string{"A=1000.ab_c-d", "B=", "C=two words", "D=it's $HOME"})
	want := []string{"A=1000.ab_c-d", "B=", "C='two words'", `D='it'\''s $HOME'`}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s, want %s", got[i], want[i])
		}
	}
}

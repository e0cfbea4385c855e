package open_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/open"
)

// servers are the URLs of empty stores on real servers.
func servers(t *testing.T) map[string]string {
	redis, prefix := servertest.Redis(t)
	return map[string]string{
		"mysql": servertest.MySQL(t), "postgres": servertest.Postgres(t),
		"pgbouncer": servertest.PgBouncer(t) + "&pooler=transaction", "redis": redis + "?prefix=" + prefix,
	}
}

// TestBadNames: a name in a URL that cannot be one is a fault of the URL, as any other
// option that is wrong.
func TestBadNames(t *testing.T) {
	mysql, postgres := servertest.MySQL(t), servertest.Postgres(t)
	u, err := url.Parse(mysql)
	if err != nil {
		t.Fatal("not a URL")
	}
	u.Path = "/a.b"
	for bad, want := range map[string]string{
		mysql + "?table=a'b": "table name", postgres + "&table=a'b": "table name", u.String(): "database name",
	} {
		s, err := open.URL(t.Context(), bad, open.Config{})
		if err == nil {
			s.Close()
		}
		if !errors.Is(err, open.ErrUnsupported) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %v: %s", err, open.ErrUnsupported, want)
		}
	}
}

func TestServers(t *testing.T) {
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, storeURL := range servers(t) {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, storeURL, open.Config{Now: func() time.Time { return clock }})
			saved, err := s.Save(t.Context(), alice())
			if err != nil || !saved.CreatedAt.Equal(clock) {
				t.Fatal(saved, err)
			}
			if err := s.SaveAll(t.Context(), slices.Values([]oauth.Token{{UserName: "bob", RefreshToken: oauth.NewSecret("b")}})); err != nil {
				t.Error(err)
			}
			if probe, ok := oauth.ProberOf(s); !ok || probe.Probe(t.Context()) != nil {
				t.Error("the store cannot be probed")
			}
			if _, ok := s.Unwrap().(oauth.Batch); !ok {
				t.Error("it is no Batch")
			}
			// The password apart, and from a file; and one connection is enough.
			u, err := url.Parse(storeURL)
			if err != nil {
				t.Fatal("not a URL")
			}
			password, _ := u.User.Password()
			file := filepath.Join(t.TempDir(), "password")
			if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			u.User = url.User(u.User.Username())
			bare := u.String()
			u.RawQuery = strings.TrimPrefix(u.RawQuery+"&max-conns=1&password-file="+url.QueryEscape(file), "&")
			for _, again := range []*open.Store{
				mustOpen(t, bare, open.Config{Password: oauth.NewSecret(password)}), mustOpen(t, u.String(), open.Config{}),
			} {
				n := 0
				for token, err := range again.List(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if found, err := again.Get(t.Context(), token.ID); err != nil || found.Version != token.Version {
						t.Error(found, err)
					}
					n++
				}
				if n != 2 {
					t.Errorf("%d rows instead of 2", n)
				}
			}
			if shown := open.Redact(storeURL); strings.Contains(shown, password) || !strings.Contains(shown, u.Host) {
				t.Errorf("shown as %s", shown)
			}
		})
	}
}

// TestServerErrors: a wrong password, and nobody there: one line, soon, without
// the password.
func TestServerErrors(t *testing.T) {
	for name, storeURL := range servers(t) {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(storeURL)
			if err != nil {
				t.Fatal("not a URL")
			}
			right, _ := u.User.Password()
			fails := func(what, word string) {
				t.Helper()
				begun := time.Now()
				s, err := open.URL(t.Context(), u.String(), open.Config{})
				if err == nil {
					s.Close()
				}
				if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), word) {
					t.Errorf("%s: %v, want %q", what, err, word)
					return
				}
				if text := err.Error(); strings.Contains(text, "planted") || strings.Contains(text, right) || strings.Contains(text, "\n") {
					t.Errorf("%s: %q shows a secret, or has several lines", what, text)
				}
				if took := time.Since(begun); took > 5*time.Second {
					t.Errorf("%s: it took %v", what, took)
				}
			}
			u.User = url.UserPassword(u.User.Username(), "planted")
			word := "password"
			if name == "pgbouncer" {
				word = "authentication" // in its own words
			}
			fails("wrong password", word)
			u.Host = "127.0.0.1:1"
			fails("nobody there", "")
		})
	}
}

// A server that accepts and says nothing holds nobody longer than the context.
func TestServerSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, scheme := range []string{"mysql", "postgres", "redis", "rediss"} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		begun := time.Now()
		s, err := open.URL(ctx, scheme+"://u:planted@"+l.Addr().String()+"/0", open.Config{})
		cancel()
		if err == nil {
			s.Close()
			t.Fatalf("%s: it was opened", scheme)
		}
		if took := time.Since(begun); took > 5*time.Second || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v after %v", scheme, err, took)
		}
	}
}

// The socket of a MariaDB, where root needs no password.
func TestSocket(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root is let in without a password")
	}
	u, err := url.Parse(servertest.MySQL(t))
	if err != nil {
		t.Fatal("not a URL")
	}
	s := mustOpen(t, "mysql://"+u.Path+"?socket="+servertest.MySQLSocket(t), open.Config{})
	if _, err := s.Save(t.Context(), alice()); err != nil {
		t.Error(err)
	}
}

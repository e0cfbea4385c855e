package open_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func alice() oauth.Token {
	return oauth.Token{UserName: "alice", ClientID: "1000.X", RefreshToken: oauth.NewSecret("r")}
}

func mustOpen(t *testing.T, url string, cfg open.Config) *open.Store {
	t.Helper()
	s, err := open.URL(t.Context(), url, cfg)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	})
	return s
}

// Defects: D18.
func TestURL(t *testing.T) {
	dir := t.TempDir()
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, url := range []string{
		"memory:", "sqlite::memory:", "csv:" + filepath.Join(dir, "t.csv"), "sqlite:" + filepath.Join(dir, "t.db"),
		"csv:" + filepath.Join(dir, "100%41 sure?#.csv"), "sqlite:" + filepath.Join(dir, "new", "100%41 sure.db"),
	} {
		t.Run(url, func(t *testing.T) {
			s := mustOpen(t, url, open.Config{Now: func() time.Time { return clock }})
			saved, err := s.Save(t.Context(), alice())
			if err != nil {
				t.Fatal(err)
			}
			if !saved.CreatedAt.Equal(clock) {
				t.Errorf("created at %s: Config.Now is not used", saved.CreatedAt)
			}
			probe, ok := oauth.ProberOf(s)
			if !ok {
				t.Fatal("the store's Probe is not found")
			}
			if err := probe.Probe(t.Context()); err != nil {
				t.Error(err)
			}
			// A file is there again when it is opened again, and only its owner can
			// read it.
			_, path, _ := strings.Cut(url, ":")
			if path == "" || path == ":memory:" {
				return
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v", info.Mode().Perm())
			}
			found, err := mustOpen(t, url, open.Config{}).Find(t.Context(), oauth.Token{UserName: "alice"})
			if err != nil || found.RefreshToken != saved.RefreshToken {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	const password = "planted-password"
	for url, want := range map[string]string{
		"":                                       "it has no scheme",
		"tokens.csv":                             "it has no scheme",
		password:                                 "it has no scheme",
		"csv:":                                   "csv: needs a path",
		"sqlite:":                                "sqlite: needs a path",
		"csv:///var/t.csv":                       "as in csv:/var/lib/tokens",
		"sqlite://t.db":                          "as in sqlite:/var/lib/tokens",
		"csv:~/t.csv":                            "write it in full",
		"csv:~":                                  "write it in full",
		"memory:x":                               "memory: stands alone",
		"CSV:x":                                  `scheme "CSV"`,
		"mariadb://u:" + password + "@h:3306/db": `scheme "mariadb"; supported are csv:PATH, sqlite:PATH, sqlite::memory:, memory:, mysql://, postgres://, redis:// and rediss://`,
		"mysql://u:" + password + "@h:port/db":   `it is not mysql://[USER[:PASSWORD]@]HOST`,
		password + " x:y":                        `scheme "..."`,
		strings.Repeat("x", 100) + ":y":          `scheme "..."`,
	} {
		s, err := open.URL(t.Context(), url, open.Config{})
		if !errors.Is(err, open.ErrUnsupported) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%q: the password is in the error", url)
		}
		if s != nil {
			t.Errorf("%q: a store was opened", url)
		}
	}
}

func TestCannotOpen(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "text")} {
		if path != dir {
			if err := os.WriteFile(path, []byte("roses are red, violets are blue\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := open.URL(t.Context(), "sqlite:"+path, open.Config{})
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", path)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "text-wal")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was left beside the file: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := open.URL(over, "sqlite:"+filepath.Join(dir, "late.db"), open.Config{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	if err == nil {
		s.Close()
	}
}

// Defects: D18.
func TestOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes say nothing there")
	}
	for _, scheme := range []string{"csv", "sqlite"} {
		path := filepath.Join(t.TempDir(), "tokens")
		s := mustOpen(t, scheme+":"+path, open.Config{})
		if _, err := s.Save(t.Context(), alice()); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		again := mustOpen(t, scheme+":"+path, open.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if _, err := again.Find(t.Context(), oauth.Token{UserName: "alice"}); err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), path) {
			t.Errorf("%s: no warning: %s", scheme, log.String())
		}
	}
}

func ExampleURL() {
	ctx := context.Background()
	store, err := open.URL(ctx, "sqlite::memory:", open.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	_, err = store.Save(ctx, oauth.Token{UserName: "alice", ClientID: "1000.X", RefreshToken: oauth.NewSecret("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	row, err := store.Find(ctx, oauth.Token{UserName: "alice"})
	fmt.Println(row.UserName, row.RefreshToken, err)

	_, err = open.URL(ctx, "mysql://zoho:secret@localhost/zohooauth?sslmode=require", open.Config{})
	fmt.Println(err)
	// Output:
	// alice sha256:2bb80d537b1d <nil>
	// store URL is not supported: option "sslmode" is not known; mysql:// knows ca, max-conns, password-file, socket, table, tls
}

func ExampleRedact() {
	fmt.Println(open.Redact("mysql://zoho:secret@db.example.com/zohooauth?table=tokens"))
	// Output:
	// mysql://zoho@db.example.com:3306/zohooauth?table=tokens
}

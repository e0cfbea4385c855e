package rediskv

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
)

// tells wants an error that says the store is not available, why, and no secret.
func tells(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("%s: %v; want %q", what, err, oauth.ErrStoreUnavailable)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v; want it to say %q", what, err, word)
		}
	}
	if text := err.Error(); strings.Contains(text, "hush") || strings.Contains(text, "\n") {
		t.Errorf("%s: the error tells a secret or has several lines: %q", what, text)
	}
}

// writes are the methods that change something, by name.
func writes(s *Store, id string) map[string]error {
	ctx := context.Background()
	errs := map[string]error{"Delete": s.Delete(ctx, id, ""), "DeleteAll": s.DeleteAll(ctx), "Probe": s.Probe(ctx)}
	_, errs["Save"] = s.Save(ctx, user("bob"))
	_, errs["Save as an update"] = s.Save(ctx, oauth.Token{ID: id, AccessToken: secret("new")})
	return errs
}

func TestOpenErrors(t *testing.T) {
	server := servertest.StartRedis(t)
	for name, c := range map[string]struct {
		user *url.Userinfo
		word string
		next string
	}{
		"no password":      {nil, "wants a password", "redis://:PASSWORD@HOST"},
		"wrong password":   {url.UserPassword("", "hush"), "password is wrong", "redis://:PASSWORD@HOST"},
		"unknown user":     {url.UserPassword("nobody", "hush"), "password is wrong", "redis://:PASSWORD@HOST"},
		"nobody's machine": {url.UserPassword("", "hush"), "cannot be reached", "see that it runs, and that the address is right"},
		"no database":      {nil, "has no database 99", "raise databases in its configuration"},
	} {
		u, err := url.Parse(server.URL())
		if err != nil {
			t.Fatal("not a URL")
		}
		switch name {
		case "nobody's machine":
			u.User, u.Host = c.user, "127.0.0.1:1"
		case "no database":
			u.Path = "/99"
		default:
			u.User = c.user
		}
		begun := time.Now()
		_, err = New(t.Context(), client(t, u.String()), Config{})
		tells(t, name, err, c.word, c.next)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: the error took %v", name, took)
		}
	}
}

// A server that does not speak TLS waits for the end of a line; one that does hangs
// up on everybody else. The error says at which end to look.
func TestOpenWithTheWrongEnd(t *testing.T) {
	options, err := Options(servertest.StartRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	options.TLSConfig, options.DialTimeout = &tls.Config{MinVersion: tls.VersionTLS12}, 200*time.Millisecond
	c := redis.NewClient(options)
	t.Cleanup(func() { c.Close() })
	_, err = New(t.Context(), c, Config{})
	tells(t, "TLS", err, "cannot be reached", "speaks TLS", "redis://")

	web := httptest.NewUnstartedServer(nil)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	t.Cleanup(web.Close)
	_, err = New(t.Context(), client(t, "redis://:hush@"+web.Listener.Addr().String()), Config{})
	tells(t, "no TLS", err, "cannot be reached", "rediss://")
	// Not what only looks like it.
	_, err = New(t.Context(), client(t, "rediss://:hush@"+web.Listener.Addr().String()), Config{})
	tells(t, "unknown authority", err, "certificate", "authority")
}

func TestFullMemory(t *testing.T) {
	s := at(t, servertest.StartRedis(t).URL(), Config{})
	ctx := t.Context()
	alice := save(t, s, user("alice"))
	bob := save(t, s, user("bob"))
	s.client.ConfigSet(ctx, "maxmemory", "1")
	before := dump(t, s)
	_, err := s.Save(ctx, user("carol"))
	tells(t, "Save", err, "memory is full")
	_, err = s.Save(ctx, oauth.Token{ID: alice.ID, RefreshToken: secret("new")})
	tells(t, "Save as an update", err, "memory is full")
	tells(t, "Probe", s.Probe(ctx), "memory is full")
	if strings.Join(dump(t, s), "\n") != strings.Join(before, "\n") {
		t.Error("something was written")
	}
	// What is there can be read, and what takes no memory works.
	if got, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got.ID != alice.ID {
		t.Errorf("Find: %v, %v", got, err)
	}
	if err := s.Delete(ctx, bob.ID, bob.Version); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if err := s.DeleteAll(ctx); err != nil {
		t.Errorf("DeleteAll: %v", err)
	}
	s.client.ConfigSet(ctx, "maxmemory", "0")
	if got := save(t, s, user("dave")); got.ID != "3" {
		t.Errorf("the next row has id %s, want 3", got.ID)
	}
}

func TestReplica(t *testing.T) {
	s := at(t, servertest.StartRedis(t).URL(), Config{})
	alice := save(t, s, user("alice"))
	// A replica of nobody keeps its data and refuses to be written.
	if err := s.client.SlaveOf(t.Context(), "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	for method, err := range writes(s, alice.ID) {
		tells(t, method, err, "replica")
	}
	if got, err := s.Get(t.Context(), alice.ID); err != nil || got.Version != alice.Version {
		t.Errorf("Get: %v, %v", got, err)
	}
}

func TestEviction(t *testing.T) {
	server := servertest.StartRedis(t, "maxmemory-policy allkeys-lru")
	at(t, server.URL(), Config{}) // without a limit nothing is thrown away
	c := client(t, server.URL())
	c.ConfigSet(t.Context(), "maxmemory", "100mb")
	_, err := New(t.Context(), c, Config{})
	tells(t, "New", err, "allkeys-lru", "AllowEviction")
	at(t, server.URL(), Config{AllowEviction: true})
	c.ConfigSet(t.Context(), "maxmemory-policy", "volatile-lru")
	at(t, server.URL(), Config{})
}

func TestPrefix(t *testing.T) {
	url, _ := servertest.Redis(t)
	for _, prefix := range []string{"a{b", "a}b", "a b", "a\nb", "é", strings.Repeat("x", maxPrefix+1)} {
		if _, err := New(t.Context(), client(t, url), Config{Prefix: prefix}); err == nil {
			t.Errorf("the prefix %q was taken", prefix)
		}
	}
}

func TestClientWithoutDeadlines(t *testing.T) {
	for _, c := range []redis.UniversalClient{
		redis.NewClient(&redis.Options{}), redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}}),
		redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"one": "127.0.0.1:1"}}),
	} {
		if _, err := New(t.Context(), c, Config{}); err == nil || !strings.Contains(err.Error(), "ContextTimeoutEnabled") {
			t.Errorf("%T: %v", c, err)
		}
		c.Close()
	}
}

func TestOptionsHideThePassword(t *testing.T) {
	for _, url := range []string{
		"redis://:hu/sh@host", "redis://:hu?sh@host", "redis://user:hu#sh@host:x", "redis://:%zzhush@host", "hush://host",
		"redis://host/0?hush=1", "redis://host/hush", "unix://", "hush",
	} {
		_, err := Options(url)
		if err == nil || strings.Contains(err.Error(), "sh@") || strings.Contains(err.Error(), "hu") && !strings.Contains(errURL.Error(), "hu") {
			t.Errorf("Options(%q): %v", url, err)
		}
	}
}

// Before Redis 7 an error inside a script is reported in other words.
func TestCodeOf(t *testing.T) {
	for answer, want := range map[string]string{
		"NOAUTH Authentication required.":           "NOAUTH",
		"ERR DB index is out of range":              "ERR DB index",
		"ERR SELECT is not allowed in cluster mode": "ERR DB index",
		"ERR invalid password":                      "WRONGPASS",
		"ERR The user executing the script can't run this command or subcommand script: 0123, on @user_script:9.":                              "NOPERM",
		"OOM command not allowed when used memory > 'maxmemory'. script: 0123, on @user_script:9.":                                             "OOM",
		"ERR Error running script (call to f_0123): @user_script:9: @user_script: 9: -OOM command not allowed when used memory > 'maxmemory'.": "OOM",
		"ERR Error running script (call to f_0123): @user_script:9: WRONGTYPE Operation against a key holding the wrong kind of value":         "WRONGTYPE",
		"ERR Error running script (call to f_0123): @user_script:9: @user_script: 9: -READONLY You can't write against a read only replica.":   "READONLY",
		"ERR unknown command `EVALSHA`, with args beginning with: `hush`":                                                                      "ERR",
		"-READONLY You can't write against a read only replica.":                                                                               "-READONLY",
	} {
		if got := codeOf(answer); got != want {
			t.Errorf("codeOf(%q) = %q, want %q", answer, got, want)
		}
	}
}

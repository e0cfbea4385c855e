package servertest

import (
	"context"
	"os"
	"strings"
	"testing"
)

// A server of one's own keeps what was written when it is killed, and comes
// back at the same place.
func TestOwnServers(t *testing.T) {
	for name, c := range map[string]struct {
		start func(t testing.TB, settings ...string) *Server
		use   func(url string) error // an error the second time
		ping  func(ctx context.Context, url string) error
	}{
		"Redis":    {StartRedis, func(url string) error { return useRedis(url + " own") }, pingRedis},
		"MariaDB":  {StartMariaDB, useMySQL, pingMySQL},
		"Postgres": {StartPostgres, usePostgres, pingPostgres},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.start(t)
			url := s.URL()
			if err := c.use(url); err != nil {
				t.Fatal(err)
			}
			for way, end := range map[string]func() error{"Kill": s.Kill, "Stop": s.Stop} {
				for range 2 { // the second time there is nothing to end
					if err := end(); err != nil {
						t.Fatalf("%s: %v", way, err)
					}
				}
				if c.ping(t.Context(), url) == nil {
					t.Errorf("it answers after %s", way)
				}
				if err := s.Restart(); err != nil {
					t.Fatalf("Restart after %s: %v", way, err)
				}
				if s.URL() != url {
					t.Errorf("it was at another place after %s", way)
				}
				if c.use(url) == nil {
					t.Errorf("what was written is gone after %s", way)
				}
			}
			if err := s.Restart(); err != nil { // while it runs
				t.Errorf("Restart: %v", err)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	s := StartRedis(t, "maxmemory 12345678")
	client, err := openRedis(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if got := client.ConfigGet(t.Context(), "maxmemory").Val()["maxmemory"]; got != "12345678" {
		t.Errorf("maxmemory is %q", got)
	}
}

// A server that does not come up says why, and leaves nothing.
func TestWrongSettings(t *testing.T) {
	if len(redisProduct().missing()) > 0 {
		giveUp(t, "no Redis")
	}
	parent, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(parent)
	s, err := redisProduct().create(t.Context(), parent, []string{"no-such-setting 1"})
	if err == nil || !strings.Contains(err.Error(), "no-such-setting") {
		t.Errorf("error: %v", err)
	}
	if s != nil && s.proc != nil {
		t.Error("a process is kept")
	}
}

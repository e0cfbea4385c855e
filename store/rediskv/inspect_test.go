package rediskv

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/internal/servertest"
	"zohocrm/store/check"
)

// codes are what Inspect finds, as CODE/SEVERITY.
func codes(t *testing.T, s *Store) []string {
	t.Helper()
	found, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range found {
		all = append(all, f.Code+"/"+[]string{"note", "warning", "failure"}[f.Severity])
		if text := f.Text + f.Remedy; strings.Contains(text, "hush") || strings.Contains(text, "\n") || f.Text == "" {
			t.Errorf("%s tells a secret, or has not one line: %q", f.Code, text)
		}
	}
	return all
}

func TestInspect(t *testing.T) {
	server := servertest.StartRedis(t)
	s := at(t, server.URL(), Config{})
	save(t, s, user("alice"))
	set := func(name, value string) func() {
		return func() { s.client.ConfigSet(t.Context(), name, value) }
	}
	for _, c := range []struct {
		name       string
		harm, heal func()
		want       []string
	}{
		{"durable", set("appendfsync", "always"), func() {}, nil},
		{"every second", set("appendfsync", "everysec"), func() {}, []string{"fsync/note"}},
		{"fsync no", set("appendfsync", "no"), set("appendfsync", "always"), []string{"fsync/warning"}},
		{"nothing kept", set("appendonly", "no"), func() {}, []string{"no-persistence/failure"}},
		{"snapshots", set("save", "60 1"), func() { set("save", "")(); set("appendonly", "yes")() }, []string{"snapshots-only/warning"}},
		{"eviction without a limit", set("maxmemory-policy", "allkeys-lru"), func() {}, []string{"eviction/note"}},
		{"eviction", set("maxmemory", "1gb"), set("maxmemory-policy", "noeviction"), []string{"eviction/failure"}},
		{"volatile", set("maxmemory-policy", "volatile-lru"), set("maxmemory-policy", "noeviction"), nil},
		{"memory near", set("maxmemory", "1"), set("maxmemory", "0"), []string{"memory-near/warning"}},
		{"lost row", func() { s.client.Rename(t.Context(), s.keys.row+"1", "elsewhere") }, func() { s.client.Rename(t.Context(), "elsewhere", s.keys.row+"1") }, []string{"lost-rows/failure"}},
		{"healed", func() {}, func() {}, nil},
	} {
		c.harm()
		// An append-only file is being written anew after "appendonly yes".
		for strings.Contains(s.client.Info(t.Context(), "persistence").Val(), "aof_rewrite_in_progress:1") {
			<-time.After(5 * time.Millisecond)
		}
		if got := codes(t, s); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		c.heal()
	}
	before := dump(t, s)
	codes(t, s)
	if !slices.Equal(dump(t, s), before) {
		t.Error("Inspect has changed something")
	}
	s.client.SlaveOf(t.Context(), "127.0.0.1", "1")
	if got := codes(t, s); !slices.Contains(got, "replica/failure") {
		t.Errorf("on a replica: %v", got)
	}
}

func TestInspectClock(t *testing.T) {
	url, prefix := servertest.Redis(t)
	for off, want := range map[time.Duration]string{time.Hour: "1h0m0s behind", -time.Hour: "1h0m0s ahead", 5 * time.Second: "5s behind"} {
		s := at(t, url, Config{Prefix: prefix, Now: func() time.Time { return time.Now().Add(off) }})
		found, err := s.Inspect(t.Context())
		i := slices.IndexFunc(found, func(f check.Finding) bool { return f.Code == "clock-difference" })
		if err != nil || i < 0 || !strings.Contains(found[i].Text, want) {
			t.Errorf("%v: %v, %v", off, found, err)
		}
	}
}

// What the user may not ask the server is said.
func TestInspectBlind(t *testing.T) {
	server := servertest.StartRedis(t, "appendfsync always")
	seeing := append(packageRights(t), "+info", "+config|get")
	for _, c := range []struct{ lacking, want []string }{
		{nil, nil},
		{[]string{"+info", "+config|get"}, []string{"server-unknown/warning"}},
		{[]string{"+config|get"}, []string{"fsync-unknown/note"}},
	} {
		s := at(t, ruled(t, server, 0, "app", without(seeing, c.lacking...)), Config{})
		if got := codes(t, s); !slices.Equal(got, c.want) {
			t.Errorf("without %v: %v, want %v", c.lacking, got, c.want)
		}
	}
}

// The way to the server: plain text beyond this machine is warned of.
//
// Defects: D18.
func TestInspectLine(t *testing.T) {
	unchecked, checked := &tls.Config{InsecureSkipVerify: true}, &tls.Config{}
	for _, c := range []struct {
		options redis.Options
		want    string
	}{
		{redis.Options{Addr: "127.0.0.1:6379"}, ""},
		{redis.Options{Addr: "localhost:6379"}, ""},
		{redis.Options{Addr: "[::1]:6379"}, ""},
		{redis.Options{Network: "unix", Addr: "/run/redis.sock"}, ""},
		{redis.Options{Addr: "redis.example.com:6379"}, "no-tls"},
		{redis.Options{Addr: "10.0.0.7:6379", TLSConfig: unchecked}, "tls-unverified"},
		{redis.Options{Addr: "10.0.0.7:6379", TLSConfig: checked}, ""},
	} {
		client := redis.NewClient(&c.options)
		found := (&Store{client: client}).inspectLine()
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || found[0].Code != c.want) {
			t.Errorf("%s: %v, want %q", c.options.Addr, found, c.want)
		}
		client.Close()
	}
}

package rediskv

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/storetest"
)

// What was saved is there after a crash of the server, which has forgotten the
// scripts; and the store works on.
func TestServerKilled(t *testing.T) {
	server := servertest.StartRedis(t)
	s := at(t, server.URL(), Config{})
	alice := save(t, s, user("alice"))
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Get(t.Context(), alice.ID)
	tells(t, "Get", err, "cannot be reached")
	for method, err := range writes(s, alice.ID) {
		tells(t, method, err, "cannot be reached")
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	// After many failures the client tries to connect once a second only.
	got, err := s.Get(t.Context(), alice.ID)
	for end := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(end); got, err = s.Get(t.Context(), alice.ID) {
		<-time.After(20 * time.Millisecond)
	}
	if err != nil || got.Version != alice.Version {
		t.Errorf("Get after the server came back: %v, %v", got, err)
	}
	save(t, s, oauth.Token{ID: alice.ID, Version: alice.Version, AccessToken: secret("new")})
}

// A server that hangs holds nobody longer than his context says: to the moment
// for a deadline, to the client's time-out for a context that is cancelled.
func TestServerHangs(t *testing.T) {
	url := servertest.StartRedis(t).URL()
	admin := at(t, url, Config{})
	alice := save(t, admin, user("alice"))
	options, err := Options(url)
	if err != nil {
		t.Fatal(err)
	}
	options.ReadTimeout = 200 * time.Millisecond
	impatient := redis.NewClient(options)
	t.Cleanup(func() { impatient.Close() })
	s, err := New(t.Context(), impatient, Config{})
	if err != nil {
		t.Fatal(err)
	}
	methods := func(s *Store) map[string]func(ctx context.Context) error {
		return map[string]func(ctx context.Context) error{
			"Get":       func(ctx context.Context) error { _, err := s.Get(ctx, alice.ID); return err },
			"Save":      func(ctx context.Context) error { _, err := s.Save(ctx, user("bob")); return err },
			"Delete":    func(ctx context.Context) error { return s.Delete(ctx, alice.ID, "") },
			"DeleteAll": s.DeleteAll,
			"List":      func(ctx context.Context) error { _, err := oauth.All(ctx, s); return err },
			"Probe":     s.Probe,
			"New":       func(ctx context.Context) error { _, err := New(ctx, s.client, Config{}); return err },
		}
	}
	const hangs = 10 * time.Second
	if err := admin.client.Do(t.Context(), "CLIENT", "PAUSE", hangs.Milliseconds(), "ALL").Err(); err != nil {
		t.Fatal(err)
	}
	end := func(name string, want error, limit time.Duration, ctx context.Context, call func(ctx context.Context) error) {
		begun := time.Now()
		if err := call(ctx); !errors.Is(err, want) {
			t.Errorf("%s: %v; want %q", name, err, want)
		}
		if took := time.Since(begun); took > limit {
			t.Errorf("%s took %v", name, took)
		}
	}
	for name, call := range methods(admin) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		end(name, context.DeadlineExceeded, 2*time.Second, ctx, call)
		cancel()
	}
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	// A change that was sent: nobody knows.
	look := look{of: []oauth.Token{{ID: alice.ID}}, stamp: "of nothing"}
	end("a change", context.DeadlineExceeded, 2*time.Second, late, func(ctx context.Context) error {
		_, err := admin.apply(ctx, look, numbers{}, nil)
		err = admin.failed(ctx, "save", err)
		if err == nil || !strings.Contains(err.Error(), "not known") {
			t.Errorf("a change that was sent and not answered: %v", err)
		}
		return err
	})
	for name, call := range methods(s) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		end(name, context.Canceled, 2*time.Second, ctx, call)
	}
}

// relay passes everything on to a server. Of one script, told by its SHA-1, it
// loses the first answer, and the connection with it.
type relay struct {
	net.Listener
	to string

	mu   sync.Mutex
	sha  string
	sent int // how often that script was sent
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, to: to}
	var running sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { r.serve(conn) })
		}
	})
	return r
}

func (r *relay) serve(front net.Conn) {
	defer front.Close()
	back, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer back.Close()
	answers := make(chan struct{})
	lost := make(chan struct{})
	go func() {
		defer close(answers)
		defer front.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := back.Read(buf)
			if err != nil {
				return
			}
			select {
			case <-lost:
				return // the answer that nobody gets
			default:
			}
			if _, err := front.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := front.Read(buf)
		if err != nil {
			break
		}
		if r.loses(buf[:n]) {
			close(lost)
		}
		if _, err := back.Write(buf[:n]); err != nil {
			break
		}
	}
	back.Close()
	<-answers
}

// loses reports whether the answer to this request gets lost.
func (r *relay) loses(request []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sha == "" || !bytes.Contains(request, []byte(r.sha)) {
		return false
	}
	r.sent++
	return r.sent == 1
}

func (r *relay) lose(sha string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sha, r.sent = sha, 0
}

// When the connection breaks after a change was sent, the change is not sent
// again, and nobody is told that it did or did not happen.
func TestAnswerLost(t *testing.T) {
	server, prefix := servertest.Redis(t)
	direct := at(t, server, Config{Prefix: prefix})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("not a URL")
	}
	r := newRelay(t, u.Host)
	u.Host = r.Addr().String()
	s := at(t, u.String(), Config{Prefix: prefix})
	alice := save(t, s, user("alice"))

	r.lose(s.scripts.change.sha)
	_, err = s.Save(t.Context(), oauth.Token{ID: alice.ID, Version: alice.Version, AccessToken: secret("new")})
	tells(t, "Save", err, "not known")
	if r.sent != 1 {
		t.Errorf("Save was sent %d times", r.sent)
	}
	got, err := direct.Get(t.Context(), alice.ID)
	if err != nil || got.AccessToken != secret("new") {
		t.Errorf("the server carried out the Save whose answer was lost, but Get gives %v, %v", got, err)
	}
	r.lose(s.scripts.change.sha)
	tells(t, "Delete", s.Delete(t.Context(), alice.ID, got.Version), "not known")
	r.lose(s.scripts.clear.sha)
	tells(t, "DeleteAll", s.DeleteAll(t.Context()), "not known")
	// A look whose answer was lost is taken again.
	save(t, direct, user("bob"))
	r.lose(s.scripts.one[oauth.ByUserName].sha)
	if _, err := s.Find(t.Context(), oauth.Token{UserName: "bob"}); err != nil || r.sent != 2 {
		t.Errorf("Find: %v; it was sent %d times, want 2", err, r.sent)
	}
}

// The whole contract on a Redis Cluster, of one node that has all slots.
func TestCluster(t *testing.T) {
	server := servertest.StartRedis(t, "cluster-enabled yes")
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal("not a URL")
	}
	admin := client(t, server.URL())
	if err := admin.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); !strings.Contains(admin.ClusterInfo(t.Context()).Val(), "cluster_state:ok"); {
		if time.Now().After(end) {
			t.Fatal("the cluster does not come up")
		}
		<-time.After(10 * time.Millisecond)
	}
	password, _ := u.User.Password()
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{u.Host}, Password: password, ContextTimeoutEnabled: true})
	t.Cleanup(func() { cluster.Close() })
	n := 0
	var mu sync.Mutex
	of := map[oauth.Store]string{}
	open := func(t testing.TB, prefix string) oauth.Store {
		s, err := New(context.Background(), cluster, Config{Prefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		return opened{s}
	}
	storetest.Run(t, storetest.Backend{
		Open: func(t testing.TB) oauth.Store {
			mu.Lock()
			defer mu.Unlock()
			n++
			prefix := strings.Repeat("x", n)
			s := open(t, prefix)
			of[s] = prefix
			return s
		},
		Reopen: func(t testing.TB, s oauth.Store) oauth.Store {
			mu.Lock()
			defer mu.Unlock()
			return open(t, of[s])
		},
		Plant: plant, MaxChars: MaxChars, KeepsIDs: true,
	})
}

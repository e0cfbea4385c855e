package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a running web application beside its simulator of Zoho, as two sites:
// localhost and 127.0.0.1.
type rig struct {
	t     *testing.T
	app   *app
	zoho  *simulator
	store oauth.Store
	url   string
	log   logged
	ahead atomic.Int64 // how much later it is for the application, in nanoseconds
}

func newRig(t *testing.T) *rig {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	r := &rig{t: t, url: "http://localhost:" + port, store: memory.New(memory.Config{})}
	cfg := config{client: oauth.Token{RedirectURL: r.url + "/callback"}}
	if r.zoho, err = startSimulator(t.Context(), &cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.zoho.Close)
	r.app, err = newApp(appConfig{
		Client: cfg.client, Home: cfg.home, Store: r.store, StoreName: "a SQLite database of this server", Now: r.now,
		Logger: slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, r.app, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server did not end well: %v", err)
		}
		if err := r.app.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// logged is all that the application has logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (r *rig) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

// advance moves the application's clock, not Zoho's.
func (r *rig) advance(d time.Duration) { r.ahead.Add(int64(d)) }

// stored lists whose tokens the store has.
func (r *rig) stored() []string {
	r.t.Helper()
	all, err := oauth.All(r.t.Context(), r.store)
	if err != nil {
		r.t.Fatal(err)
	}
	names := []string{}
	for _, t := range all {
		names = append(names, t.UserName)
	}
	return names
}

// freePort lies below those that systems give to outgoing connections.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(8000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

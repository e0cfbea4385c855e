package oauth_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/memory"
)

const (
	clientID = "1000.SIM"
	redirect = "http://localhost:8765/callback"
)

// rig is a Keeper over a memory store and the simulator, sharing one clock.
type rig struct {
	*testing.T
	sim    *simtest.Server
	home   dc.DataCenter
	store  *memory.Store
	keeper *oauth.Keeper
	ctx    context.Context
	log    *lockedBuffer
}

// setup changes a rig before it is built.
type setup func(*sim.Config, *oauth.AccountsConfig, *oauth.KeeperConfig)

func newRig(t *testing.T, changes ...setup) *rig {
	t.Helper()
	simCfg, accCfg, keepCfg := sim.Config{}, oauth.AccountsConfig{}, oauth.KeeperConfig{}
	for _, change := range changes {
		change(&simCfg, &accCfg, &keepCfg)
	}
	server := simtest.New(t, simCfg)
	home, err := dc.Custom(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, sim: server, home: home, store: memory.New(memory.Config{Now: server.Now}), log: &lockedBuffer{}}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	accCfg.Directory = dc.Zoho().With(home)
	accCfg.Logger = log
	if accCfg.Now == nil {
		accCfg.Now = server.Now
	}
	if keepCfg.Store == nil {
		keepCfg.Store = r.store
	}
	keepCfg.Accounts, keepCfg.DataCenter, keepCfg.Logger = oauth.NewAccounts(accCfg), home, log
	if r.keeper, err = oauth.NewKeeper(keepCfg); err != nil {
		t.Fatal(err)
	}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(func() {
		cancel()
		if err := r.keeper.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

// again is another Keeper over the same store: the program started a second time.
func (r *rig) again() *oauth.Keeper {
	r.Helper()
	k, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: r.store, DataCenter: r.home,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: r.sim.Now}),
	})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { k.Close() })
	return k
}

// code is a partial token with a fresh grant code of the user.
func (r *rig) code(user string) oauth.Token {
	r.Helper()
	return oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(r.sim.Grant(user))}
}

// connect logs a user in under a name.
func (r *rig) connect(user, name string) oauth.Token {
	r.Helper()
	t := r.code(user)
	t.UserName = name
	out, err := r.keeper.Connect(r.ctx, oauth.Login{Token: t})
	if err != nil {
		r.Fatal(err)
	}
	return out
}

// refreshAsSDK refreshes as an official SDK does: without asking anybody.
func (r *rig) refreshAsSDK(user string) oauth.Token {
	r.Helper()
	row, err := r.store.Find(r.ctx, oauth.Token{UserName: user})
	if err != nil {
		r.Fatal(err)
	}
	row.AccountsURL = r.home.AccountsURL
	accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: r.sim.Now})
	issued, err := accounts.Refresh(r.ctx, row)
	if err != nil {
		r.Fatal(err)
	}
	saved, err := r.store.Save(r.ctx, oauth.Token{ID: row.ID, AccessToken: issued.AccessToken, Expiry: issued.Expiry})
	if err != nil {
		r.Fatal(err)
	}
	return saved
}

func (r *rig) all() []oauth.Token {
	r.Helper()
	all, err := oauth.All(r.ctx, r.store)
	if err != nil {
		r.Fatal(err)
	}
	return all
}

// wantMints checks the refreshes and exchanges that the simulator counted.
func (r *rig) wantMints(exchanges, refreshes int64) {
	r.Helper()
	c := r.sim.Counters()
	if c.Exchanges != exchanges || c.Refreshes != refreshes {
		r.Errorf("the simulator counted %d exchanges and %d refreshes, want %d and %d", c.Exchanges, c.Refreshes, exchanges, refreshes)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) contains(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), s)
}

func failing(kind sim.FaultKind, match string) sim.Fault {
	return sim.Fault{Kind: kind, Match: match}
}

package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// hooked is a store whose calls a test can meet: before Find, after Find, before
// Save, before Delete. Its hooks may be changed while it is in use.
type hooked struct {
	*memory.Store
	find, found, save func(oauth.Token) error
	delete            func() error
	mu                sync.Mutex
}

func (h *hooked) hook(f *func(oauth.Token) error, t oauth.Token) error {
	h.mu.Lock()
	g := *f
	h.mu.Unlock()
	if g == nil {
		return nil
	}
	return g(t)
}

func (h *hooked) set(f func(*hooked)) { h.mu.Lock(); f(h); h.mu.Unlock() }

func (h *hooked) Find(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := h.hook(&h.find, t); err != nil {
		return oauth.Token{}, err
	}
	row, err := h.Store.Find(ctx, t)
	h.hook(&h.found, t)
	return row, err
}

func (h *hooked) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := h.hook(&h.save, t); err != nil {
		return oauth.Token{}, err
	}
	return h.Store.Save(ctx, t)
}

func (h *hooked) Delete(ctx context.Context, id, version string) error {
	h.mu.Lock()
	f := h.delete
	h.mu.Unlock()
	if f != nil {
		return f()
	}
	return h.Store.Delete(ctx, id, version)
}

func (h *hooked) away() {
	h.set(func(h *hooked) { h.save = func(oauth.Token) error { return oauth.ErrStoreUnavailable } })
}
func (h *hooked) back() { h.set(func(h *hooked) { h.save = nil }) }

func newHooked(t *testing.T, changes ...setup) (*rig, *hooked) {
	var r *rig
	h := &hooked{Store: memory.New(memory.Config{Now: func() time.Time { return r.sim.Now() }})}
	r = newRig(t, append(changes, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) { k.Store = h })...)
	r.store = h.Store
	return r, h
}

// first runs f at its first call only, and lets other callers pass meanwhile.
func first(f func()) func(oauth.Token) error {
	var n atomic.Int32
	return func(oauth.Token) error {
		if n.Add(1) == 1 {
			f()
		}
		return nil
	}
}

// who answers NameUser from a table by grant token that a test fills.
type who struct{ sync.Map }

func (w *who) setup(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
	k.NameUser = func(_ context.Context, t oauth.Token) (string, error) {
		v, _ := w.Load(t.GrantToken)
		switch v := v.(type) {
		case string:
			return v, nil
		case func() string:
			return v(), nil
		}
		return "", errors.New("no scope")
	}
}

// code is a login of user under the name as, who answers as user@example.com:1.
func (w *who) code(r *rig, user, as string) oauth.Token {
	p := r.code(user)
	p.UserName = as
	w.Store(p.GrantToken, user+"@example.com:1")
	return p
}

func (r *rig) login(p oauth.Token, replace bool) (oauth.Token, error) {
	return r.keeper.Connect(r.ctx, oauth.Login{Token: p, Replace: replace})
}

// whose is the email that Zoho answers an access token with; "" if it is refused.
func (r *rig) whose(s oauth.Secret) string {
	r.Helper()
	req, _ := http.NewRequest("GET", r.sim.URL+"/crm/v8/users?type=CurrentUser", nil)
	req.Header.Set("Authorization", oauth.HeaderScheme+" "+s.Reveal())
	resp, err := r.sim.Client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	for _, u := range []string{"alice@example.com", "bob@example.com"} {
		if resp.StatusCode == 200 && strings.Contains(string(b), u) {
			return u
		}
	}
	return ""
}

func (r *rig) over(s oauth.Store, now func() time.Time) *oauth.Keeper {
	k, err := oauth.NewKeeper(oauth.KeeperConfig{Store: s, DataCenter: r.home,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: now})})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { k.Close() })
	return k
}

func byRefresh(name string, s oauth.Secret) oauth.Token {
	return oauth.Token{UserName: name, ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), RefreshToken: s}
}

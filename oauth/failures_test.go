package oauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// recorder notes every token that the accounts server issued.
type recorder struct {
	mu      sync.Mutex
	access  map[oauth.Secret]bool
	refresh map[oauth.Secret]bool
}

func (c *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(b))
	var body struct {
		A string `json:"access_token"`
		R string `json:"refresh_token"`
	}
	if json.Unmarshal(b, &body) == nil {
		c.mu.Lock()
		if body.A != "" {
			c.access[oauth.NewSecret(body.A)] = true
		}
		if body.R != "" {
			c.refresh[oauth.NewSecret(body.R)] = true
		}
		c.mu.Unlock()
	}
	return resp, err
}

// nth is a store whose n-th call fails, before or after it took effect.
type nth struct {
	*memory.Store
	mu    sync.Mutex
	n     int
	calls int
	err   error
	after bool
	log   []string
}

func (s *nth) hit(name string) (before, after error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.log = append(s.log, name)
	if s.calls != s.n {
		return nil, nil
	}
	if s.after {
		return nil, s.err
	}
	return s.err, nil
}
func (s *nth) Find(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	b, a := s.hit("Find")
	if b != nil {
		return oauth.Token{}, b
	}
	row, err := s.Store.Find(ctx, t)
	if a != nil {
		return oauth.Token{}, a
	}
	return row, err
}
func (s *nth) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	b, a := s.hit("Save")
	if b != nil {
		return oauth.Token{}, b
	}
	row, err := s.Store.Save(ctx, t)
	if a != nil {
		return oauth.Token{}, a
	}
	return row, err
}
func (s *nth) Delete(ctx context.Context, id, v string) error {
	b, a := s.hit("Delete")
	if b != nil {
		return b
	}
	err := s.Store.Delete(ctx, id, v)
	if a != nil {
		return a
	}
	return err
}
func (s *nth) Probe(ctx context.Context) error {
	b, a := s.hit("Probe")
	return errors.Join(b, a)
}

// Defects: D17.
func TestEveryStoreFailure(t *testing.T) {
	runs := 0
	defer func() { t.Logf("%d runs", runs) }()
	kinds := map[string]error{"unavailable": oauth.ErrStoreUnavailable, "conflict": oauth.ErrConflict, "notfound": oauth.ErrNotFound, "deadline": context.DeadlineExceeded, "canceled": context.Canceled, "mismatch": oauth.ErrMismatch, "plain": errors.New("disk on fire")}
	ops := []string{"connect", "connect-again", "refused", "replace", "refresh", "fresh", "revoke", "token-grant", "token-refresh", "token-access"}
	for _, op := range ops {
		for kind, fail := range kinds {
			for _, after := range []bool{false, true} {
				if op == "refused" && kind == "notfound" {
					continue // a store that says that a name is free when it is not
				}
				for n := 1; n <= 12; n++ {
					name := fmt.Sprintf("%s/%s/after=%v/%d", op, kind, after, n)
					runs++
					rec := &recorder{access: map[oauth.Secret]bool{}, refresh: map[oauth.Secret]bool{}}
					s := &nth{Store: memory.New(memory.Config{}), err: fail, after: after}
					who := map[oauth.Secret]string{}
					var mu sync.Mutex
					r := newRig(t, func(_ *sim.Config, a *oauth.AccountsConfig, k *oauth.KeeperConfig) {
						k.Store = s
						a.HTTPClient = &http.Client{Transport: rec}
						k.NameUser = func(_ context.Context, t oauth.Token) (string, error) {
							mu.Lock()
							defer mu.Unlock()
							return who[t.GrantToken], nil
						}
					})
					r.store = s.Store
					code := func(user, as string) oauth.Token {
						p := r.code(user)
						p.UserName = as
						mu.Lock()
						who[p.GrantToken] = user + "@example.com:1"
						mu.Unlock()
						return p
					}
					var alice oauth.Token
					var err error
					if op != "connect" && op != "token-grant" {
						if alice, err = r.keeper.Connect(r.ctx, oauth.Login{Token: code("alice", "sales")}); err != nil {
							t.Fatal(err)
						}
					}
					var known []oauth.Secret // refresh tokens that may legitimately go
					if op == "refresh" {
						r.sim.Advance(2 * time.Hour)
					}
					s.mu.Lock()
					s.calls, s.n, s.log = 0, n, nil
					s.mu.Unlock()
					var opErr error
					served := map[oauth.Secret]bool{}
					serve := func(t oauth.Token, err error) {
						opErr = err
						if err == nil {
							served[t.AccessToken] = true
						}
					}
					switch op {
					case "connect":
						serve(r.keeper.Connect(r.ctx, oauth.Login{Token: code("alice", "sales")}))
					case "connect-again":
						serve(r.keeper.Connect(r.ctx, oauth.Login{Token: code("alice", "sales")}))
						known = append(known, alice.RefreshToken) // replaced by the newer
					case "refused":
						serve(r.keeper.Connect(r.ctx, oauth.Login{Token: code("bob", "sales")}))
					case "replace":
						serve(r.keeper.Connect(r.ctx, oauth.Login{Token: code("bob", "sales"), Replace: true}))
						known = append(known, alice.RefreshToken)
					case "refresh":
						serve(r.keeper.Token(r.ctx, oauth.Token{UserName: "sales"}))
					case "fresh":
						var p *oauth.Token
						p, opErr = r.keeper.Source(oauth.Token{UserName: "sales"}).Fresh(r.ctx, alice.AccessToken)
						if opErr == nil {
							served[p.AccessToken] = true
						}
					case "revoke":
						opErr = r.keeper.Revoke(r.ctx, oauth.Token{UserName: "sales"})
					case "token-grant":
						serve(r.keeper.Token(r.ctx, code("alice", "sales")))
					case "token-refresh":
						serve(r.keeper.Token(r.ctx, oauth.Token{UserName: "sales", RefreshToken: alice.RefreshToken, ClientID: clientID}))
					case "token-access":
						serve(r.keeper.Token(r.ctx, oauth.Token{AccessToken: alice.AccessToken}))
					}
					s.mu.Lock()
					hit := s.calls >= n
					log := strings.Join(s.log, " ")
					s.n = 0
					s.mu.Unlock()
					closeErr := r.keeper.Close()
					have := map[oauth.Secret]bool{}
					for _, row := range r.all() {
						have[row.RefreshToken], have[row.AccessToken] = true, true
						if row.UserName == "sales" && op == "refused" && row.RefreshToken != alice.RefreshToken {
							t.Errorf("%s: alice's row was taken: %v [%s]", name, opErr, log)
						}
					}
					for _, e := range []error{opErr, closeErr} {
						var u *oauth.UnsavedError
						if errors.As(e, &u) {
							have[u.Token.RefreshToken], have[u.Token.AccessToken] = true, true
						}
					}
					for _, k := range known {
						have[k] = true
					}
					rec.mu.Lock()
					for s := range rec.refresh {
						if !have[s] && op != "revoke" && !(op == "refused" && errors.Is(opErr, oauth.ErrMismatch)) {
							t.Errorf("%s: a refresh token is unreachable: op %v, close %v [%s]", name, opErr, closeErr, log)
						}
					}
					live := 0
					for s := range rec.access {
						if have[s] || served[s] {
							live++
						}
					}
					if (op == "refresh" || op == "fresh") && len(rec.access) == 2 {
						var newest bool
						for s := range rec.access {
							if s != alice.AccessToken && have[s] {
								newest = true
							}
						}
						if !newest {
							t.Errorf("%s: the refreshed access token is unreachable: op %v, close %v [%s]", name, opErr, closeErr, log)
						}
					}
					rec.mu.Unlock()
					if !hit {
						break
					}
				}
			}
		}
	}
}

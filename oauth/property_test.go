package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// Whatever happens, in whatever order: a token that is answered is accepted for
// the right user, or Fresh mends it.
func TestEveryTokenIsGoodAndTheRightUsers(t *testing.T) {
	r := newRig(t)
	client := &http.Client{}
	stale := 0
	defer func() { t.Logf("stale answers: %d", stale) }()
	rapid.Check(t, func(rt *rapid.T) {
		h := &hooked{Store: memory.New(memory.Config{})}
		r.store = h.Store
		r.sim.Advance(11 * time.Minute)
		mk := func(now func() time.Time) *oauth.Keeper {
			k, err := oauth.NewKeeper(oauth.KeeperConfig{Store: h, DataCenter: r.home, CacheSize: 3, Lease: time.Second,
				Accounts: oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: now, HTTPClient: client})})
			if err != nil {
				rt.Fatal(err)
			}
			return k
		}
		keepers := []*oauth.Keeper{mk(r.sim.Now), mk(r.sim.Now), mk(func() time.Time { return r.sim.Now().Add(3 * time.Hour) })}
		users := []string{"alice", "bob"}
		lastToken := map[string]oauth.Secret{}
		fresh := map[string]bool{} // connected and not disturbed since the last quiet minute
		ids := map[string]string{}
		partial := func(u string) oauth.Token {
			switch rapid.IntRange(0, 3).Draw(rt, "key") {
			case 0:
				if ids[u] != "" {
					return oauth.Token{ID: ids[u]}
				}
			case 1:
				return oauth.Token{UserName: u, ClientID: clientID}
			case 2:
				return oauth.Token{UserName: u, ClientSecret: oauth.NewSecret("sim")}
			}
			return oauth.Token{UserName: u}
		}
		var log []string
		check := func(u, what string, k *oauth.Keeper, p oauth.Token, got oauth.Token, err error) {
			if err != nil {
				if fresh[u] && !errors.Is(err, oauth.ErrThrottled) && !errors.Is(err, oauth.ErrStoreUnavailable) {
					rt.Errorf("%s %s: %v %v", u, what, err, log)
				}
				return
			}
			if got.AccessToken.IsZero() {
				rt.Fatalf("%s %s: empty", u, what)
			}
			if fresh[u] && !(r.whose(got.AccessToken) == u+"@example.com") {
				stale++
				next, err := k.Source(p).Fresh(context.Background(), got.AccessToken)
				if err == nil && (r.whose(next.AccessToken) == u+"@example.com") {
					lastToken[u] = next.AccessToken
					return
				}
				if errors.Is(err, oauth.ErrThrottled) || errors.Is(err, oauth.ErrStoreUnavailable) {
					return
				}
				rt.Log(next, err)
				rt.Errorf("%s %s: not accepted for the user: %v %v", u, what, got, log)
			}
			if !fresh[u] && (r.whose(got.AccessToken) == map[string]string{"alice": "bob", "bob": "alice"}[u]+"@example.com") {
				rt.Errorf("%s %s: the other user's token %v", u, what, log)
			}
			lastToken[u] = got.AccessToken
		}
		for range rapid.IntRange(1, 40).Draw(rt, "n") {
			u := rapid.SampledFrom(users).Draw(rt, "user")
			k := keepers[rapid.IntRange(0, 2).Draw(rt, "keeper")]
			op := rapid.SampledFrom([]string{"connect", "token", "token", "source", "fresh", "long", "advance", "advance", "revokeAtZoho", "revoke", "delete", "savefail", "savegood", "parallel"}).Draw(rt, "op")
			log = append(log, u+" "+op)
			switch op {
			case "connect":
				p := r.code(u)
				p.UserName = u
				got, err := k.Connect(context.Background(), oauth.Login{Token: p})
				if err == nil {
					ids[u], fresh[u] = got.ID, true
					// others may answer the old credential for half a minute
					r.sim.Advance(31 * time.Second)
					for _, k := range keepers {
						for range 2 {
							k.Token(context.Background(), oauth.Token{UserName: u})
						}
					}
					check(u, op, k, p, got, nil)
				}
			case "token":
				p := partial(u)
				got, err := k.Token(context.Background(), p)
				check(u, op, k, p, got, err)
			case "source":
				p := partial(u)
				got, err := k.Source(p).Token(context.Background())
				if err == nil {
					check(u, op, k, p, *got, nil)
				} else {
					check(u, op, k, p, oauth.Token{}, err)
				}
			case "fresh":
				rejected := lastToken[u]
				p := partial(u)
				got, err := k.Source(p).Fresh(context.Background(), rejected)
				if err == nil {
					if got.AccessToken == rejected && !rejected.IsZero() {
						rt.Errorf("Fresh answered the rejected token %v", log)
					}
					check(u, op, k, p, *got, nil)
				}
			case "long":
				p := partial(u)
				got, err := k.TokenFor(context.Background(), p, time.Duration(rapid.IntRange(0, 200).Draw(rt, "m"))*time.Minute)
				check(u, op, k, p, got, err)
			case "advance":
				r.sim.Advance(time.Duration(rapid.IntRange(1, 5400).Draw(rt, "s")) * time.Second)
			case "revokeAtZoho":
				r.sim.RevokeUser(u + "@example.com")
				fresh[u] = false
			case "revoke":
				k.Revoke(context.Background(), oauth.Token{UserName: u})
				fresh[u] = false
			case "delete":
				if ids[u] != "" {
					h.Store.Delete(context.Background(), ids[u], "")
				}
				fresh[u] = false
			case "savefail":
				h.set(func(h *hooked) {
					h.save = func(oauth.Token) error { return oauth.ErrStoreUnavailable }
				})
			case "savegood":
				h.set(func(h *hooked) { h.save = nil })
			case "parallel":
				var wg sync.WaitGroup
				ps := []oauth.Token{partial(u), partial(u), partial(u)}
				for i := range 6 {
					wg.Go(func() { keepers[i%3].Token(context.Background(), ps[i/2]) })
				}
				wg.Wait()
			}
		}
		h.set(func(h *hooked) { h.save = nil })
		for _, k := range keepers {
			if err := k.Close(); err != nil && !errors.Is(err, oauth.ErrNotFound) {
				rt.Errorf("Close: %v", err)
			}
		}
	})
}

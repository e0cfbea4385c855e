package vaultstore_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"zohocrm/examples/vaultstore"
	"zohocrm/oauth"
	"zohocrm/store/storetest"
)

func connected(t testing.TB, address, path string) *vaultstore.Store {
	t.Helper()
	s, err := open(address, path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(address, path string) (*vaultstore.Store, error) {
	return vaultstore.New(vaultstore.Config{
		Address: address, Path: path,
		Token: func(context.Context) (oauth.Secret, error) { return oauth.NewSecret(vaultToken), nil },
	})
}

// The whole kit, eight processes included, against one Vault.
func TestStore(t *testing.T) {
	vault := newVault(t)
	var paths sync.Map // by store, for Corrupt
	storetest.Run(t, storetest.Backend{
		Location: func(testing.TB) string { return vault.URL + " " + rand.Text() },
		OpenAt: func(_ context.Context, location string) (oauth.Store, error) {
			address, path, _ := strings.Cut(location, " ")
			s, err := open(address, path)
			paths.Store(s, path)
			return s, err
		},
		Corrupt: func(_ testing.TB, s oauth.Store, _ string) (stored func() string) {
			found, _ := paths.Load(s)
			path, _ := found.(string)
			vault.put(path, json.RawMessage(`{"rows":"damaged"}`))
			return func() string { return vault.latest(path) }
		},
		KeepsIDs: true,
	})
}

func TestDamageIsNotWrittenOver(t *testing.T) {
	for name, damage := range map[string]string{
		"another's secret": `{"password":"planted"}`,
		"an odd row":       `{"change":"x","rows":[{"id":"1","expiry_time":"planted"}]}`,
		"no rows":          `{"change":"x","rows":"planted"}`,
	} {
		t.Run(name, func(t *testing.T) {
			vault := newVault(t)
			vault.put("tokens", json.RawMessage(damage))
			s := connected(t, vault.URL, "tokens")
			before := vault.latest("tokens")
			_, err := s.Save(t.Context(), token("alice"))
			_, listed := oauth.All(t.Context(), s)
			for _, err := range []error{err, listed, s.DeleteAll(t.Context()), s.Probe(t.Context())} {
				if !errors.Is(err, oauth.ErrCorrupt) || strings.Contains(fmt.Sprint(err), "planted") {
					t.Errorf("%v", err)
				}
			}
			if vault.latest("tokens") != before {
				t.Error("it was written over")
			}
		})
	}
}

func token(user string) oauth.Token {
	return oauth.Token{UserName: user, ClientID: "1000.CLIENT", RefreshToken: oauth.NewSecret("1000." + user), APIDomain: "https://www.zohoapis.com"}
}

// A change that somebody makes between our reading and our writing stays.
func TestNobodysChangeIsLost(t *testing.T) {
	vault := newVault(t)
	s, other := connected(t, vault.URL, "tokens"), connected(t, vault.URL, "tokens")
	vault.before = func() {
		if _, err := other.Save(t.Context(), token("bob")); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Save(t.Context(), token("alice")); err != nil {
		t.Fatal(err)
	}
	all, err := oauth.All(t.Context(), s)
	if err != nil || len(all) != 2 || all[0].UserName != "bob" || all[1].UserName != "alice" {
		t.Errorf("%v, %v", all, err)
	}
}

// A secret that was deleted by hand is an empty store, and is written again.
func TestDeletedSecret(t *testing.T) {
	vault := newVault(t)
	s := connected(t, vault.URL, "tokens")
	if _, err := s.Save(t.Context(), token("alice")); err != nil {
		t.Fatal(err)
	}
	vault.put("tokens", nil)
	if _, err := s.Find(t.Context(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := s.Save(t.Context(), token("bob")); err != nil || !strings.HasPrefix(vault.latest("tokens"), "3 ") {
		t.Errorf("%v, %.2s", err, vault.latest("tokens"))
	}
}

func TestWhatVaultRefuses(t *testing.T) {
	vault := newVault(t)
	good := vaultstore.Config{Address: vault.URL, Path: "tokens", Token: func(context.Context) (oauth.Secret, error) { return oauth.NewSecret(vaultToken), nil }}
	for says, change := range map[string]func(*vaultstore.Config){
		"renew the Vault token": func(c *vaultstore.Config) {
			c.Token = func(context.Context) (oauth.Secret, error) { return oauth.NewSecret("hvs.planted.other"), nil }
		},
		"no Vault token: the agent": func(c *vaultstore.Config) {
			c.Token = func(context.Context) (oauth.Secret, error) {
				return oauth.Secret{}, errors.New("the agent is not there")
			}
		},
		"KV version 2":            func(c *vaultstore.Config) { c.Mount = "kv1" },
		"unseal Vault":            func(c *vaultstore.Config) { c.Mount = "sealed" },
		"the answer is not Vault": func(c *vaultstore.Config) { c.Address += "/html" },
		"refused":                 func(c *vaultstore.Config) { c.Address = "http://127.0.0.1:1" },
	} {
		cfg := good
		change(&cfg)
		s, err := vaultstore.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, found := s.Get(t.Context(), "1")
		for _, err := range []error{found, s.Probe(t.Context())} {
			if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "planted") {
				t.Errorf("%q: %v", says, err)
			}
		}
	}
	for _, cfg := range []vaultstore.Config{{}, {Address: "vault:8200", Path: "x", Token: good.Token}, {Address: vault.URL, Token: good.Token}} {
		if _, err := vaultstore.New(cfg); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
}

package oauth_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// TestCiphertextIsNoToken: a row that another program has sealed, before or while it
// is used, is an error to who has no keys. It is handed to nobody and sent nowhere.
func TestCiphertextIsNoToken(t *testing.T) {
	r := newRig(t)
	row := r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	sealed := oauth.Token{
		ID: row.ID, AccessToken: oauth.NewSecret(oauth.SealedPrefix + "a"), RefreshToken: oauth.NewSecret(oauth.SealedPrefix + "r"),
		ClientSecret: oauth.NewSecret(oauth.SealedPrefix + "c"), Expiry: r.sim.Now().Add(3 * time.Hour),
	}
	if _, err := r.store.Save(r.ctx, sealed); err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(2 * time.Hour) // the token in memory is over
	for name, ask := range map[string]func() (*oauth.Token, error){
		"a source that was open": func() (*oauth.Token, error) { return source.Token(r.ctx) },
		"a program that starts": func() (*oauth.Token, error) {
			got, err := r.again().Token(r.ctx, oauth.Token{UserName: "alice"})
			return &got, err
		},
		"by ID": func() (*oauth.Token, error) {
			got, err := r.again().Token(r.ctx, oauth.Token{ID: row.ID})
			return &got, err
		},
	} {
		got, err := ask()
		if !errors.Is(err, oauth.ErrCorrupt) || !strings.Contains(err.Error(), "sealed") {
			t.Errorf("%s: %v, %v; want it refused as sealed", name, got, err)
		}
	}
	r.wantMints(1, 0)
}

// TestNoPlainRowBesideSealed: a program without the keys does not lay a new user's token
// in plain text beside the sealed ones, and spends no code.
func TestNoPlainRowBesideSealed(t *testing.T) {
	r := newRig(t)
	if _, err := r.store.Save(r.ctx, oauth.Token{
		UserName: "alice", ClientID: "c", ClientSecret: oauth.NewSecret(oauth.SealedPrefix + "c"),
		RefreshToken: oauth.NewSecret(oauth.SealedPrefix + "r"),
	}); err != nil {
		t.Fatal(err)
	}
	code := r.code("bob")
	if _, err := r.keeper.Token(r.ctx, code); !errors.Is(err, oauth.ErrSealed) {
		t.Errorf("Token: %v", err)
	}
	if _, err := r.keeper.Connect(r.ctx, oauth.Login{Token: code}); !errors.Is(err, oauth.ErrSealed) {
		t.Errorf("Connect: %v", err)
	}
	alone := oauth.Token{ClientID: "c", AccessToken: oauth.NewSecret("a"), UserName: "carol", Expiry: r.sim.Now().Add(time.Hour)}
	if _, err := r.keeper.Token(r.ctx, alone); !errors.Is(err, oauth.ErrSealed) {
		t.Errorf("an access token alone: %v", err)
	}
	r.wantMints(0, 0)
	// What Zoho has issued already is not lost: the error carries it.
	var unsaved *oauth.UnsavedError
	issued := oauth.Issued{AccessToken: oauth.NewSecret("a2"), RefreshToken: oauth.NewSecret("r2"), Life: time.Hour}
	_, err := r.keeper.ConnectIssued(r.ctx, oauth.Login{Token: oauth.Token{ClientID: "c", AccountsURL: r.sim.URL}}, issued)
	if !errors.Is(err, oauth.ErrSealed) || !errors.As(err, &unsaved) || unsaved.Token.RefreshToken != issued.RefreshToken {
		t.Errorf("ConnectIssued: %v", err)
	}
	if err := r.keeper.Close(); err != nil {
		t.Error(err)
	}
	if all := r.all(); len(all) != 1 {
		t.Errorf("stored %v", all)
	}
}

// unlisted is a store that cannot list, as one over a service of secrets.
type unlisted struct{ oauth.Store }

func (unlisted) List(context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) { yield(oauth.Token{}, errors.ErrUnsupported) }
}

func TestMayKeepWithoutAList(t *testing.T) {
	if err := oauth.MayKeep(t.Context(), unlisted{memory.New(memory.Config{})}); err != nil {
		t.Error(err)
	}
}

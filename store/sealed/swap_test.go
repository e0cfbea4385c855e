package sealed_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sealed"
)

// columns are a row's sealed cells.
func columns(t *oauth.Token) map[string]*oauth.Secret {
	return map[string]*oauth.Secret{
		"client_secret": &t.ClientSecret, "refresh_token": &t.RefreshToken, "access_token": &t.AccessToken, "grant_token": &t.GrantToken,
	}
}

// TestMovedCells copies every cell of one row into every cell of another row, and of
// the same row, and empties each: none of it is read, and nothing is written over it.
func TestMovedCells(t *testing.T) {
	r := newRig(t)
	alice, bob := user("alice"), user("bob")
	bob.ClientSecret = oauth.NewSecret("another secret")
	r.save(r.Store, alice)
	r.save(r.Store, bob)
	one, two := r.find(r.inner, oauth.Token{UserName: "alice"}), r.find(r.inner, oauth.Token{UserName: "bob"})
	moves := map[string]func(*oauth.Token){
		"another user":    func(t *oauth.Token) { t.UserName = "mallory" },
		"no user":         func(t *oauth.Token) { t.UserName = "" },
		"another client":  func(t *oauth.Token) { t.ClientID = "1000.MALLORY" },
		"no client":       func(t *oauth.Token) { t.ClientID = "" },
		"across the edge": func(t *oauth.Token) { t.UserName, t.ClientID = t.UserName+t.ClientID[:1], t.ClientID[1:] },
	}
	for to := range columns(&one) {
		moves["nothing in "+to] = func(t *oauth.Token) { *columns(t)[to] = oauth.Secret{} }
		moves["plain in "+to] = func(t *oauth.Token) { *columns(t)[to] = oauth.NewSecret("1000.plain") }
		moves["half of "+to] = func(t *oauth.Token) {
			cell := columns(t)[to]
			*cell = oauth.NewSecret(cell.Reveal()[:len(cell.Reveal())/2])
		}
		for from := range columns(&one) {
			moves[from+" of another row in "+to] = func(t *oauth.Token) { *columns(t)[to] = *columns(&two)[from] }
			if from != to {
				moves[from+" in "+to] = func(t *oauth.Token) { *columns(t)[to] = *columns(&one)[from] }
			}
		}
	}
	for name, by := range moves {
		t.Run(name, func(t *testing.T) {
			s := seal(t, altered{r.inner, func(t *oauth.Token) {
				if t.ID == one.ID {
					by(t)
				}
			}}, sealed.Config{Keys: r.set})
			before := fmt.Sprint(oauth.All(r.ctx, r.inner))
			errs := map[string]error{}
			_, errs["Get"] = s.Get(r.ctx, one.ID)
			_, errs["Find"] = s.Find(r.ctx, oauth.Token{ID: one.ID})
			_, errs["Save"] = s.Save(r.ctx, oauth.Token{ID: one.ID, AccessToken: oauth.NewSecret("new")})
			_, errs["List"] = oauth.All(r.ctx, s)
			_, errs["SealAll"] = sealed.SealAll(r.ctx, s, sealed.SealAllConfig{})
			for method, err := range errs {
				var place *oauth.CorruptError
				if !errors.Is(err, oauth.ErrCorrupt) || !errors.As(err, &place) {
					t.Errorf("%s: %v, want %q", method, err, oauth.ErrCorrupt)
				} else if !strings.Contains(err.Error(), `row "`+one.ID+`"`) || strings.Contains(err.Error(), "sealed1.") {
					t.Errorf("%s: %v does not name the row, or tells a cell", method, err)
				}
			}
			if after := fmt.Sprint(oauth.All(r.ctx, r.inner)); after != before {
				t.Error("something was written")
			}
			// Bob is not touched by it.
			if got, err := s.Find(r.ctx, oauth.Token{UserName: "bob"}); err != nil || got.RefreshToken != bob.RefreshToken {
				t.Errorf("Find of another row: %v, %v", got, err)
			}
		})
	}
}

// TestAlteredCharacters changes single characters of cells.
func TestAlteredCharacters(t *testing.T) {
	r := newRig(t)
	r.save(r.Store, user("alice"))
	for name := range columns(&oauth.Token{}) {
		row := r.find(r.inner, oauth.Token{UserName: "alice"})
		text := columns(&row)[name].Reveal()
		for at := len("sealed1."); at < len(text); at += 7 {
			for _, put := range []string{"A", "_", "=", "\n", "é", ""} {
				other := text[:at] + put + text[at+1:]
				if other == text {
					continue
				}
				s := seal(t, altered{r.inner, func(t *oauth.Token) { *columns(t)[name] = oauth.NewSecret(other) }}, sealed.Config{Keys: r.set})
				if _, err := s.Get(r.ctx, row.ID); !errors.Is(err, oauth.ErrCorrupt) {
					t.Fatalf("%s with %q at %d: %v", name, put, at, err)
				}
			}
		}
	}
}

// TestRefusePlain: where sealed is demanded, a plain row is damage, by the
// configuration or by what the keys say.
func TestRefusePlain(t *testing.T) {
	r := newRig(t)
	plain := r.save(r.inner, user("alice"))
	r.same(r.find(r.Store, oauth.Token{UserName: "alice"}), user("alice"))
	strict := seal(t, r.inner, sealed.Config{Keys: r.set, RefusePlain: true})
	check := func(s *sealed.Store) {
		t.Helper()
		_, err := s.Find(r.ctx, oauth.Token{UserName: "alice"})
		r.fails(err, oauth.ErrCorrupt)
		if err == nil || !strings.Contains(err.Error(), "plain where sealed is demanded") {
			t.Errorf("got %v", err)
		}
		_, err = s.Get(r.ctx, plain.ID)
		r.fails(err, oauth.ErrCorrupt)
		_, err = s.Save(r.ctx, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("new")})
		r.fails(err, oauth.ErrCorrupt)
		_, err = oauth.All(r.ctx, s)
		r.fails(err, oauth.ErrCorrupt)
		_, err = sealed.SealAll(r.ctx, s, sealed.SealAllConfig{Mode: sealed.Reseal})
		r.fails(err, oauth.ErrCorrupt)
		// By its token it is not even found.
		_, err = s.Find(r.ctx, oauth.Token{RefreshToken: user("alice").RefreshToken})
		r.fails(err, oauth.ErrNotFound)
	}
	check(strict)
	if err := refusePlain(r, true); err != nil {
		t.Fatal(err)
	}
	byKeys := seal(t, r.inner, sealed.Config{Keys: r.keys()})
	check(byKeys)
	// To seal is what is asked for, so it seals.
	if report, err := sealed.SealAll(r.ctx, byKeys, sealed.SealAllConfig{}); err != nil || report.Changed != 1 {
		t.Fatal(report, err)
	}
	r.same(r.find(strict, oauth.Token{UserName: "alice"}), user("alice"))
}

// TestPlainThatLooksSealed: a text that begins like a sealed one was read without the
// keys, and is not sealed once more; and it is never believed when it stands in a row.
func TestPlainThatLooksSealed(t *testing.T) {
	r := newRig(t)
	odd := oauth.Token{UserName: "odd", ClientSecret: oauth.NewSecret("sealed1."), RefreshToken: oauth.NewSecret("sealed1.AAAA"), AccessToken: oauth.NewSecret("sealed1.sealed1.")}
	_, err := r.Save(r.ctx, odd)
	r.fails(err, oauth.ErrInvalidValue)
	r.fails(r.SaveAll(r.ctx, slices.Values([]oauth.Token{odd})), oauth.ErrInvalidValue)
	r.save(r.Store, user("alice"))
	// Whoever has read a sealed cell does not find a row by it.
	cell := r.find(r.inner, oauth.Token{UserName: "alice"}).RefreshToken
	_, err = r.Find(r.ctx, oauth.Token{RefreshToken: cell})
	r.fails(err, oauth.ErrNotFound)
	forged := oauth.Token{UserName: "forged", RefreshToken: oauth.NewSecret("sealed1.AAAA")}
	r.save(r.inner, forged)
	_, err = r.Find(r.ctx, oauth.Token{UserName: "forged"})
	r.fails(err, oauth.ErrCorrupt)
}

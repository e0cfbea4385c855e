package sealed_test

import (
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
)

// TestWhatNothingVouchesFor: whoever can write the store can give two rows each
// other's ID and another API domain without the keys. The rows keep the users' names,
// so who asks by the name is not misled.
func TestWhatNothingVouchesFor(t *testing.T) {
	r := newRig(t)
	r.save(r.Store, user("alice"))
	r.save(r.Store, user("bob"))
	alice, bob := r.find(r.inner, oauth.Token{UserName: "alice"}), r.find(r.inner, oauth.Token{UserName: "bob"})
	alice.ID, bob.ID, alice.Version, bob.Version = bob.ID, alice.ID, "", ""
	elsewhere := strings.Replace(bob.APIDomain, "zohoapis.com", "zohoapis.eu", 1)
	if elsewhere == bob.APIDomain {
		t.Fatal("nothing was altered")
	}
	bob.APIDomain = elsewhere
	written := memory.New(memory.Config{})
	r.save(written, alice)
	r.save(written, bob)
	s := seal(t, written, sealed.Config{Keys: r.set})

	got := r.find(s, oauth.Token{ID: bob.ID}) // which was alice's
	if got.UserName != "bob" || got.RefreshToken != user("bob").RefreshToken || got.APIDomain != "https://www.zohoapis.eu" {
		t.Errorf("by the id: user %q at %s", got.UserName, got.APIDomain)
	}
	if got := r.find(s, oauth.Token{UserName: "alice"}); got.RefreshToken != user("alice").RefreshToken || got.ID != alice.ID {
		t.Errorf("by the name: id %q, user %q", got.ID, got.UserName)
	}
	_, err := s.Find(r.ctx, oauth.Token{ID: bob.ID, UserName: "alice"})
	r.fails(err, oauth.ErrMismatch)
}

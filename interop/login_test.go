package interop

import (
	"errors"
	"testing"

	"zohocrm"
	"zohocrm/oauth"
)

// Both SDKs name a user email:zgid, so a login by either of them meets the row
// of the other one and does not make a second.
func TestInteropLoginsOfOneUserShareOneRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	login := func(user string) oauth.Token {
		return oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(w.sim.Grant(emailOf(user)))}
	}

	byNode := w.node(t).connect(t, w.sim.Grant(emailOf(alice)))
	byGo := w.client(t, login(bob)).User.Row()
	if byNode.UserName != alice || byNode.ID != "1" || byGo.UserName != bob || byGo.ID != "2" {
		t.Fatalf("Node connected %v, Go %v", byNode, byGo)
	}
	sameRows(t, "Go's reading", goList(t, w.file), []oauth.Row{byNode, byGo})

	// Each again, by the other one.
	againByGo := w.client(t, login(alice)).User.Row()
	againByNode := w.node(t).connect(t, w.sim.Grant(emailOf(bob)))
	if againByGo.ID != byNode.ID || againByGo.UserName != alice || againByGo.RefreshToken == byNode.RefreshToken {
		t.Errorf("Go's login of Node's user left %v of %v", againByGo, byNode)
	}
	if againByNode.ID != byGo.ID || againByNode.UserName != bob || againByNode.RefreshToken == byGo.RefreshToken {
		t.Errorf("Node's login of Go's user left %v of %v", againByNode, byGo)
	}
	want := []oauth.Row{againByGo, againByNode}
	sameRows(t, "Go's reading", goList(t, w.file), want)
	n := w.node(t)
	sameRows(t, "Node's reading", n.list(t), want)

	// And both tokens work, in the other one's hands.
	before := w.sim.Counters()
	if seen := n.call(t, alice)[0]; seen.Email != emailOf(alice) {
		t.Errorf("Node was seen as %s", seen.Email)
	}
	if seen := w.goCall(t, bob)[0]; seen.Email != emailOf(bob) {
		t.Errorf("Go was seen as %s", seen.Email)
	}
	after := w.sim.Counters()
	if after.TokenRequests != before.TokenRequests || after.InvalidToken != before.InvalidToken {
		t.Errorf("calls with fresh tokens asked the accounts server: %+v", after)
	}
}

// A program that starts again with the code of its first start finds its row,
// whichever SDK exchanged that code.
func TestInteropSpentCodeFindsTheOthersRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.sim.Grant(emailOf(alice))
	byNode := w.node(t).connect(t, code)
	again := oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(code)}
	if got := w.client(t, again).User.Row(); got != byNode {
		t.Errorf("Go started again with %v, Node had %v", got, byNode)
	}

	code = w.sim.Grant(emailOf(bob))
	again.GrantToken = oauth.NewSecret(code)
	byGo := w.client(t, again).User.Row()
	if got := w.node(t).connect(t, code); got != byGo {
		t.Errorf("Node started again with %v, Go had %v", got, byGo)
	}
	if n := w.sim.Counters(); n.Exchanges != 2 || n.TokenErrors != 0 {
		t.Errorf("%d exchanges of two codes, %d errors", n.Exchanges, n.TokenErrors)
	}
}

// What one deletes, the other does not find.
func TestInteropDeletedByTheOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node(t)
	for _, name := range people() {
		n.save(t, userRow(name))
	}
	store := openFile(t, w.file)
	if _, err := store.Find(t.Context(), oauth.Token{UserName: bob}); err != nil {
		t.Fatal(err)
	}
	n.delete(t, "2")
	if _, err := store.Find(t.Context(), oauth.Token{UserName: bob}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Go finds the row that Node deleted: %v", err)
	}
	if err := store.Delete(t.Context(), "3", ""); err != nil {
		t.Fatal(err)
	}
	if rows := n.list(t); len(rows) != 1 || rows[0].UserName != alice {
		t.Errorf("Node reads %v, want alice alone", rows)
	}
	_, err := zohocrm.New(t.Context(), zohocrm.Config{Token: oauth.Token{UserName: bob}, Store: store, DataCenter: w.home})
	if !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a Go program starts for a deleted user: %v", err)
	}
}

// The same on a table, and on the one that takes no row without a name: Go saves a
// login before it knows whose it is.
func TestInteropTableLoginsOfOneUserShareOneRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelf = tableShelf(t, shapes()[1].create)
	login := func(code string) oauth.Token {
		return oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(code)}
	}
	first := w.node(t)
	byNode := first.connect(t, w.sim.Grant(emailOf(alice)))
	byGo := w.client(t, login(w.sim.Grant(emailOf(alice)))).User.Row()
	if byNode.ID != "1" || byGo.ID != "1" || byGo.UserName != alice || byGo.RefreshToken == byNode.RefreshToken {
		t.Errorf("Node connected %v, and Go again %v", byNode, byGo)
	}

	code := w.sim.Grant(emailOf(bob))
	bobByGo := w.client(t, login(code)).User.Row()
	if started := w.node(t).connect(t, code); started != bobByGo || bobByGo.UserName != bob {
		t.Errorf("Node started with the code of Go's login with %v, Go had %v", started, bobByGo)
	}
	if n := w.sim.Counters(); n.Exchanges != 3 || n.TokenErrors != 0 {
		t.Errorf("%d exchanges of three codes, %d errors", n.Exchanges, n.TokenErrors)
	}
	bobByNode := w.node(t).connect(t, w.sim.Grant(emailOf(bob)))
	bobByNode.ID = bobByGo.ID // where the SDK updates a row, it does not learn its ID
	if bobByNode.UserName != bob || bobByNode.RefreshToken == bobByGo.RefreshToken {
		t.Errorf("Go connected %v, and Node again %v", bobByGo, bobByNode)
	}
	sameOnShelf(t, "after four logins", w.open(t), first, []oauth.Row{byGo, bobByNode})

	before := w.sim.Counters()
	byBoth := append(first.call(t, alice), w.goCall(t, bob)...)
	if byBoth[0].Email != emailOf(alice) || byBoth[1].Email != emailOf(bob) {
		t.Errorf("Node was seen as %s, Go as %s", byBoth[0].Email, byBoth[1].Email)
	}
	if after := w.sim.Counters(); after.TokenRequests != before.TokenRequests || after.InvalidToken != before.InvalidToken {
		t.Errorf("calls with fresh tokens asked the accounts server: %+v", after)
	}
}

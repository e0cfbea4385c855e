package interop

import (
	"testing"

	"zohocrm/oauth"
)

// The story of a migration, and of two programs that share a file: Node connects
// the users, then the two take turns. The tokens die before each round. Whoever
// comes first in a round refreshes, the other one uses what was refreshed. In
// the first and the last two rounds Node is a program that starts anew.
func TestInteropTenRoundsOfTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range people() {
		if row := w.node(t).connect(t, w.sim.Grant(emailOf(name))); row.UserName != name {
			t.Fatalf("Node named the user %q, want %q", row.UserName, name)
		}
	}
	connected := goList(t, w.file)
	if len(connected) != len(people()) {
		t.Fatalf("Go reads %d rows of what Node wrote, want %d", len(connected), len(people()))
	}
	const rounds = 10
	takeTurns(t, w, w.node(t), rounds, func(round int) bool { return round < 2 || round >= rounds-2 })
}

// The same on a table of each shape, where Go connected the users; there the SDK
// keeps nothing in memory at all.
func TestInteropTableTenRoundsOfTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := startNodeAt(t, place{DB: &database{}}, w.sim.URL)
	for _, of := range shapes() {
		t.Run(of.name, func(t *testing.T) {
			w := world{shelf: tableShelf(t, of.create), sim: w.sim, home: w.home}
			n.use(t, w.at)
			for _, name := range people() {
				login := oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(w.sim.Grant(emailOf(name)))}
				if row := w.client(t, login).User.Row(); row.UserName != name {
					t.Fatalf("Go named the user %q, want %q", row.UserName, name)
				}
			}
			takeTurns(t, w, n, 10, func(int) bool { return false })
		})
	}
}

// takeTurns lets Go and Node take turns. anew tells in which rounds Node is a
// program that starts anew.
func takeTurns(t *testing.T, w world, running node, rounds int, anew func(round int) bool) {
	t.Helper()
	connected := byID(rowsOf(t, w.open(t)))
	before := w.sim.Counters()
	for round := range rounds {
		w.expire(t)
		first, second := w.goCall, running.call
		if anew(round) {
			second = w.nodeCall
		}
		who := "Go, then Node"
		if round%2 == 1 {
			first, second = second, first
			who = "Node, then Go"
		}
		renewed := first(t, people()...)
		between := w.sim.Counters().Refreshes
		used := second(t, people()...)

		if n := between - before.Refreshes; n != int64((round+1)*len(people())) {
			t.Fatalf("round %d (%s): %d refreshes, want one for each user and round", round, who, n)
		}
		if after := w.sim.Counters().Refreshes; after != between {
			t.Fatalf("round %d (%s): the second refreshed %d tokens that were fresh", round, who, after-between)
		}
		for i, name := range people() {
			if renewed[i].Email != emailOf(name) || used[i].Email != emailOf(name) {
				t.Errorf("round %d (%s): %s was seen as %s and as %s", round, who, name, renewed[i].Email, used[i].Email)
			}
			if used[i].Row != renewed[i].Row {
				t.Errorf("round %d (%s): the second used %v, the first left %v", round, who, used[i].Row, renewed[i].Row)
			}
		}
	}
	after := w.sim.Counters()
	if n := after.APICalls - before.APICalls; n != 2*int64(rounds*len(people())) {
		t.Errorf("%d CRM calls, want two for each user and round", n)
	}
	if after.InvalidToken != before.InvalidToken || after.TokenErrors != before.TokenErrors || after.Throttled != before.Throttled || after.Exchanges != before.Exchanges {
		t.Errorf("the simulator had to refuse something: %+v, before %+v", after, before)
	}
	// All that the turns may change is the access tokens and their expiry.
	got := byID(rowsOf(t, w.open(t)))
	sameRows(t, "after all rounds", unaccessed(got), unaccessed(connected))
	sameRows(t, "Node's reading", byID(running.list(t)), got)
}

func unaccessed(rows []oauth.Row) []oauth.Row {
	var out []oauth.Row
	for _, r := range rows {
		r.AccessToken, r.ExpiryTime = "", ""
		out = append(out, r)
	}
	return out
}

// Programs that run on, with the tokens in their memory, notice what the other
// one refreshed: Node by reading the file before each call, Go when its own token
// is refused, without asking for another.
func TestInteropRunningProgramsAdoptWhatTheOtherRefreshed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.node(t)
	n.connect(t, w.sim.Grant(emailOf(alice)))
	client := w.client(t, oauth.Token{UserName: alice})
	calls := func() {
		t.Helper()
		if a := n.do(t, step{Do: "call"}); value[called](t, a).Email != emailOf(alice) {
			t.Errorf("Node was seen as %s", a.Ok)
		}
		if user, err := client.CRM.Users.Current(t.Context()); err != nil || user.Email != emailOf(alice) {
			t.Errorf("Go was seen as %s, %v", user.Email, err)
		}
	}
	calls()

	w.expire(t)
	calls() // Node refreshes; Go's token is refused, and Node's adopted
	if c := w.sim.Counters(); c.Refreshes != 1 || c.InvalidToken != 1 {
		t.Errorf("Node first: %d refreshes, %d refusals, want 1 and 1", c.Refreshes, c.InvalidToken)
	}

	w.expire(t)
	if _, err := client.CRM.Users.Current(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls() // Go has refreshed, Node reads it
	if c := w.sim.Counters(); c.Refreshes != 2 || c.InvalidToken != 2 {
		t.Errorf("Go first: %d refreshes, %d refusals, want 2 and 2", c.Refreshes, c.InvalidToken)
	}
	if rows := n.list(t); len(rows) != 1 {
		t.Errorf("%d rows of one user", len(rows))
	}
}

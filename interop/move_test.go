package interop

import (
	"strings"
	"testing"

	"zohocrm/oauth"
)

// The move that docs/migrating.md describes, of a Node service from its file into a
// table, without an end of the old service before the new one works; and back.
func TestInteropProgramMovesHouse(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	file, table := fileShelf(t), tableShelf(t, "")
	old := startNodeAt(t, file.at, p.url)
	old.connect(t, p.grant(t, alice))
	p.run(t, file.url, "login", "--grant-token", p.grant(t, bob))
	for user := 1; user <= 10; user++ {
		old.save(t, numbered(user))
	}
	before := old.list(t)

	p.run(t, file.url, "store", "check")
	if told := p.run(t, "memory:", "store", "copy", "--from", file.url, "--to", table.url, "--dry-run"); !strings.Contains(told, "12 inserted") {
		t.Errorf("a dry run prints %q", told)
	}
	if rows := rowsOf(t, table.open(t)); len(rows) != 0 {
		t.Fatalf("a dry run wrote %v", rows)
	}
	copyAll := func(from, to shelf, want string) {
		t.Helper()
		if told := p.run(t, "memory:", "store", "copy", "--from", from.url, "--to", to.url); !strings.Contains(told, want) {
			t.Errorf("zcrm store copy prints %q, want %q", told, want)
		}
	}
	copyAll(file, table, "12 inserted, 0 updated, 0 unchanged")

	// The old service has worked on meanwhile; the last copy brings that too.
	rewrite(t, file.file, expired)
	old.call(t, alice)
	renewed := old.list(t)
	copyAll(file, table, "0 inserted, 12 updated, 0 unchanged")
	copyAll(file, table, "0 inserted, 0 updated, 12 unchanged")
	sameRows(t, "the old service's file", unaccessed(renewed), unaccessed(before))

	// The new service is the same SDK on the table, and zcrm beside it.
	now := startNodeAt(t, table.at, p.url)
	sameOnShelf(t, "after the move", table.open(t), now, renewed)
	asked := p.refreshes(t)
	if seen := now.call(t, alice)[0]; seen.Email != emailOf(alice) || seen.Row.AccessToken != renewed[0].AccessToken || p.refreshes(t) != asked {
		t.Errorf("Node is seen as %s, with another token or after a refresh", seen.Email)
	}
	table.expire(t)
	seen := now.call(t, alice, bob)
	for i, name := range []string{alice, bob} {
		if token := strings.TrimSpace(p.run(t, table.url, "token", "get", "--user", name)); seen[i].Email != emailOf(name) || token != seen[i].Row.AccessToken {
			t.Errorf("Node was seen as %s; zcrm prints its token: %v", seen[i].Email, token == seen[i].Row.AccessToken)
		}
	}
	if n := p.refreshes(t) - asked; n != 2 {
		t.Errorf("%d refreshes of two expired tokens", n)
	}

	// Twelve rows with their IDs from the file: the SDK cannot number a thirteenth,
	// until zcrm has logged one in.
	late := numbered(13)
	if a := now.do(t, step{Do: "save", Row: &late}); a.Error == nil || a.Error.Code != "ER_DUP_ENTRY" {
		t.Errorf("Node saved a thirteenth user: %s, %v", a.Ok, a.Error)
	}
	p.run(t, table.url, "login", "--grant-token", p.grant(t, carol))
	if late = now.save(t, late); oauth.NumberOf(late.ID) < 900000001 {
		t.Errorf("Node saved a user under %q", late.ID)
	}

	// And back: the old service goes on with what the new one did.
	copyAll(table, file, "2 inserted, 12 updated, 0 unchanged")
	sameRows(t, "after the way back", byID(old.list(t)), byID(now.list(t)))
	asked = p.refreshes(t)
	if seen := old.call(t, alice, bob, carol); seen[2].Email != emailOf(carol) || p.refreshes(t) != asked {
		t.Errorf("the old service is seen as %s, after %d refreshes", seen[2].Email, p.refreshes(t)-asked)
	}
}

package interop

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// Two Go processes and two Node programs add users to one table at the same
// moment, and give one user whom all of them share new access tokens. Nobody's row
// is lost, no ID is given twice, and no row is a mixture. What the server refuses
// to Node, which takes no lock, its program has to begin anew; Go does by itself.
func TestInteropTableBothWriteAtOnce(t *testing.T) {
	t.Parallel()
	const writers, each = 2, 20
	none := fileShelf(t).at
	nodes := [writers]node{startNodeAt(t, none, ""), startNodeAt(t, none, "")}
	for _, of := range shapes() {
		t.Run(of.name, func(t *testing.T) {
			s := tableShelf(t, of.create)
			shared := saveAs(t, s.open(t), userRow(alice), "1")
			kept := saveAs(t, s.open(t), userRow(keep), "2")
			var workers []*process
			for i, n := range nodes {
				n.use(t, s.at)
				workers = append(workers, startWorker(t, workerJob{Store: s.url, Name: fmt.Sprintf("go%d-", i), Count: each, Keep: keep, Share: alice}))
			}
			for i, n := range nodes {
				row := userRow(fmt.Sprintf("node%d-", i))
				n.send(t, step{Do: "grow", Row: &row, Count: each, User: alice})
			}
			for _, w := range workers {
				w.send(t, "begin")
			}
			for _, w := range workers {
				if r := value[workerReport](t, w.next(t)); r.Saved != each || r.Retried > 0 || len(r.Errors) > 0 {
					t.Errorf("Go saved %d of %d: %s", r.Saved, each, strings.Join(r.Errors, "; "))
				}
			}
			refused := make(map[string]int)
			for _, n := range nodes {
				done := value[struct {
					Saved   int
					Refused map[string]int
				}](t, n.next(t))
				if done.Saved != each {
					t.Errorf("Node saved %d of %d", done.Saved, each)
				}
				for code, times := range done.Refused {
					refused[code] += times
				}
			}
			t.Logf("of Node's %d saves the server refused so many at first: %v", 2*writers*each, refused)
			checkGrown(t, s, nodes[0], map[string]oauth.Row{alice: shared, keep: kept}, 2*writers*each)
		})
	}
}

// checkGrown checks the table: the rows that were there, of which alice's has new
// access tokens, and so many new ones.
func checkGrown(t *testing.T, s shelf, n node, old map[string]oauth.Row, grown int) {
	t.Helper()
	rows := byID(rowsOf(t, s.open(t)))
	ids, users := make(map[string]bool), maps.Clone(old)
	for _, row := range rows {
		if ids[row.ID] {
			t.Errorf("ID %s is given twice", row.ID)
		}
		ids[row.ID] = true
		want, ok := users[row.UserName]
		switch {
		case row.UserName == alice:
			if !strings.HasPrefix(row.AccessToken, "1000.access."+row.ExpiryTime+".") {
				t.Errorf("alice's access token and its expiry are of two writers: %v", row)
			}
			want.AccessToken, want.ExpiryTime = row.AccessToken, row.ExpiryTime
		case !ok:
			want = userRow(row.UserName)
			want.ID = row.ID
			users[row.UserName] = row
		}
		if row != want {
			t.Errorf("there is %v, want %v", row, want)
		}
	}
	if len(rows) != len(old)+grown || len(users) != len(rows) {
		t.Errorf("%d rows of %d users, want %d", len(rows), len(users), len(old)+grown)
	}
	sameRows(t, "Node's reading", byID(n.list(t)), rows)
}

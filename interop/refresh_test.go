package interop

import (
	"slices"
	"testing"
	"time"

	"zohocrm/oauth"
)

// Refreshes by Go and Node together, in one file and in one table. Three Go
// processes of four programs each share leases; the SDK knows of none, so it
// refreshes whenever it finds an expired token, and Go cannot help that. What must
// hold: Go as a whole asks once for an expired token at the most, and not at all
// when Node's new token is there already; nobody fails; and in the end all use one
// token.
func TestInteropRefreshTogether(t *testing.T) {
	f, s, url := newFront(t)
	for name, where := range map[string]struct {
		shelf func(t *testing.T) shelf
		nodes int // a file is torn when two programs of the SDK write it at once
	}{
		"file":  {fileShelf, 1},
		"table": {func(t *testing.T) shelf { return tableShelf(t, shapes()[0].create) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := meeting{world: world{shelf: where.shelf(t), sim: s}, front: f}
			for range where.nodes {
				m.nodes = append(m.nodes, startNodeAt(t, m.at, url))
			}
			connected := m.nodes[0].connect(t, s.Grant(emailOf(alice)))
			for range 3 {
				m.wakers = append(m.wakers, startWaker(t, wakerJob{Store: m.url, URL: url, User: alice, Goroutines: 4}))
			}
			m.front.asks()
			t.Run("Node just did", m.nodeJustDid)
			t.Run("Go just did", m.goJustDid)
			t.Run("Node is at it", m.nodeIsAtIt)
			t.Run("Go is at it", m.goIsAtIt)
			t.Run("all at once", m.allAtOnce)
			left := m.rows(t)
			sameRows(t, "after all refreshes", unaccessed(left), unaccessed([]oauth.Row{connected}))
			if c := s.Counters(); c.TokenErrors > 0 || c.Throttled > 0 || c.InvalidToken > 0 {
				t.Errorf("the simulator had to refuse something: %+v", c)
			}
		})
	}
}

// meeting is Go processes and Node programs that share one user's token.
type meeting struct {
	world
	front  *front
	wakers []*process
	nodes  []node
}

// rows is what Go reads on the shelf.
func (m meeting) rows(t *testing.T) []oauth.Row {
	t.Helper()
	return rowsOf(t, m.open(t))
}

// stored is the access token on the shelf.
func (m meeting) stored(t *testing.T) string {
	t.Helper()
	rows := m.rows(t)
	if len(rows) != 1 {
		t.Fatalf("%d rows of one user: %v", len(rows), rows)
	}
	return rows[0].AccessToken
}

// woken waits for a Go process that was told to wake, and returns the tokens that
// it used.
func woken(t *testing.T, p *process) []string {
	t.Helper()
	r := value[wakerReport](t, p.next(t))
	if len(r.Errors) > 0 {
		t.Errorf("Go failed %d times: %s", len(r.Errors), r.Errors[0])
	}
	return r.Tokens
}

// called waits for a Node program that was told to call, and returns its token.
func (m meeting) called(t *testing.T, n node) string {
	t.Helper()
	c := value[called](t, n.next(t))
	if c.Email != emailOf(alice) {
		t.Errorf("Node was seen as %s", c.Email)
	}
	return c.Row.AccessToken
}

func (m meeting) tellNode(t *testing.T, n node) { n.send(t, step{Do: "call", User: alice}) }

func (m meeting) tellGo(t *testing.T, wakers ...*process) {
	t.Helper()
	for _, p := range wakers {
		p.send(t, "wake")
	}
}

// allUse lets everybody wake, and checks that all use the stored token and nobody
// asks for another.
func (m meeting) allUse(t *testing.T) {
	t.Helper()
	stored := m.stored(t)
	m.front.asks()
	m.tellGo(t, m.wakers...)
	for _, p := range m.wakers {
		if used := woken(t, p); !slices.Equal(used, []string{stored}) {
			t.Errorf("Go uses %d tokens, want the stored one alone", len(used))
		}
	}
	for _, n := range m.nodes {
		if m.tellNode(t, n); m.called(t, n) != stored {
			t.Error("Node does not use the stored token")
		}
	}
	if n := m.front.asks(); n != (asks{}) {
		t.Errorf("there is a fresh token: %v", n)
	}
}

// nodeJustDid: Go finds Node's new token.
func (m meeting) nodeJustDid(t *testing.T) {
	m.expire(t)
	m.tellNode(t, m.nodes[0])
	m.called(t, m.nodes[0])
	if n := m.front.asks(); n != (asks{Node: 1}) {
		t.Errorf("an expired token: %v", n)
	}
	m.allUse(t)
}

// goJustDid: Node finds Go's.
func (m meeting) goJustDid(t *testing.T) {
	m.expire(t)
	m.tellGo(t, m.wakers...)
	for _, p := range m.wakers {
		woken(t, p)
	}
	if n := m.front.asks(); n != (asks{Go: 1}) {
		t.Errorf("an expired token: %v", n)
	}
	m.allUse(t)
}

// nodeIsAtIt: Node has asked, and Go cannot know. Node's token, which is saved
// last, is the one that all use afterwards.
func (m meeting) nodeIsAtIt(t *testing.T) {
	m.expire(t)
	h := m.front.hold(t, byNode)
	m.tellNode(t, m.nodes[0])
	<-h.answered
	m.tellGo(t, m.wakers...)
	for _, p := range m.wakers {
		woken(t, p)
	}
	h.release()
	if mine := m.called(t, m.nodes[0]); m.stored(t) != mine {
		t.Error("Node saved last, and its token is not there")
	}
	if n := m.front.asks(); n != (asks{Go: 1, Node: 1}) {
		t.Errorf("an expired token: %v", n)
	}
	m.allUse(t)
}

// goIsAtIt: a Go process has the lease and has asked, the others wait for it, and
// Node asks too. The others are content with Node's token, at once.
func (m meeting) goIsAtIt(t *testing.T) {
	m.expire(t)
	h := m.front.hold(t, byGo)
	leader, others := m.wakers[0], m.wakers[1:]
	m.tellGo(t, leader)
	<-h.answered
	m.tellGo(t, others...)
	m.tellNode(t, m.nodes[0])
	byNode := m.called(t, m.nodes[0])
	for _, p := range others {
		if used := woken(t, p); !slices.Equal(used, []string{byNode}) {
			t.Errorf("a Go process that waited uses %d tokens, want Node's alone", len(used))
		}
	}
	h.release()
	woken(t, leader)
	if n := m.front.asks(); n != (asks{Go: 1, Node: 1}) {
		t.Errorf("an expired token: %v", n)
	}
	m.allUse(t)
}

// allAtOnce: they wake one after the other, by times that chance does not decide,
// and in the middle at once. There are so few rounds because a refresh token is good
// for nine tokens in ten minutes, by the store's clock too.
func (m meeting) allAtOnce(t *testing.T) {
	var total asks
	for _, ahead := range []time.Duration{-40, 0, 0, 20, 60} { // ms that Node is ahead of Go
		m.expire(t)
		wakeNode := func() {
			for _, n := range m.nodes {
				m.tellNode(t, n)
			}
		}
		if ahead >= 0 {
			wakeNode()
		}
		time.Sleep(ahead.Abs() * time.Millisecond) // the load, not a synchronisation
		m.tellGo(t, m.wakers...)
		if ahead < 0 {
			wakeNode()
		}
		for _, p := range m.wakers {
			woken(t, p)
		}
		for _, n := range m.nodes {
			m.called(t, n)
		}
		n := m.front.asks()
		if n.Go > 1 || n.Node > len(m.nodes) || n.Go+n.Node == 0 {
			t.Errorf("an expired token, Node %d ms ahead: %v", ahead, n)
		}
		total.Go, total.Node = total.Go+n.Go, total.Node+n.Node
		m.allUse(t)
	}
	t.Logf("five expired tokens, 12 Go programs and %d of Node: %v", len(m.nodes), total)
}

package interop

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"zohocrm/oauth"
)

// node is a program with the official SDK, on a token file or table. The SDK keeps
// nothing of it in memory.
type node struct{ *process }

// place is a file or a table, as the driver is told it.
type place struct {
	File string    `json:"file,omitempty"`
	DB   *database `json:"db,omitempty"`
}

// database is the six settings of the SDK's DBStore.
type database struct {
	Host     string `json:"host"`
	Port     string `json:"port"`
	Database string `json:"database"`
	Table    string `json:"table"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// step is one thing for the driver to do; see node/driver.mjs.
type step struct {
	Do    string     `json:"do"`
	Row   *oauth.Row `json:"row,omitempty"`
	User  string     `json:"user,omitempty"`
	ID    string     `json:"id,omitempty"`
	At    *place     `json:"at,omitempty"`
	File  string     `json:"file,omitempty"` // to list another file than the program's own
	Count int        `json:"count,omitempty"`
	Pause int        `json:"pause,omitempty"` // ms
}

// startNode starts the program on a file. url is the simulator's; empty for one
// that needs none.
func startNode(t *testing.T, file, url string) node {
	t.Helper()
	return startNodeAt(t, place{File: file}, url)
}

// startNodeAt starts it on a file or a table.
func startNodeAt(t *testing.T, at place, url string) node {
	t.Helper()
	driver := filepath.Join(needNode(t), "driver.mjs")
	job, err := json.Marshal(map[string]any{"at": at, "url": url, "resources": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return node{spawn(t, "node", []string{driver, string(job)})}
}

// do does one thing.
func (n node) do(t *testing.T, s step) answer {
	t.Helper()
	n.send(t, s)
	return n.next(t)
}

// use makes the program go on with another file or table.
func (n node) use(t *testing.T, at place) {
	t.Helper()
	n.ok(t, step{Do: "use", At: &at})
}

// ok does one thing that must not fail.
func (n node) ok(t *testing.T, s step) {
	t.Helper()
	if a := n.do(t, s); a.Error != nil {
		t.Fatal(a.Error)
	}
}

// connect logs a user in with a grant code. A program can do that once.
func (n node) connect(t *testing.T, code string) oauth.Row {
	t.Helper()
	return value[oauth.Row](t, n.do(t, step{Do: "connect", Row: &oauth.Row{ClientID: clientID, ClientSecret: clientSecret, GrantToken: code}}))
}

// called is what came of a CRM call.
type called struct {
	Row   oauth.Row `json:"row"`   // the token it was made with
	Email string    `json:"email"` // as whom the CRM saw the caller
}

// call asks the CRM who each user is.
func (n node) call(t *testing.T, users ...string) []called {
	t.Helper()
	var all []called
	for _, u := range users {
		all = append(all, value[called](t, n.do(t, step{Do: "call", User: u})))
	}
	return all
}

// list is what the SDK reads in the file.
func (n node) list(t *testing.T) []oauth.Row {
	t.Helper()
	return value[[]oauth.Row](t, n.do(t, step{Do: "list"}))
}

// find looks for a row as the SDK does; nil if it finds none.
func (n node) find(t *testing.T, row oauth.Row) *oauth.Row {
	t.Helper()
	return value[*oauth.Row](t, n.do(t, step{Do: "find", Row: &row}))
}

// get looks for an ID, which must be there.
func (n node) get(t *testing.T, id string) oauth.Row {
	t.Helper()
	return value[oauth.Row](t, n.do(t, step{Do: "get", ID: id}))
}

// save stores a row as the SDK does.
func (n node) save(t *testing.T, row oauth.Row) oauth.Row {
	t.Helper()
	return value[oauth.Row](t, n.do(t, step{Do: "save", Row: &row}))
}

// delete removes the row with this ID.
func (n node) delete(t *testing.T, id string) {
	t.Helper()
	n.ok(t, step{Do: "delete", ID: id})
}

// slowly begins a step that writes the file, and returns when the file is cut to
// nothing; it takes two pauses more until the file is whole. The answer to the
// step is the next one.
func (n node) slowly(t *testing.T, s step) {
	t.Helper()
	const pause = 150 // ms; Go looks again for a second
	n.ok(t, step{Do: "slow", Pause: pause})
	if !n.do(t, s).Cut {
		t.Fatal("Node has not cut the file: this test proves nothing any more")
	}
}

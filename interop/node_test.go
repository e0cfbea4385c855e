package interop

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"zohocrm/oauth"
)

// node is the official SDK on a token file. Each call is a process of its own,
// so nothing is remembered but what the file says.
type node struct {
	file string
	url  string // of the simulator; empty for what needs none
}

// step is one thing for the driver to do; see node/driver.mjs.
type step struct {
	Do    string     `json:"do"`
	Row   *oauth.Row `json:"row,omitempty"`
	User  string     `json:"user,omitempty"`
	ID    string     `json:"id,omitempty"`
	File  string     `json:"file,omitempty"` // to list another file than the node's
	Count int        `json:"count,omitempty"`
	Pause int        `json:"pause,omitempty"` // ms
}

// start starts the driver without waiting for it.
func (n node) start(t *testing.T, steps ...step) *process {
	t.Helper()
	driver := filepath.Join(needNode(t), "driver.mjs")
	job, err := json.Marshal(map[string]any{"file": n.file, "url": n.url, "resources": t.TempDir(), "steps": steps})
	if err != nil {
		t.Fatal(err)
	}
	return spawn(t, "node", []string{driver, string(job)})
}

// do runs the steps in one process and returns an answer for each.
func (n node) do(t *testing.T, steps ...step) []answer {
	t.Helper()
	all := n.start(t, steps...).rest(t)
	if len(all) != len(steps) {
		t.Fatalf("%d answers to %d steps", len(all), len(steps))
	}
	return all
}

// connect logs a user in with a grant code.
func (n node) connect(t *testing.T, code string) oauth.Row {
	t.Helper()
	return value[oauth.Row](t, n.do(t, step{Do: "connect", Row: &oauth.Row{ClientID: clientID, ClientSecret: clientSecret, GrantToken: code}})[0])
}

// called is what came of a CRM call.
type called struct {
	Row   oauth.Row `json:"row"`   // the token it was made with
	Email string    `json:"email"` // as whom the CRM saw the caller
}

// call asks the CRM who each user is, all in one process.
func (n node) call(t *testing.T, users ...string) []called {
	t.Helper()
	var steps []step
	for _, u := range users {
		steps = append(steps, step{Do: "call", User: u})
	}
	var all []called
	for _, a := range n.do(t, steps...) {
		all = append(all, value[called](t, a))
	}
	return all
}

// list is what the SDK reads in the file.
func (n node) list(t *testing.T) []oauth.Row {
	t.Helper()
	return value[[]oauth.Row](t, n.do(t, step{Do: "list"})[0])
}

// save stores rows as the SDK does, one after the other.
func (n node) save(t *testing.T, rows ...oauth.Row) []oauth.Row {
	t.Helper()
	var steps []step
	for i := range rows {
		steps = append(steps, step{Do: "save", Row: &rows[i]})
	}
	var saved []oauth.Row
	for _, a := range n.do(t, steps...) {
		saved = append(saved, value[oauth.Row](t, a))
	}
	return saved
}

// find looks for a row as the SDK does; nil if it finds none.
func (n node) find(t *testing.T, row oauth.Row) *oauth.Row {
	t.Helper()
	return value[*oauth.Row](t, n.do(t, step{Do: "find", Row: &row})[0])
}

// delete removes the row with this ID.
func (n node) delete(t *testing.T, id string) {
	t.Helper()
	if a := n.do(t, step{Do: "delete", ID: id})[0]; a.Error != nil {
		t.Fatal(a.Error)
	}
}

package interop

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// stepped is what came of one step, as JSON.
type stepped struct {
	Step   string          `json:"step"`
	Result json.RawMessage `json:"result"`
	Thrown string          `json:"thrown"` // what the SDK threw
}

// TestInteropCRM: the official SDK and this module do the same day's work, each on
// a simulator of its own with the same records and the same clock, and are
// answered the same at each step, IDs included. What the simulator gets wrong in
// the same way for both is not found here; but the SDK was not written by us, and
// it reads each answer into types that Zoho gave it.
func TestInteropCRM(t *testing.T) {
	needNode(t)
	now := time.Now().Truncate(time.Second)
	byNode := nodeScript(t, newDay(t, now))
	byGo := newDay(t, now).goScript(t)
	if len(byGo) < 30 {
		t.Errorf("%d steps only", len(byGo))
	}
	for i, want := range byNode {
		switch {
		case i >= len(byGo) || byGo[i].Step != want.Step:
			t.Fatalf("step %d is %q in Node, and another one in Go", i+1, want.Step)
		case want.Thrown != "":
			t.Errorf("%s: the SDK threw %.400s", want.Step, want.Thrown)
		case !sameJSON(t, byGo[i].Result, want.Result):
			t.Errorf("%s\n  Go   %.600s\n  Node %.600s", want.Step, byGo[i].Result, want.Result)
		}
	}
	if len(byGo) > len(byNode) {
		t.Errorf("%d steps in Go, %d in Node", len(byGo), len(byNode))
	}
}

func sameJSON(t *testing.T, a, b json.RawMessage) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(x) == fmt.Sprint(y) // maps are printed in order
}

// day is a simulator with a clock that stands, and a user who has consented to
// everything, with a token in a file.
type day struct {
	world
	user    string
	expiry  time.Time // of the watch that is made
	archive []byte    // the ZIP that is imported
}

func newDay(t *testing.T, now time.Time) day {
	t.Helper()
	limits := sim.NoLimits()
	s := simtest.New(t, sim.Config{Now: func() time.Time { return now }, Limits: &limits, BulkTime: -1})
	code, err := s.Server.Grant(sim.GrantRequest{User: "alice", Scope: sim.EveryScope})
	if err != nil {
		t.Fatal(err)
	}
	d := day{
		world: world{shelf: fileShelf(t), sim: s, home: homeOf(t, s.URL)}, user: alice, expiry: now.Add(time.Hour),
		archive: packed(t, "leads.csv", "Last_Name,Email\nLiszt,liszt@example.org\nWagner,wagner@example.org\n"),
	}
	c := d.client(t, oauth.Token{ClientID: clientID, ClientSecret: oauth.NewSecret(clientSecret), GrantToken: oauth.NewSecret(code)})
	if c.User.UserName != alice {
		t.Fatalf("%s has signed in", c.User.UserName)
	}
	return d
}

// nodeScript runs node/crm.mjs.
func nodeScript(t *testing.T, d day) []stepped {
	t.Helper()
	job, err := json.Marshal(map[string]string{
		"file": d.file, "user": d.user, "url": d.sim.URL, "resources": t.TempDir(), "expiry": d.expiry.Format(time.RFC3339),
		"archive": base64.StdEncoding.EncodeToString(d.archive),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), processTimeout)
	defer cancel()
	node := exec.CommandContext(ctx, "node", filepath.Join(needNode(t), "crm.mjs"), string(job))
	var told bytes.Buffer
	node.Stderr = &told
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, lastLines(told.String(), 5))
	}
	var steps []stepped
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var s stepped
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%v: %.200s", err, lines.Text())
		}
		steps = append(steps, s)
	}
	return steps
}

// goScript does the same.
func (d day) goScript(t *testing.T) []stepped {
	t.Helper()
	c := d.client(t, oauth.Token{UserName: d.user}).CRM
	s := &crmScript{ctx: t.Context(), c: c, day: d}
	for _, part := range []func(){s.records, s.lists, s.writes, s.tags, s.notes, s.files, s.links, s.bulk, s.metadata, s.end} {
		part()
	}
	return s.steps
}

// crmScript makes the steps of node/crm.mjs.
type crmScript struct {
	ctx   context.Context
	c     *crm.Client
	day   day
	steps []stepped
	leads []string
}

// step notes what came of one; a *crm.Error without a result is its code.
func (s *crmScript) step(name string, result any, err error) {
	var e *crm.Error
	var some *crm.RecordsError
	switch {
	case err == nil || errors.As(err, &some): // each result says what came of it
	case errors.As(err, &e):
		result = map[string]any{"error": e.Code}
	default:
		result = "failed: " + err.Error()
	}
	text, err := json.Marshal(result)
	if err != nil {
		text, _ = json.Marshal(err.Error())
	}
	s.steps = append(s.steps, stepped{Step: name, Result: text})
}

// results notes those of a write.
func (s *crmScript) results(name string, list []crm.Result, err error) {
	s.step(name, short(list...), err)
}

func short(list ...crm.Result) []map[string]string {
	out := []map[string]string{}
	for _, r := range list {
		one := map[string]string{"code": r.Code}
		if id := idIn(r.Details); id != "" {
			one["id"] = id
		}
		out = append(out, one)
	}
	return out
}

func idIn(details json.RawMessage) string {
	var d struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(details, &d) != nil {
		return ""
	}
	return d.ID
}

// row are the fields that the script is about.
func row(r crm.Record) map[string]string {
	out := map[string]string{"id": r.ID()}
	for _, name := range []string{"Last_Name", "Company", "Email", "City"} {
		if v := r.Text(name); v != "" {
			out[name] = v
		}
	}
	return out
}

// page notes one page of a list; null if nothing was found.
func (s *crmScript) page(name string, p *crm.Page, err error) {
	if err != nil || len(p.Records) == 0 {
		s.step(name, nil, err)
		return
	}
	rows := []map[string]string{}
	for _, r := range p.Records {
		rows = append(rows, row(r))
	}
	s.step(name, map[string]any{"records": rows, "more": p.Info.MoreRecords, "count": p.Info.Count}, nil)
}

// content notes a file by its length and hash.
func (s *crmScript) content(name string, file *bytes.Buffer, err error) {
	sum := sha256.Sum256(file.Bytes())
	s.step(name, map[string]any{"length": file.Len(), "sha256": hex.EncodeToString(sum[:])}, err)
}

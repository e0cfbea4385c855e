package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// keep is a user who is there first and whom nobody touches.
const keep = "keep@example.com:1"

// Go processes that save at the same moment lose nothing, and an SDK that reads
// meanwhile never sees a piece of a file or one with rows missing.
//
// Defects: D3.
func TestInteropGoProcessesLoseNothingAndTearNothing(t *testing.T) {
	const workers, each = 3, 40
	file := t.TempDir() + "/sdk_tokens.txt"
	if _, err := openFile(t, file).Save(t.Context(), userToken(keep)); err != nil {
		t.Fatal(err)
	}
	reader := startNode(t, file, "")
	var writers []*process
	for i := range workers {
		writers = append(writers, startWorker(t, workerJob{Store: "csv:" + file, Name: fmt.Sprintf("go%d-", i), Count: each, Keep: keep}))
	}
	reader.send(t, step{Do: "watch", Count: 1 + workers*each})
	for _, p := range writers {
		p.send(t, "begin")
	}
	for _, p := range writers {
		r := value[workerReport](t, p.next(t))
		if r.Saved != each || len(r.Errors) > 0 {
			t.Errorf("a worker saved %d of %d: %s", r.Saved, each, strings.Join(r.Errors, "; "))
		}
	}
	seen := value[struct{ Reads, Torn, Fewer int }](t, reader.next(t))
	t.Logf("Node read the file %d times while Go wrote it", seen.Reads)
	if seen.Torn > 0 || seen.Fewer > 0 {
		t.Errorf("in %d readings Node saw %d torn rows, and %d times fewer rows than before", seen.Reads, seen.Torn, seen.Fewer)
	}

	rows := goList(t, file)
	ids := make(map[string]bool)
	for _, r := range rows {
		ids[r.ID] = true
	}
	if len(rows) != 1+workers*each || len(ids) != len(rows) {
		t.Errorf("%d rows with %d IDs are left of %d", len(rows), len(ids), 1+workers*each)
	}
}

// figures is what TestInteropNodeBesideGo measured, for the documentation.
type figures struct {
	Rows      int `json:"rows"`       // saved by both together
	Left      int `json:"left"`       // of these, in the file at the end
	LeftOfGo  int `json:"left_of_go"` // of the half that Go saved
	Retried   int `json:"go_retried"` // saves that Go had to begin anew, as Node kept writing
	Turns     int `json:"turns"`      // how often a row of one writer follows one of the other
	DoubledID int `json:"doubled_id"` // IDs that two rows share
}

const (
	// leastLeft is how many of 200 rows must be left. Node rewrites the file from
	// what it read some milliseconds before, without a lock, so what Go saved
	// between is lost and no writer can help it. On a busy machine of two cores
	// that happened to none to three rows.
	leastLeft = 180
	// leastTurns tells that both were at work at the same time; usual are 60 to 120.
	leastTurns = 10
)

// A Node process and a Go process save new users at the same moment. Go never
// takes a half-written file for an empty one, so nothing is lost but what Node
// overwrites. The figure belongs into docs/stores.md: programs of both kinds that
// write all day need a database.
func TestInteropNodeBesideGo(t *testing.T) {
	const each = 100
	const nodePause, goPause = 120, 20 // ms: each finds the other one at work
	file := t.TempDir() + "/sdk_tokens.txt"
	if _, err := openFile(t, file).Save(t.Context(), userToken(keep)); err != nil {
		t.Fatal(err)
	}
	row := userRow("node")
	byNode := startNode(t, file, "")
	byGo := startWorker(t, workerJob{Store: "csv:" + file, Name: "go", Count: each, Keep: keep, Pause: goPause})
	byNode.send(t, step{Do: "churn", Row: &row, Count: each, Pause: nodePause})
	byGo.send(t, "begin")
	report := value[workerReport](t, byGo.next(t))
	if n := value[int](t, byNode.next(t)); n != each || report.Saved != each || len(report.Errors) > 0 {
		t.Fatalf("Node saved %d, Go %d: %s", n, report.Saved, strings.Join(report.Errors, "; "))
	}

	f := figures{Rows: 2 * each, Retried: report.Retried}
	ids := make(map[string]bool)
	users := make(map[string]bool)
	last := ""
	for _, r := range goList(t, file) {
		if users[r.UserName] {
			t.Errorf("user %s has two rows", r.UserName)
		}
		if ids[r.ID] {
			f.DoubledID++
		}
		ids[r.ID], users[r.UserName] = true, true
		if want := userRow(r.UserName); r.RefreshToken != want.RefreshToken || r.AccessToken != want.AccessToken || r.APIDomain != want.APIDomain {
			t.Errorf("the row of %s was torn: %v", r.UserName, r)
		}
		writer := strings.TrimRight(r.UserName, "0123456789")
		if writer == "go" {
			f.LeftOfGo++
		}
		if writer != last {
			f.Turns++
		}
		last = writer
	}
	f.Left = len(users) - 1
	if !users[keep] {
		t.Error("the row that nobody touched is gone")
	}
	t.Logf("Node and Go saved %d rows at the same moment: %d are left (%d of Go's %d), %d IDs twice; %d turns; Go began %d saves anew",
		f.Rows, f.Left, f.LeftOfGo, each, f.DoubledID, f.Turns, f.Retried)
	if f.Turns < leastTurns {
		t.Errorf("%d turns: the two hardly met, so the figure tells nothing", f.Turns)
	}
	if f.Left < leastLeft {
		t.Errorf("%d of %d rows are left, want %d or more", f.Left, f.Rows, leastLeft)
	}
	writeFigures(t, f)
}

// writeFigures writes the figures as JSON to the file that ZCRM_INTEROP_FIGURES
// names, if it names one.
func writeFigures(t *testing.T, f figures) {
	t.Helper()
	path := os.Getenv("ZCRM_INTEROP_FIGURES")
	if path == "" {
		return
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Node cuts the file to nothing and then fills it. Go, asked between, waits until
// the file is whole, for reading and before it writes, whatever time the file
// says it was last written at.
//
// Defects: D14.
func TestInteropHalfWrittenFileIsWaitedFor(t *testing.T) {
	file := t.TempDir() + "/sdk_tokens.txt"
	n := startNode(t, file, "")
	n.save(t, userRow(keep))
	age(t, file)
	row := userRow(alice)
	n.slowly(t, step{Do: "save", Row: &row})
	// No Go program has used this file before: nothing is known of it.
	if found, err := openFile(t, file).Find(t.Context(), oauth.Token{UserName: keep}); err != nil || found.ID != "1" {
		t.Errorf("Find while Node writes: %v, %v", found.Row(), err)
	}
	byNode := value[oauth.Row](t, n.next(t))

	age(t, file)
	n.slowly(t, step{Do: "save", Row: &oauth.Row{ID: "1", AccessToken: "1000.access.NEW"}})
	saved, err := openFile(t, file).Save(t.Context(), userToken(bob))
	if err != nil {
		t.Errorf("Save while Node writes: %v", err)
	}
	kept := value[oauth.Row](t, n.next(t))
	sameRows(t, "after both wrote", n.list(t), []oauth.Row{kept, byNode, saved.Row()})

	// The same again, now that Go has written the file.
	age(t, file)
	n.slowly(t, step{Do: "save", Row: &oauth.Row{ID: "1", AccessToken: "1000.access.NEWER"}})
	if found, err := openFile(t, file).Find(t.Context(), oauth.Token{UserName: bob}); err != nil || found.Row() != saved.Row() {
		t.Errorf("Find while Node writes again: %v, %v", found.Row(), err)
	}
	n.next(t)
}

// age lets a file look as if it was last written ten minutes ago.
func age(t *testing.T, file string) {
	t.Helper()
	then := time.Now().Add(-10 * time.Minute)
	if err := os.Chtimes(file, then, then); err != nil {
		t.Fatal(err)
	}
}

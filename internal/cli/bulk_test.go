package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// newBulkRig is a rig with alice logged in, whose jobs are done at once. The
// limits can be changed.
func newBulkRig(t *testing.T, records int, change func(*sim.Limits)) *rig {
	t.Helper()
	limits := sim.ZohoLimits()
	limits.Downloads = sim.Rate{}
	if change != nil {
		change(&limits)
	}
	s := simtest.New(t, sim.Config{
		Clients: []sim.Client{{ID: "1000.SIM", Secret: plantedSecret}}, Limits: &limits, BulkTime: -1, Records: records,
	})
	dir := t.TempDir()
	r := &rig{t: t, sim: s, dir: dir, env: map[string]string{
		"HOME": dir, "AppData": dir, "ZCRM_ACCOUNTS_URL": s.URL, "ZCRM_CLIENT_ID": "1000.SIM",
		"ZCRM_CLIENT_SECRET": plantedSecret, "ZCRM_STORE": "csv:" + filepath.Join(dir, "tokens.csv"),
	}}
	code, err := s.Server.Grant(sim.GrantRequest{User: "alice", Scope: sim.EveryScope})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.run(code, "login", "--grant-token", "-"); got.code != exitOK {
		t.Fatal(got.stderr)
	}
	return r
}

func (r *rig) file(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(r.file(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// parts are the files that an export left behind.
func (r *rig) parts() []string {
	found, _ := filepath.Glob(r.file(".*.part"))
	return found
}

// interrupted runs a command until stderr has this text, and then presses Ctrl-C.
func (r *rig) interrupted(text string, args ...string) result {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out bytes.Buffer
	errs := &trigger{text: text, pull: cancel}
	code := newApp(strings.NewReader(""), &out, errs, r.environ()).run(ctx, args)
	return result{code, out.String(), errs.String()}
}

// trigger is a stderr that pulls when a text is written to it.
type trigger struct {
	bytes.Buffer
	text string
	pull func()
}

func (w *trigger) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.pull()
	}
	return n, err
}

func TestExportGoesThroughAllJobs(t *testing.T) {
	r := newBulkRig(t, 95, func(l *sim.Limits) { l.BulkReadRows = 20 })
	whole := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name,Company", "--out", r.file("a.csv"), "--poll", "1ms")
	if whole.code != exitOK || !strings.Contains(whole.stderr, "95 Leads exported") {
		t.Fatalf("%d %s", whole.code, whole.stderr)
	}
	rows, err := csv.NewReader(strings.NewReader(r.read("a.csv"))).ReadAll()
	if err != nil || len(rows) != 96 || strings.Join(rows[0], ",") != "id,Last_Name,Company" {
		t.Fatalf("%d rows, %v, %v", len(rows), rows[0], err)
	}
	ids := map[string]bool{}
	for _, row := range rows[1:] {
		ids[row[0]] = true
	}
	if len(ids) != 95 {
		t.Errorf("%d different records", len(ids))
	}
	var list []map[string]any
	array := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "--json", "--limit", "50", "--poll", "1ms")
	if err := json.Unmarshal([]byte(array.stdout), &list); err != nil || len(list) != 50 {
		t.Errorf("%d records, %v", len(list), err)
	}
}

// An export that is interrupted in its third job goes on there: what is whole is
// kept, and nothing comes twice.
func TestExportGoesOnWhereItWas(t *testing.T) {
	for _, output := range []string{"csv", "json", "ndjson"} {
		t.Run(output, func(t *testing.T) {
			r := newBulkRig(t, 95, func(l *sim.Limits) { l.BulkReadRows, l.Downloads = 20, sim.Rate{N: 5, Per: time.Minute} })
			want := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "-o", output, "--poll", "1ms")
			r.sim.Advance(time.Minute)
			for range 3 { // of the five results that may be brought in a minute
				r.run("", "bulk", "export", "Leads", "--limit", "1", "--poll", "1ms")
			}
			got := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "-o", output, "--out", r.file("out"), "--poll", "1ms")
			if got.code != exitThrottled || !strings.Contains(got.stderr, "go on with: zcrm bulk export --resume ") || len(r.parts()) != 1 {
				t.Fatalf("%d %s %v", got.code, got.stderr, r.parts())
			}
			r.sim.Advance(time.Minute)
			// Half a row of the next job, as a crash leaves it.
			if f, err := os.OpenFile(r.parts()[0], os.O_APPEND|os.O_WRONLY, 0); err == nil {
				fmt.Fprint(f, "half a ro")
				f.Close()
			}
			if got = r.interrupted("completed", "bulk", "export", "--resume", "--poll", "1ms"); got.code != exitFailed || !strings.Contains(got.stderr, "interrupted") {
				t.Fatalf("%d %s", got.code, got.stderr)
			}
			if got = r.run("", "bulk", "export", "--resume", "--poll", "1ms"); got.code != exitOK {
				t.Fatalf("%d %s", got.code, got.stderr)
			}
			if text := r.read("out"); text != want.stdout {
				t.Errorf("it is not what an export in one go brings: %d bytes, want %d\n%.300s", len(text), len(want.stdout), text)
			}
			if left := r.parts(); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestExportSaysWhatIsGone(t *testing.T) {
	r := newBulkRig(t, 25, func(l *sim.Limits) { l.BulkReadRows = 10 })
	got := r.interrupted("completed", "bulk", "export", "Leads", "--out", r.file("out"), "--poll", "1ms")
	if got.code != exitFailed || len(r.parts()) != 1 {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	state, err := readBulk(only(t, filepath.Join(r.dir, ".local", "state", "zcrm", "bulk", "*.json"), r))
	if err != nil {
		t.Fatal(err)
	}
	state.Export.Offset = 1000
	if err := newApp(nil, nil, nil, r.environ()).keepBulk(state); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(r.parts()[0]); err != nil {
		t.Fatal(err)
	}
	if got := r.run("", "bulk", "export", "--resume", "--poll", "1ms"); got.code != exitUsage || !strings.Contains(got.stderr, "is gone or has shrunk: export anew") {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

// only is the one file of a pattern; on other systems the state folder is elsewhere.
func only(t *testing.T, pattern string, r *rig) string {
	t.Helper()
	folder, err := newApp(nil, nil, nil, r.environ()).bulkFolder()
	if err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(filepath.Join(folder, filepath.Base(pattern)))
	if len(found) != 1 {
		t.Fatalf("%d files", len(found))
	}
	return found[0]
}

// importFile writes n rows of which every tenth is refused.
func (r *rig) importFile(name string, n int) {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("Last_Name,Company,City\n")
	for i := range n {
		last := fmt.Sprintf("Row%d", i)
		if i%10 == 9 {
			last = ""
		}
		fmt.Fprintf(&b, "%s,Imported,\"City, %d\"\n", last, i)
	}
	if err := os.WriteFile(r.file(name), []byte(b.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) imported() int {
	r.t.Helper()
	got := r.run("", "bulk", "export", "Leads", "--fields", "Company", "--where", "Company=Imported", "--poll", "1ms")
	if got.code != exitOK {
		r.t.Fatal(got.stderr)
	}
	return strings.Count(got.stdout, ",Imported\n")
}

// A file of three jobs: an interrupt in the second, and a result that cannot be
// brought in the third, cost nothing and double nothing.
func TestImportIsCutAndGoesOn(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	const rows = 2*importRows + 120
	r.importFile("big.csv", rows)
	got := r.interrupted("completed", "bulk", "import", "Leads", r.file("big.csv"), "--poll", "1ms")
	if got.code != exitFailed || !strings.Contains(got.stderr, "zcrm bulk import --resume ") {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	r.sim.Inject(sim.Fault{Kind: sim.FaultHTML, Match: "/v2/crm/", Count: 9})
	if got = r.run("", "bulk", "import", "--resume", "--poll", "1ms"); got.code != exitFailed || !strings.Contains(got.stderr, "go on with: zcrm bulk import --resume ") {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	r.sim.ClearFaults()
	got = r.run("", "bulk", "import", "--resume", "--poll", "1ms")
	refused := rows / 10
	if got.code != exitFailed || !strings.Contains(got.stderr, fmt.Sprintf("%s of %d rows failed, the first is row 10 with MANDATORY_NOT_FOUND-Last_Name", thousands(refused), rows)) {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	if n := r.imported(); n != rows-refused {
		t.Errorf("%d records were imported, want %d", n, rows-refused)
	}
	failed, err := csv.NewReader(strings.NewReader(r.read("big.failed.csv"))).ReadAll()
	if err != nil || len(failed) != refused+1 {
		t.Fatalf("%d rows failed, %v", len(failed)-1, err)
	}
	for i, row := range failed[1:] {
		if want := []string{"", "Imported", fmt.Sprintf("City, %d", i*10+9), "MANDATORY_NOT_FOUND-Last_Name"}; !slices.Equal(row, want) {
			t.Fatalf("row %d: %q, want %q", i, row, want)
		}
	}
}

// Zoho did not answer the request that starts a job: the rows may be there, and are
// not sent again by themselves.
func TestImportSendsNothingTwice(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	r.importFile("some.csv", 9)
	r.sim.Inject(sim.Fault{Kind: sim.FaultDropAfter, Match: "/crm/bulk/v8/write", Count: 1})
	got := r.run("", "bulk", "import", "Leads", r.file("some.csv"), "--poll", "1ms")
	if got.code != exitFailed || !strings.Contains(got.stderr, "whether Zoho has rows 1 to 9 is not known") {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	if got := r.run("", "bulk", "import", "--resume"); got.code != exitFailed || !strings.Contains(got.stderr, "rows 1 to 9 were sent, and whether Zoho has them is not known") {
		t.Errorf("it goes on: %d %s", got.code, got.stderr)
	}
	// Of a second part it is written down.
	s := &bulkState{Kind: "import", ID: "77", Begun: time.Now(), User: "alice@example.com:10001", Module: "Leads", Rows: 4}
	info, err := os.Stat(r.file("some.csv"))
	if err != nil {
		t.Fatal(err)
	}
	s.Import = &importState{File: r.file("some.csv"), Size: info.Size(), ModTime: info.ModTime(), Sending: true, To: 9}
	if err := newApp(nil, nil, nil, r.environ()).keepBulk(s); err != nil {
		t.Fatal(err)
	}
	before := r.imported()
	if got := r.run("", "bulk", "import", "--resume"); got.code != exitFailed || !strings.Contains(got.stderr, "rows 5 to 9 were sent, and whether Zoho has them is not known") {
		t.Errorf("%d %s", got.code, got.stderr)
	}
	if after := r.imported(); after != before {
		t.Errorf("%d records more", after-before)
	}
}

// Who may not use bulk jobs is told which scopes that takes.
func TestBulkScopes(t *testing.T) {
	r := newRig(t)
	r.login("alice")
	got := r.run("", "bulk", "export", "Leads", "--poll", "1ms")
	if got.code != exitConsent || !strings.Contains(got.stderr, "bulk jobs need ZohoCRM.bulk.ALL") {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

package cli

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/sim"
)

// between puts a server in front of the simulator that may change answers and hold
// requests up.
func (r *rig) between(request func(*http.Request), answer func(*http.Response) error) {
	r.t.Helper()
	target, err := url.Parse(r.sim.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	web := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			request(p.In)
			p.SetURL(target)
			p.Out.Host = p.In.Host
		},
		ModifyResponse: answer,
	})
	r.t.Cleanup(web.Close)
	r.env["ZCRM_ACCOUNTS_URL"] = web.URL
}

// relogin takes a new token, at the server that stands between.
func (r *rig) relogin() {
	r.t.Helper()
	r.env["ZCRM_STORE"] = "csv:" + r.file("tokens2.csv")
	code, err := r.sim.Server.Grant(sim.GrantRequest{User: "alice", Scope: sim.EveryScope})
	if err != nil {
		r.t.Fatal(err)
	}
	if got := r.run(code, "login", "--grant-token", "-"); got.code != exitOK {
		r.t.Fatal(got.stderr)
	}
}

// Two commands that go on with one import: one of them does, and every row comes once.
func TestImportGoesOnOnce(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	held, free := make(chan struct{}), make(chan struct{})
	var hold, first atomic.Bool
	r.between(func(req *http.Request) {
		if hold.Load() && strings.Contains(req.URL.Path, "/bulk/v8/write/") {
			if first.CompareAndSwap(false, true) { // the others pass
				close(held)
				<-free
			}
		}
	}, nil)
	r.relogin()
	r.importFile("big.csv", importRows+9)
	if got := r.interrupted("added", "bulk", "import", "Leads", r.file("big.csv"), "--poll", "1ms"); !strings.Contains(got.stderr, "--resume ") {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	hold.Store(true)
	done := make(chan result, 1)
	go func() { done <- r.run("", "bulk", "import", "--resume", "--poll", "1ms") }()
	<-held
	second := r.run("", "bulk", "import", "--resume", "--poll", "1ms")
	anew := r.run("", "bulk", "import", "Leads", r.file("big.csv"), "--again", "--poll", "1ms")
	close(free)
	if second.code != exitFailed || !strings.Contains(second.stderr, "another zcrm works on it") {
		t.Errorf("%d %s", second.code, second.stderr)
	}
	if anew.code != exitFailed || !strings.Contains(anew.stderr, "another zcrm works on it") {
		t.Errorf("%d %s", anew.code, anew.stderr)
	}
	if got := <-done; !strings.Contains(got.stderr, "rows failed") {
		t.Errorf("%d %s", got.code, got.stderr)
	}
	if n, want := r.imported(), importRows+9-(importRows+9)/10; n != want {
		t.Errorf("%d records, want %d", n, want)
	}
	if got := r.run("", "bulk", "import", "--resume"); got.code != exitUsage {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

func TestExportGoesOnOnce(t *testing.T) {
	r := newBulkRig(t, 25, nil)
	if got := r.interrupted("added", "bulk", "export", "Leads", "--out", r.file("out"), "--poll", "1m"); !strings.Contains(got.stderr, "--resume ") {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	a := newApp(nil, nil, nil, r.environ())
	_, unlock, err := a.lockBulk(a.bulkStates()[0])
	if err != nil {
		t.Fatal(err)
	}
	got := r.run("", "bulk", "export", "--resume", "--poll", "1ms")
	if got.code != exitFailed || !strings.Contains(got.stderr, "another zcrm works on it") {
		t.Errorf("%d %s", got.code, got.stderr)
	}
	unlock()
	if got := r.run("", "bulk", "export", "--resume", "--poll", "1ms"); got.code != exitOK {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

// zcrm is killed while the first job of an import is begun: at that moment it is
// written down already, and the file is not sent again by itself.
func TestImportIsWrittenDownBeforeItIsSent(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	var states int
	r.between(func(req *http.Request) {
		if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/bulk/v8/write") {
			for _, s := range newApp(nil, nil, nil, r.environ()).bulkStates() {
				if s.ID == "" && s.Import.Sending && s.Import.To == 9 {
					states++
				}
			}
		}
	}, nil)
	r.relogin()
	r.importFile("some.csv", 9)
	r.sim.Inject(sim.Fault{Kind: sim.FaultDropAfter, Match: "/crm/bulk/v8/write", Count: 1})
	if got := r.run("", "bulk", "import", "Leads", r.file("some.csv"), "--poll", "1ms"); got.code != exitFailed || states != 1 {
		t.Fatalf("%d states before it was sent; %d %s", states, got.code, got.stderr)
	}
	if err := os.WriteFile(r.file("copy.csv"), []byte(r.read("some.csv")), 0o600); err != nil {
		t.Fatal(err)
	}
	before := r.imported()
	for _, name := range []string{"some.csv", "copy.csv"} {
		got := r.run("", "bulk", "import", "Leads", r.file(name), "--poll", "1ms")
		if got.code != exitUsage || !strings.Contains(got.stderr, "rows 1 to 9 were sent, and whether Zoho has them is not known") || !strings.Contains(got.stderr, "add --again") {
			t.Errorf("%d %s", got.code, got.stderr)
		}
	}
	if n := r.imported(); n != before {
		t.Errorf("%d records more", n-before)
	}
	if got := r.run("", "bulk", "list"); !strings.Contains(got.stdout, "being sent, 0 rows") {
		t.Errorf("%s", got.stdout)
	}
	for range 2 { // the second is not asked: the first is finished
		if got := r.run("", "bulk", "import", "Leads", r.file("some.csv"), "--again", "--poll", "1ms"); got.code != exitOK {
			t.Errorf("%d %s", got.code, got.stderr)
		}
	}
	if n := r.imported(); n != before+18 {
		t.Errorf("%d records, want %d", n, before+18)
	}
	if got := r.run("", "bulk", "import", "Leads", r.file("some.csv"), "--poll", "1ms"); got.code != exitOK {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

// nothingKept fails if anything is remembered of bulk jobs.
func (r *rig) nothingKept() {
	r.t.Helper()
	folder, err := newApp(nil, nil, nil, r.environ()).bulkFolder()
	if err != nil {
		r.t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		r.t.Errorf("left behind: %v", left)
	}
}

// What Zoho refused has left nothing that is asked about later.
func TestImportThatWasRefusedIsForgotten(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	r.importFile("some.csv", 9)
	r.sim.Inject(sim.Fault{Kind: sim.FaultTooMany, Match: "/crm/bulk/v8/write", Count: 9})
	if got := r.run("", "bulk", "import", "Leads", r.file("some.csv"), "--poll", "1ms"); got.code != exitThrottled {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	r.nothingKept()
	r.sim.ClearFaults()
	if got := r.run("", "bulk", "import", "Leads", r.file("some.csv"), "--poll", "1ms"); got.code != exitOK {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

// zipped is a bulk result.
func zipped(text string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("Leads.csv") // a buffer takes all
	_, _ = io.WriteString(w, text)
	_ = z.Close()
	return b.Bytes()
}

// A result that is not what the job promised is no export.
func TestExportOfAnotherResultFails(t *testing.T) {
	for name, c := range map[string]struct{ csv, want string }{
		"fewer rows":     {"Id,Last_Name\n1,A\n2,B\n", "has 2 records, and the job counts 25"},
		"no rows":        {"Id,Last_Name\n", "has 0 records, and the job counts 25"},
		"empty":          {"", "has 0 records, and the job counts 25"},
		"another header": {"Id,Company\n" + strings.Repeat("1,A\n", 25), "the result has no column Last_Name, which was asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newBulkRig(t, 25, nil)
			harm := true
			r.between(func(*http.Request) {}, func(resp *http.Response) error {
				if harm && strings.HasSuffix(resp.Request.URL.Path, "/result") {
					body := zipped(c.csv)
					resp.Body.Close()
					resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
					resp.Header.Del("Content-Length")
				}
				return nil
			})
			r.relogin()
			got := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "--out", r.file("out.csv"), "--poll", "1ms")
			if got.code != exitFailed || !strings.Contains(got.stderr, c.want) {
				t.Errorf("%d %s", got.code, got.stderr)
			}
			if _, err := os.Stat(r.file("out.csv")); err == nil {
				t.Error("there is a file")
			}
			harm = false // of the two, Zoho may have meant the other
			if got := r.run("", "bulk", "export", "--resume", "--poll", "1ms"); got.code != exitOK || strings.Count(r.read("out.csv"), "\n") != 26 {
				t.Errorf("%d %s", got.code, got.stderr)
			}
		})
	}
}

// The columns of a later job may come in another order.
func TestExportPutsColumnsInOrder(t *testing.T) {
	var b bytes.Buffer
	a := newApp(nil, &b, nil, nil)
	e := &bulkExport{o: bulkExportOptions{bulkOptions: bulkOptions{app: a}}, state: &bulkState{Export: &exportState{Output: formatCSV}}}
	s, err := e.openSink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.rows = 1
	if err := s.columns([]string{"Id", "A", "B"}); err != nil {
		t.Fatal(err)
	}
	if err := s.settle(); err != nil {
		t.Fatal(err)
	}
	if err := s.columns([]string{"B", "Id", "A"}); err != nil || len(s.order) != 3 || s.order[0] != 1 || s.order[1] != 2 || s.order[2] != 0 {
		t.Errorf("%v %v", s.order, err)
	}
	if err := s.columns([]string{"B", "Id", "C"}); !errors.Is(err, crm.ErrProtocol) {
		t.Error(err)
	}
}

// A limit that a job has filled exactly asks for no further job.
func TestExportStopsAtItsLimit(t *testing.T) {
	r := newBulkRig(t, 40, func(l *sim.Limits) { l.BulkReadRows = 20 })
	got := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "--limit", "20", "--poll", "1ms")
	if got.code != exitOK || strings.Count(got.stderr, "added") != 1 || strings.Count(got.stdout, "\n") != 21 {
		t.Errorf("%d %s", got.code, got.stderr)
	}
}

// An export whose disk is full goes on elsewhere, with what is whole.
func TestExportGoesOnElsewhere(t *testing.T) {
	r := newBulkRig(t, 95, func(l *sim.Limits) { l.BulkReadRows, l.Downloads = 20, sim.Rate{N: 5, Per: time.Minute} })
	want := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "--poll", "1ms")
	r.sim.Advance(time.Minute)
	for range 3 {
		r.run("", "bulk", "export", "Leads", "--limit", "1", "--poll", "1ms")
	}
	if got := r.run("", "bulk", "export", "Leads", "--fields", "Last_Name", "--out", r.file("full.csv"), "--poll", "1ms"); got.code != exitThrottled {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	r.sim.Advance(time.Minute)
	if got := r.run("", "bulk", "export", "--resume", "--out", filepath.Join(r.dir, "nowhere", "x.csv"), "--poll", "1ms"); got.code != exitUsage {
		t.Errorf("%d %s", got.code, got.stderr)
	}
	if got := r.run("", "bulk", "export", "--resume", "--out", r.file("room.csv"), "--poll", "1ms"); got.code != exitOK {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	if text := r.read("room.csv"); text != want.stdout {
		t.Errorf("%d bytes, want %d", len(text), len(want.stdout))
	}
	if left := r.parts(); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestExportSaysWhereTheDiskIsFull(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	var errs bytes.Buffer
	a := newApp(nil, nil, &errs, r.environ())
	f, err := os.Create(r.file(".x.part"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("whole\nha"); err != nil {
		t.Fatal(err)
	}
	e := &bulkExport{o: bulkExportOptions{bulkOptions: bulkOptions{app: a}}, state: &bulkState{ID: "7", Rows: 1, Export: &exportState{}}, sink: &exportSink{file: f, offset: 6}}
	e.show = &jobLife{app: a, line: a.progressOf("record", nil, true)}
	got := e.broken(t.Context(), &fs.PathError{Op: "write", Path: f.Name(), Err: errors.New("no space left on device")}).Error()
	if !strings.Contains(got, "1 record of it, in "+f.Name()+", are kept; go on with: zcrm bulk export --resume 7, and --out FILE") {
		t.Error(got)
	}
	if r.read(".x.part") != "whole\n" {
		t.Errorf("%q", r.read(".x.part"))
	}
}

// On a terminal a job that is waited for shows its state, the seconds and the credits.
func TestJobLifeOnATerminal(t *testing.T) {
	var errs bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := newApp(nil, nil, &errs, nil)
	a.now = func() time.Time { return now }
	j := &jobLife{app: a, line: a.progressOf("record", func() crm.Credits { return crm.Credits{Remaining: 4500} }, true)}
	j.line.on = true
	j.told("7", "ADDED") // too early
	now = now.Add(time.Second)
	err := j.during("7", func() error {
		now = now.Add(12 * time.Second)
		j.told("7", "IN PROGRESS")
		j.line.done, j.line.total = 20, 40
		j.told("7", "COMPLETED")
		return fs.ErrExist
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	text := errs.String()
	for _, want := range []string{
		"\rjob 7: added, waited 0s, 4,500 credits left",
		"\rjob 7: in progress, waited 12s, 4,500 credits left",
		"\rjob 7: completed, waited 12s, 20 of 40 records done, 4,500 credits left",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	if strings.Contains(text, " 0 records") {
		t.Error(text)
	}
}

// A file that is not UTF-8 is refused before anything is sent.
func TestImportWantsUTF8(t *testing.T) {
	r := newBulkRig(t, -1, nil)
	for name, c := range map[string]struct {
		text string
		line string
	}{
		"a row":         {"Last_Name,City\nA,Berlin\nM\xfcller,Bonn\n", "line 3"},
		"quoted lines":  {"Last_Name,City\nA,\"one\ntwo\nM\xfcnchen\"\n", "line 4"},
		"the first row": {"Last_Name,Stra\xdfe\nA,B\n", "line 1"},
	} {
		if err := os.WriteFile(r.file("latin.csv"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := r.run("", "bulk", "import", "Leads", r.file("latin.csv"), "--poll", "1ms")
		if got.code != exitUsage || !strings.Contains(got.stderr, c.line+" is not UTF-8: convert it to UTF-8, as with iconv -f latin1 -t utf-8") {
			t.Errorf("%s: %d %s", name, got.code, got.stderr)
		}
	}
	r.nothingKept()
}

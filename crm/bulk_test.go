package crm_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// soon waits as little as possible.
func soon() *crm.WaitOptions {
	return &crm.WaitOptions{First: time.Millisecond, Most: time.Millisecond}
}

// noFilesLeft checks that temporary files are gone when the test ends.
func noFilesLeft(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("TMP", folder)
	t.Cleanup(func() {
		if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	})
}

func TestExport(t *testing.T) {
	noFilesLeft(t)
	limits := sim.NoLimits()
	limits.BulkReadRows = 200
	c, _ := newFullSim(t, sim.Config{Records: 450, Limits: &limits, BulkTime: -1})
	seen := map[string]bool{}
	states := 0
	wait := soon()
	wait.Progress = func(id, state string) { states++ }
	for row, err := range c.Bulk.Export(t.Context(), crm.ReadQuery{Module: "Leads", Fields: []string{"Last_Name", "Email"}}, wait) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Text("Last_Name") == "" || !strings.Contains(row.Text("Email"), "@") || len(row.Values()) != len(row.Columns()) || row.Text("Nonsense") != "" {
			t.Fatalf("%q %q", row.Columns(), row.Values())
		}
		seen[row.ID()] = true
	}
	if len(seen) != 450 || states < 3 {
		t.Errorf("%d rows, %d states", len(seen), states)
	}
	n := 0
	for _, err := range c.Bulk.Export(t.Context(), crm.ReadQuery{Module: "Leads", Where: crm.Equal("Last_Name", "nobody at all")}, soon()) {
		t.Errorf("a row of nobody: %v", err)
	}
	for range c.Bulk.Export(t.Context(), crm.ReadQuery{Module: "Leads"}, soon()) {
		if n++; n == 3 {
			break
		}
	}
}

func TestReadJob(t *testing.T) {
	noFilesLeft(t)
	c, server := newFullSim(t, sim.Config{Records: 10})
	ctx := t.Context()
	job, err := c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Leads", Where: crm.And(crm.StartsWith("Email", "lead"), crm.NotEqual("Last_Name", "x"))})
	if err != nil || job.State != "ADDED" || job.Done() {
		t.Fatalf("%+v, %v", job, err)
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	if _, err := c.Bulk.WaitRead(short, job.ID, soon()); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), job.ID) {
		t.Errorf("a wait that ended early: %v", err)
	}
	server.Advance(time.Minute)
	job, err = c.Bulk.WaitRead(ctx, job.ID, soon())
	if err != nil || !job.Done() || job.Count != 10 || job.MoreRecords {
		t.Fatalf("%+v, %v", job, err)
	}
	var archive bytes.Buffer
	if info, err := c.Bulk.DownloadRead(ctx, job.ID, &archive); err != nil || info.Size == 0 || !strings.HasPrefix(archive.String(), "PK") {
		t.Errorf("%+v, %v", info, err)
	}
	result, err := c.Bulk.OpenRead(ctx, job.ID)
	if err != nil || result.Size() == 0 {
		t.Fatal(err)
	}
	for range 2 { // it can be read again
		n := 0
		for row, err := range result.Rows(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range row.Fields() {
				if name == "Email" && value != row.Text("Email") {
					t.Error(value)
				}
			}
			n++
		}
		if n != 10 {
			t.Errorf("%d rows", n)
		}
	}
	if err := result.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Bulk.OpenRead(ctx, "999"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("no such job: %v", err)
	}
	if _, err := c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Laeds"}); err == nil || !strings.Contains(err.Error(), "Leads?") {
		t.Errorf("no such module: %v", err)
	}
	for _, id := range []string{"", "../1", "1/2", "x"} {
		if _, err := c.Bulk.ReadJob(ctx, id); err == nil {
			t.Errorf("job %q was read", id)
		}
	}
}

func TestImport(t *testing.T) {
	noFilesLeft(t)
	limits := sim.NoLimits()
	c, _ := newFullSim(t, sim.Config{Records: -1, Limits: &limits, BulkTime: -1})
	ctx := t.Context()
	var file strings.Builder
	file.WriteString("\ufeffLast_Name,Company,Email\n")
	for i := range 25_100 {
		fmt.Fprintf(&file, "Lead %d,\"Ex, \"\"ample\"\"\",lead%d@example.org\n", i, i)
	}
	var done []crm.Imported
	for part, err := range c.Bulk.Import(ctx, crm.WriteQuery{Operation: "insert", Module: "Leads"}, strings.NewReader(file.String()), soon()) {
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, part)
	}
	if len(done) != 2 || done[0].To != 25_000 || done[1].From != 25_000 || done[1].To != 25_100 {
		t.Fatalf("%+v", done)
	}
	if counts := done[1].Job.File; counts.Added != 100 || counts.Total != 100 || counts.Skipped != 0 {
		t.Errorf("%+v", counts)
	}
	if n, err := c.Records.Count(ctx, "Leads", nil); n != 25_100 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
	result, err := c.Bulk.OpenWrite(ctx, done[1].Job)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	n := 0
	for row, err := range result.Rows(ctx) {
		if err != nil || row.Text("RECORD_ID") == "" || row.Text("STATUS") == "" {
			t.Fatalf("%q %q %v", row.Columns(), row.Values(), err)
		}
		n++
	}
	if n != 100 {
		t.Errorf("%d rows of the result", n)
	}
}

func TestImportGoesWrong(t *testing.T) {
	noFilesLeft(t)
	c, server := newFullSim(t, sim.Config{Records: -1, BulkTime: -1})
	ctx := t.Context()
	calls := server.Counters().APICalls
	for name, file := range map[string]io.Reader{
		"no file": nil, "empty": strings.NewReader(""), "damaged": strings.NewReader("a,b\n1,2\n3,\"4\n"),
		"short row": strings.NewReader("a,b\n1,2\n3\n"), "201 columns": strings.NewReader(strings.Repeat("a,", 200) + "a\n1"),
		"endless row": io.MultiReader(strings.NewReader("a\n\""), endless{}),
	} {
		n := 0
		for part, err := range c.Bulk.Import(ctx, crm.WriteQuery{Operation: "insert", Module: "Leads"}, file, soon()) {
			if err == nil || part.Job != nil {
				t.Errorf("%s: %+v", name, part)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%s: %d times", name, n)
		}
		if _, _, err := c.Bulk.UploadCSV(ctx, strings.NewReader("only,a,header\n")); err == nil {
			t.Error("a file without rows was uploaded")
		}
	}
	if n := server.Counters().APICalls - calls; n != 0 {
		t.Errorf("%d calls", n)
	}
	if _, _, err := c.Bulk.UploadCSV(ctx, strings.NewReader("a\n"+strings.Repeat("x\n", 25_001))); !errors.Is(err, crm.ErrTooLarge) {
		t.Errorf("25,001 rows: %v", err)
	}
	fileID, header, err := c.Bulk.UploadCSV(ctx, strings.NewReader("Last_Name,Company\nBach,Thomas\n"))
	if err != nil || fileID == "" || fmt.Sprint(header) != "[Last_Name Company]" {
		t.Fatalf("%q %q %v", fileID, header, err)
	}
	for _, q := range []crm.WriteQuery{{}, {Operation: "insert"}, {Operation: "insert", Module: "Leads"}, {Operation: "drop", Module: "Leads"}} {
		if _, err := c.Bulk.StartWrite(ctx, fileID, q); err == nil {
			t.Errorf("%+v was started", q)
		}
	}
	wrong := crm.WriteQuery{Operation: "insert", Module: "Leads", Fields: []crm.FieldMapping{{APIName: "Last_Name", Index: 7}}}
	if job, err := c.Bulk.StartWrite(ctx, fileID, wrong); err == nil {
		if job, err = c.Bulk.WaitWrite(ctx, job.ID, soon()); !errors.Is(err, crm.ErrJobFailed) && (err != nil || job.File.Skipped == 0) {
			t.Errorf("a column that is not there: %+v, %v", job, err)
		}
	}
	if _, err := c.Bulk.OpenWrite(ctx, &crm.WriteJob{DownloadURL: "https://evil.example/result"}); err == nil || !strings.Contains(err.Error(), "evil.example") {
		t.Errorf("another host: %v", err)
	}
	if _, err := c.Bulk.OpenWrite(ctx, nil); err == nil {
		t.Error("no job was opened")
	}
}

func zipOf(t testing.TB, name, content string) []byte {
	t.Helper()
	return []byte(zipText(name, content))
}

// TestBulkResultsThatAreNone: one clear error each, and the rows before it.
func TestBulkResultsThatAreNone(t *testing.T) {
	noFilesLeft(t)
	good := zipOf(t, "1.csv", "Id,A\n1,x\n2,\"a\nb\"\n")
	cut := append(bytes.Clone(good[:40]), good[45:]...)
	for name, test := range map[string]struct {
		kind string
		body []byte
		rows int
		want error
	}{
		"good":      {"application/x-download", good, 2, nil},
		"html":      {"text/html", []byte("<html>"), 0, crm.ErrProtocol},
		"json":      {jsonType, []byte(`{"code":"RESOURCE_NOT_FOUND","status":"error","details":{},"message":"x"}`), 0, crm.ErrNotFound},
		"no zip":    {"application/zip", []byte("PK but not really"), 0, crm.ErrProtocol},
		"cut":       {"application/zip", cut, 0, crm.ErrProtocol},
		"empty":     {"application/zip", nil, 0, crm.ErrProtocol},
		"no csv":    {"application/zip", zipOf(t, "1.txt", "x"), 0, crm.ErrProtocol},
		"short row": {"application/zip", zipOf(t, "1.csv", "Id,A\n1,x\n2\n"), 1, crm.ErrProtocol},
		"no rows":   {"application/zip", zipOf(t, "1.csv", "Id,A\n"), 0, nil},
		"nothing":   {"application/zip", zipOf(t, "1.csv", ""), 0, nil},
		"long row":  {"application/zip", zipOf(t, "1.csv", "Id\n1\n"+strings.Repeat("x", 17<<20)), 1, crm.ErrProtocol},
	} {
		server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", test.kind)
			w.Write(test.body)
		})
		c, _ := server.client(t)
		n := 0
		result, err := c.Bulk.OpenRead(t.Context(), "1")
		if err == nil {
			for _, failed := range result.Rows(t.Context()) {
				if err = failed; failed == nil {
					n++
				}
			}
			result.Close()
		}
		if n != test.rows || !errors.Is(err, test.want) || err != nil && (len(err.Error()) > 300 || strings.Contains(err.Error(), "xxx")) {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
}

// manyRows is a result of 200,000 rows.
func manyRows(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	entry, err := archive.Create("1.csv")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(entry, "Id,Last_Name,Company,Email,Description\n")
	var rows []byte
	for i := range 200_000 {
		n := strconv.Itoa(10_000_000 + i)
		rows = append(rows, "41508680000"+n+",Lead "+n+",Example & Sons "+n+",lead"+n+"@example.org,\""+strconv.Itoa(i*2654435761)+" and some more text\"\n"...)
	}
	entry.Write(rows)
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestBulkMemory: 200,000 rows of a result, in flat memory.
func TestBulkMemory(t *testing.T) {
	noFilesLeft(t)
	file := manyRows(t)
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-download")
		w.Write(file)
	})
	c, _ := server.client(t)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	n := 0
	result, err := c.Bulk.OpenRead(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for row, err := range result.Rows(t.Context()) {
		if err != nil || row.ID() == "" {
			t.Fatal(err)
		}
		if n++; n%5_000 == 0 {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		}
	}
	if n != 200_000 || most > 64<<20 {
		t.Errorf("%d rows, %d MB more than before", n, most>>20)
	}
	t.Logf("%d rows, at most %d MB more than before", n, most>>20)
	if info, err := os.Stat(result.Path()); err == nil && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// TestUploadBehindAPath: where one server stands for several data centres, the
// path that names the token's goes along to the upload too.
func TestUploadBehindAPath(t *testing.T) {
	noFilesLeft(t)
	server := simtest.New(t, sim.Config{Records: -1, BulkTime: -1})
	src := connect(t, server, "erik@example.eu", "/eu", sim.EveryScope)
	c := newClient(t, crm.Config{Source: src, Directory: directory(t, server.URL)})
	query := crm.WriteQuery{Operation: "insert", Module: "Leads"}
	for part, err := range c.Bulk.Import(t.Context(), query, strings.NewReader("Last_Name,Company\nBach,Thomas\n"), soon()) {
		if err != nil || part.Job.File.Added != 1 {
			t.Errorf("%+v, %v", part, err)
		}
	}
	for row, err := range c.Bulk.Export(t.Context(), crm.ReadQuery{Module: "Leads", Where: crm.LessEqual("Last_Name", "Bach")}, soon()) {
		if err != nil && !errors.Is(err, crm.ErrRequest) || err == nil && row.Text("Last_Name") != "Bach" {
			t.Errorf("%q, %v", row.Values(), err)
		}
	}
}

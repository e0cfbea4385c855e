package sim_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// unzip reads the CSV in a ZIP.
func unzip(t *testing.T, a answer) (name string, rows [][]string) {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(a.text), int64(len(a.text)))
	if err != nil || len(z.File) != 1 {
		t.Fatalf("%d %v %.200s", a.status, err, a.text)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	rows, err = csv.NewReader(bytes.NewReader(readAll(t, f))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return z.File[0].Name, rows
}

// zipped is a ZIP with one CSV.
func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("rows.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hook is a web server that collects what is posted to it.
func hook(t *testing.T) (url string, posts chan map[string]any) {
	posts = make(chan map[string]any, 100)
	url = newWeb(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s %v", r.Method, err)
		}
		posts <- body
	}))
	return url, posts
}

// next is what comes next from a hook.
func next(t *testing.T, posts chan map[string]any) map[string]any {
	t.Helper()
	select {
	case p := <-posts:
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was posted")
		return nil
	}
}

func read(t *testing.T, s *simtest.Server, access, body string) string {
	t.Helper()
	a := api(t, s, "POST", "/crm/bulk/v8/read", access, body)
	if a.status != 201 || a.at("data", 0, "code") != "ADDED_SUCCESSFULLY" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	return fmt.Sprint(a.at("data", 0, "details", "id"))
}

func TestBulkReadLife(t *testing.T) {
	s := stopped(t, sim.Config{BulkTime: 3 * time.Minute})
	access := every(t, s, "alice")
	url, posts := hook(t)
	id := read(t, s, access, `{"callback":{"url":"`+url+`","method":"post"},"query":{"module":{"api_name":"Leads"},"fields":["Last_Name","Owner","Email"],
		"criteria":{"group_operator":"and","group":[{"field":{"api_name":"Last_Name"},"comparator":"in","value":["Abbott","Gupta"]},
		{"api_name":"Email","comparator":"not_equal","value":"lead1@example.com"}]}}}`)
	status := "/crm/bulk/v8/read/" + id
	for _, state := range []string{"ADDED", "QUEUED", "IN PROGRESS"} {
		a := api(t, s, "GET", status, access, "")
		if a.at("data", 0, "state") != state || a.at("data", 0, "result") != nil {
			t.Errorf("%s, want %s", a.text, state)
		}
		want(t, api(t, s, "GET", status+"/result", access, ""), 400, "RESOURCE_NOT_FOUND")
		insert(t, s, access, "Leads", `{"Last_Name":"Abbott"}`) // comes too late for the job
		s.Advance(time.Minute)
	}
	if p := next(t, posts); p["job_id"] != id || p["state"] != "COMPLETED" {
		t.Errorf("callback: %v", p)
	}
	a := api(t, s, "GET", status, access, "")
	result, _ := a.at("data", 0, "result").(map[string]any)
	if a.at("data", 0, "state") != "COMPLETED" || result["count"] != 6.0 || result["more_records"] != false || result["download_url"] != status+"/result" {
		t.Errorf("%s", a.text)
	}
	name, rows := unzip(t, api(t, s, "GET", status+"/result", access, ""))
	if name != id+".csv" || len(rows) != 7 || !slices.Equal(rows[0], []string{"id", "Last_Name", "Owner", "Email"}) ||
		rows[1][1] != "Gupta" || rows[1][3] != "lead7@example.com" || len(rows[1][2]) != 19 {
		t.Errorf("%s %v", name, rows)
	}
	want(t, api(t, s, "GET", "/crm/bulk/v8/read/1", access, ""), 404, "RESOURCE_NOT_FOUND")
	select {
	case p := <-posts:
		t.Errorf("a second callback: %v", p)
	default:
	}
}

func TestBulkReadPages(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.BulkReadRows = 10
	s := stopped(t, sim.Config{BulkTime: -1, Limits: &limits})
	access := every(t, s, "alice")
	var seen []string
	more, token := true, ""
	for page := 1; more; page++ {
		id := read(t, s, access, `{"query":{"module":{"api_name":"Leads"},"fields":["Email"]`+token+`}}`)
		a := api(t, s, "GET", "/crm/bulk/v8/read/"+id, access, "")
		if a.at("data", 0, "result", "page") != float64(page) {
			t.Errorf("page %d: %s", page, a.text)
		}
		_, rows := unzip(t, api(t, s, "GET", "/crm/bulk/v8/read/"+id+"/result", access, ""))
		for _, row := range rows[1:] {
			seen = append(seen, row[1])
		}
		more, _ = a.at("data", 0, "result", "more_records").(bool)
		token = `,"page_token":"` + fmt.Sprint(a.at("data", 0, "result", "next_page_token")) + `"`
	}
	slices.Sort(seen)
	if len(seen) != 25 || len(slices.Compact(seen)) != 25 {
		t.Errorf("%v", seen)
	}
	id := read(t, s, access, `{"query":{"module":{"api_name":"Leads"},"page":3}}`)
	if a := api(t, s, "GET", "/crm/bulk/v8/read/"+id, access, ""); a.at("data", 0, "result", "count") != 5.0 {
		t.Errorf("page 3: %s", a.text)
	}
	for i := range 11 {
		a := api(t, s, "GET", "/crm/bulk/v8/read/"+id+"/result", access, "")
		if (a.status == 429) != (i >= 7) { // three downloads went before
			t.Errorf("download %d: %d", i, a.status)
		}
	}
}

func TestBulkReadMistakes(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	for body, code := range map[string]string{
		``:                               "REQUEST_BODY_IS_EMPTY",
		`{"query":7}`:                    "REQUEST_BODY_NOT_READABLE",
		`{}`:                             "REQUEST_BODY_NOT_SUPPORTED",
		`{"query":{"module":"Nothing"}}`: "MODULE_NOT_AVAILABLE",
		`{"query":{"module":"Notes"}}`:   "MODULE_NOT_SUPPORTED",
		`{"query":{"module":"Leads","fields":["Nothing"]}}`:                                                       "FIELD_NOT_AVAILABLE",
		`{"query":{"module":"Leads","criteria":{"api_name":"Nothing","comparator":"equal","value":"x"}}}`:         "FIELD_IN_CRITERIA_NOT_AVAILABLE",
		`{"query":{"module":"Leads","criteria":{"api_name":"Email","comparator":"near","value":"x"}}}`:            "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE",
		`{"query":{"module":"Leads","criteria":{"api_name":"No_of_Employees","comparator":"equal","value":"x"}}}`: "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
		`{"query":{"module":"Leads","page_token":"x"}}`:                                                           "INVALID_DATA",
		`{"query":{"module":"Leads","cvid":"1"}}`:                                                                 "CVID_NOT_SUPPORTED",
		`{"query":{"module":"Leads"},"file_type":"ics"}`:                                                          "NOT_SUPPORTED_FEATURE",
		`{"query":{"module":"Leads"},"callback":{"url":"http://x.example","method":"post"}}`:                      "INVALID_CALLBACK_URL",
		`{"query":{"module":"Leads"},"callback":{"url":"https://x.example","method":"get"}}`:                      "INVALID_CALLBACK_METHOD",
	} {
		want(t, api(t, s, "POST", "/crm/bulk/v8/read", access, body), 400, code)
	}
	want(t, api(t, s, "POST", "/crm/bulk/v8/read", scoped(t, s, "ZohoCRM.modules.ALL"), `{}`), 401, "OAUTH_SCOPE_MISMATCH")
	want(t, api(t, s, "GET", "/crm/bulk/v8/other/1", access, ""), 404, "INVALID_URL_PATTERN")
}

func TestBulkWrite(t *testing.T) {
	s := stopped(t, sim.Config{BulkTime: time.Minute})
	access := every(t, s, "alice")
	url, posts := hook(t)
	known := []string{"feature", "bulk-write", "X-CRM-ORG", "10001"}
	file := func(text string) string {
		a := upload(t, s, "/crm/v8/upload", access, "rows.zip", zipped(t, text), known...)
		if a.at("code") != "FILE_UPLOAD_SUCCESS" {
			t.Fatal(a.text)
		}
		return fmt.Sprint(a.at("details", "file_id"))
	}
	run := func(operation, findBy, text string) (answer, [][]string) {
		a := api(t, s, "POST", "/crm/bulk/v8/write", access, body(t, anyMap{
			"operation": operation, "callback": anyMap{"url": url, "method": "post"}, "ignore_empty": true,
			"resource": []any{anyMap{"type": "data", "module": anyMap{"api_name": "Leads"}, "file_id": file(text), "find_by": findBy, "field_mappings": []any{
				anyMap{"api_name": "Last_Name", "index": 0}, anyMap{"api_name": "Email", "index": 1}, anyMap{"api_name": "No_of_Employees", "index": 2},
				anyMap{"api_name": "Company", "default_value": anyMap{"value": "Acme"}},
			}}},
		}))
		if a.status != 201 {
			t.Fatalf("%d %s", a.status, a.text)
		}
		id := fmt.Sprint(a.at("details", "id"))
		if a := api(t, s, "GET", "/crm/bulk/v8/write/"+id, access, ""); a.at("status") != "ADDED" || a.at("result") != nil {
			t.Errorf("at first: %s", a.text)
		}
		s.Advance(time.Minute)
		if p := next(t, posts); p["job_id"] != id || p["operation"] != operation {
			t.Errorf("callback: %v", p)
		}
		a = api(t, s, "GET", "/crm/bulk/v8/write/"+id, access, "")
		link, _ := a.at("result", "download_url").(string)
		_, rows := unzip(t, api(t, s, "GET", strings.TrimPrefix(link, s.URL), access, ""))
		return a, rows
	}
	counts := func(a answer) string {
		f, _ := a.at("resource", 0, "file").(map[string]any)
		return fmt.Sprintf("%v %v %v %v %v", f["added_count"], f["updated_count"], f["skipped_count"], f["total_count"], a.at("status"))
	}
	a, rows := run("insert", "", "Name,Mail,Staff\nNew,new@x.example,5\n,no@x.example,6\nBad,bad@x.example,many\n")
	if got := counts(a); got != "1 0 2 3 COMPLETED" {
		t.Errorf("insert: %s", a.text)
	}
	if !slices.Equal(rows[0], []string{"Last_Name", "Email", "No_of_Employees", "STATUS", "RECORD_ID", "ERRORS"}) || rows[1][3] != "ADDED" ||
		rows[2][5] != "MANDATORY_NOT_FOUND-Last_Name" || rows[3][5] != "INVALID_DATA-No_of_Employees" {
		t.Errorf("%v", rows)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/"+rows[1][4], access, ""); a.at("data", 0, "Company") != "Acme" || a.at("data", 0, "No_of_Employees") != 5.0 {
		t.Errorf("%s", a.text)
	}
	if a, _ := run("upsert", "Email", "Name,Mail,Staff\nNew,NEW@x.example,7\nNewer,newer@x.example,1\n"); counts(a) != "1 1 0 2 COMPLETED" {
		t.Errorf("upsert: %s", a.text)
	}
	if a, _ := run("update", "Email", "Name,Mail,Staff\nNewest,newer@x.example,\nNobody,nobody@x.example,1\n"); counts(a) != "0 1 1 2 COMPLETED" {
		t.Errorf("update: %s", a.text)
	}
	if a := api(t, s, "GET", page("/crm/v8/Leads/search", "criteria", "(Email:equals:newer@x.example)", "fields", "Last_Name,No_of_Employees"), access, ""); a.at("data", 0, "Last_Name") != "Newest" || a.at("data", 0, "No_of_Employees") != 1.0 {
		t.Errorf("an empty cell overwrote: %s", a.text)
	}
}

func TestBulkWriteMistakes(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.ArchiveSize, limits.BulkWriteRows = 1000, 2
	s := stopped(t, sim.Config{Limits: &limits})
	access := every(t, s, "alice")
	known := []string{"feature", "bulk-write", "X-CRM-ORG", "10001"}
	if a := upload(t, s, "/crm/v8/upload", access, "x.zip", zipped(t, "a\n"), "feature", "bulk-write"); a.status != 400 || a.at("x-error") == nil {
		t.Errorf("no organisation: %d %s", a.status, a.text)
	}
	want(t, upload(t, s, "/crm/v8/upload", access, "x.zip", []byte("a,b\n"), known...), 400, "INVALID_FILE_FORMAT")
	want(t, upload(t, s, "/crm/v8/upload", access, "x.zip", make([]byte, 1001), known...), 413, "FILE_TOO_LARGE")
	file := func(text string) string {
		return fmt.Sprint(upload(t, s, "/crm/v8/upload", access, "x.zip", zipped(t, text), known...).at("details", "file_id"))
	}
	wide, long, good := file(strings.Repeat("a,", 200)+"a\n"), file("Last_Name\nA\nB\nC\n"), file("Last_Name\nA\n")
	resource := func(id, rest string) string {
		return `{"operation":"insert","resource":[{"type":"data","module":{"api_name":"Leads"},"file_id":"` + id + `"` + rest + `}]}`
	}
	for body, code := range map[string]string{
		`[`:                                    "INVALID_FORMAT",
		`{"resource":[]}`:                      "MANDATORY_NOT_FOUND",
		`{"operation":"insert"}`:               "MANDATORY_NOT_FOUND",
		`{"operation":"move","resource":[{}]}`: "INVALID_DATA",
		`{"operation":"insert","resource":[{"type":"data","module":"Nothing"}]}`: "MODULE_NOT_AVAILABLE",
		`{"operation":"update","resource":[{"type":"data","module":"Leads"}]}`:   "MANDATORY_NOT_FOUND",
		resource("1", ""):  "INVALID_FILE_ID",
		resource(wide, ""): "HEADER_LIMIT_EXCEEDED",
		resource(long, ""): "LIMIT_EXCEEDED",
		resource(good, `,"field_mappings":[{"api_name":"ast_Name","index":0}]`): "INVALID_FIELD_NAME",
		resource(good, `,"field_mappings":[{"api_name":"Last_Name"}]`):          "COLUMN_INDEX_NOT_FOUND",
		resource(good, `,"field_mappings":[{"api_name":"Email","index":0}]`):    "MANDATORY_FIELDS_NOT_MAPPED",
	} {
		want(t, api(t, s, "POST", "/crm/bulk/v8/write", access, body), 400, code)
	}
	if a := api(t, s, "POST", "/crm/bulk/v8/write", access, resource(good, "")); a.status != 201 {
		t.Errorf("the header as mapping: %d %s", a.status, a.text)
	}
	want(t, api(t, s, "GET", "/crm/bulk/v8/write/1", access, ""), 400, "RESOURCE_NOT_FOUND")
	want(t, api(t, s, "GET", "/v2/crm/10001/bulk-write/1/1.zip", access, ""), 400, "RESOURCE_NOT_FOUND")
	want(t, api(t, s, "POST", "/crm/bulk/v8/write", scoped(t, s, "ZohoCRM.bulk.READ"), `{}`), 401, "OAUTH_SCOPE_MISMATCH")
}

// TestBulkWriteIsAskedForWhileItRuns: the work is done by a timer, or by whoever asks
// first, and what is told of it is nothing or all.
func TestBulkWriteIsAskedForWhileItRuns(t *testing.T) {
	s := simtest.New(t, sim.Config{Limits: new(sim.Limits), BulkTime: 20 * time.Millisecond})
	access := every(t, s, "alice")
	var text strings.Builder
	text.WriteString("Name\n")
	const rows = 2000
	for i := range rows {
		fmt.Fprintf(&text, "Lead %d\n", i)
	}
	a := upload(t, s, "/crm/v8/upload", access, "rows.zip", zipped(t, text.String()), "feature", "bulk-write", "X-CRM-ORG", "10001")
	a = api(t, s, "POST", "/crm/bulk/v8/write", access, body(t, anyMap{
		"operation": "insert", "resource": []any{anyMap{
			"type": "data", "module": anyMap{"api_name": "Leads"}, "file_id": a.at("details", "file_id"), "field_mappings": []any{
				anyMap{"api_name": "Last_Name", "index": 0}, anyMap{"api_name": "Company", "default_value": anyMap{"value": "Acme"}},
			},
		}},
	}))
	path := "/crm/bulk/v8/write/" + fmt.Sprint(a.at("details", "id"))
	for {
		a := api(t, s, "GET", path, access, "")
		file, _ := a.at("resource", 0, "file").(map[string]any)
		done, added := a.at("status") == "COMPLETED", fmt.Sprint(file["added_count"])
		if added != "0" && added != fmt.Sprint(rows) || done && added == "0" {
			t.Fatal(a.text)
		}
		if done {
			return
		}
	}
}

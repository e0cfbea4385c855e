package sim

import (
	"archive/zip"
	"compress/flate"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"zohocrm/sim/internal/records"
)

// readJob is a bulk read. It keeps the records as they were when it was made.
type readJob struct {
	request  json.RawMessage // the query, as it was sent
	fileType string
	module   string
	fields   []string
	page     int
	perPage  int
	snapshot *records.Snapshot
	next     string // token of the next page; "": there is none
}

// bulkQuery is what a bulk read asks for.
type bulkQuery struct {
	Module    moduleName  `json:"module"`
	CVID      string      `json:"cvid"`
	Fields    []string    `json:"fields"`
	Criteria  *bulkFilter `json:"criteria"`
	Page      int         `json:"page"`
	PageToken string      `json:"page_token"`
	FileType  string      `json:"file_type"`
}

// moduleName is a module by its API name, alone or in an object.
type moduleName struct {
	APIName string `json:"api_name"`
}

func (m *moduleName) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, &m.APIName) == nil {
		return nil
	}
	type plain moduleName
	return json.Unmarshal(text, (*plain)(m))
}

// bulkToken is the page token of bulk reads.
type bulkToken struct {
	User, Module, After string
	Page                int
	Expiry              int64 // Unix seconds
}

// createRead is POST /crm/bulk/v8/read.
func (s *Server) createRead(a *apiCall) {
	var body struct {
		Callback *callback       `json:"callback"`
		Query    json.RawMessage `json:"query"`
		FileType string          `json:"file_type"`
	}
	var q bulkQuery
	var problem *problem
	switch {
	case len(a.body) == 0:
		problem = newProblem(http.StatusBadRequest, "REQUEST_BODY_IS_EMPTY", "request body is empty")
	case json.Unmarshal(a.body, &body) != nil || len(body.Query) > 0 && json.Unmarshal(body.Query, &q) != nil:
		problem = newProblem(http.StatusBadRequest, "REQUEST_BODY_NOT_READABLE", "request body contains invalid format")
	case q.Module.APIName == "":
		problem = newProblem(http.StatusBadRequest, "REQUEST_BODY_NOT_SUPPORTED", "request body contains invalid format")
	case q.Module.APIName == "Notes" || q.Module.APIName == "Attachments" || q.Module.APIName == "Emails":
		problem = newProblem(http.StatusBadRequest, "MODULE_NOT_SUPPORTED", "the module is not supported")
	case !a.book().Has(q.Module.APIName):
		problem = newProblem(http.StatusBadRequest, "MODULE_NOT_AVAILABLE", "Requested module '"+q.Module.APIName+"' is not available.")
	case body.FileType == "ics" || q.FileType == "ics":
		problem = newProblem(http.StatusBadRequest, "NOT_SUPPORTED_FEATURE", "the simulator exports csv only")
	default:
		problem = body.Callback.check()
	}
	j := &bulkJob{read: &readJob{request: body.Query, fileType: "csv"}, callback: body.Callback}
	if problem == nil && a.mayRecords(q.Module.APIName, "READ") {
		if problem = s.takeSnapshot(a, j.read, q); problem == nil {
			s.startJob(a, j)
			s.finishJobs(a.org, a.now) // at once, if jobs take no time
			writeJSON(a.w, http.StatusCreated, map[string]any{"info": map[string]any{}, "data": []any{map[string]any{
				"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully.", "details": map[string]any{
					"id": j.id, "operation": "read", "state": "ADDED",
					"created_by":   map[string]any{"id": j.by.ID, "name": j.by.Name},
					"created_time": j.created.UTC().Format(records.Stamp),
				},
			}}})
		}
	}
	if problem != nil {
		problem.write(a.w)
	}
}

// takeSnapshot fills the job with the records that its query means.
func (s *Server) takeSnapshot(a *apiCall, job *readJob, q bulkQuery) *problem {
	job.module, job.fields, job.page, job.perPage = q.Module.APIName, q.Fields, max(q.Page, 1), s.limits.BulkReadRows
	if job.perPage <= 0 {
		job.perPage = records.MaxRows
	}
	m, _ := a.book().Module(job.module)
	for _, name := range q.Fields {
		if !has(m, name) {
			return newProblem(http.StatusBadRequest, "FIELD_NOT_AVAILABLE", "the field is not available").
				with("api_name", name).with("module", job.module)
		}
	}
	match, problem := a.bulkMatch(job.module, q.Criteria)
	if problem != nil {
		return problem
	}
	if q.CVID != "" {
		found := false
		for _, v := range a.book().Views(job.module, a.user.asOwner(), a.now) {
			if v.ID == q.CVID {
				match, found = records.All(match, v.Match), true
			}
		}
		if !found {
			return newProblem(http.StatusBadRequest, "CVID_NOT_SUPPORTED", "the cvid is not supported")
		}
	}
	after, skip := "", (job.page-1)*job.perPage
	if q.PageToken != "" {
		var t bulkToken
		switch {
		case !s.signer.open(q.PageToken, &t) || t.User != a.user.Email || t.Module != job.module:
			return newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("param_name", "page_token")
		case a.now.Unix() >= t.Expiry:
			return newProblem(http.StatusBadRequest, "EXPIRED_VALUE", "Page token expired").with("param_name", "page_token")
		}
		after, skip, job.page = t.After, 0, t.Page
	}
	job.snapshot = a.book().Snapshot(job.module, match, after, skip, job.perPage)
	if next, more := job.snapshot.More(); more {
		job.next = s.signer.seal(bulkToken{
			User: a.user.Email, Module: job.module, After: next, Page: job.page + 1, Expiry: a.now.Add(pageTokenAge).Unix(),
		})
	}
	return nil
}

func has(m records.Module, field string) bool {
	if field == "id" || field == "Id" {
		return true
	}
	for _, f := range m.Fields {
		if f.APIName == field {
			return true
		}
	}
	return false
}

// result is the outcome of a completed job.
func (r *readJob) result(j *bulkJob) map[string]any {
	_, more := r.snapshot.More()
	out := map[string]any{
		"page": r.page, "per_page": r.perPage, "count": r.snapshot.Len(), "more_records": more,
		"download_url": "/crm/bulk/v8/read/" + j.id + "/result", "next_page_token": nil,
	}
	if r.next != "" {
		out["next_page_token"] = r.next
	}
	return out
}

// readStatus is GET /crm/bulk/v8/read/{id}.
func (j *bulkJob) readStatus(a *apiCall) {
	out := map[string]any{
		"id": j.id, "operation": "read", "state": j.state(a.now), "file_type": j.read.fileType, "query": j.read.request,
		"created_by":   map[string]any{"id": j.by.ID, "name": j.by.Name},
		"created_time": j.created.UTC().Format(records.Stamp),
	}
	if out["state"] == "COMPLETED" {
		out["result"] = j.read.result(j)
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{out}})
}

// downloadRead is GET /crm/bulk/v8/read/{id}/result: the ZIP, written as it is
// made.
func (s *Server) downloadRead(a *apiCall, j *bulkJob) {
	if j.state(a.now) != "COMPLETED" {
		p := noResource(j.id, "read")
		p.status = http.StatusBadRequest
		p.write(a.w)
		return
	}
	if !s.mayDownload(a) {
		return
	}
	h := a.w.Header()
	h.Set("Content-Type", "application/x-download")
	h.Set("Content-Disposition", `attachment; filename="`+j.id+`.zip"`)
	a.w.WriteHeader(http.StatusOK)
	// The answer has begun: an error means that the client has gone.
	_ = writeZip(a.w, j.id+".csv", j.created, func(w io.Writer) error { return j.read.snapshot.WriteCSV(w, j.read.fields) })
}

// writeZip writes a ZIP with one file. It is squeezed lightly: results are
// large and the simulator must not be what a benchmark measures.
func writeZip(w io.Writer, name string, at time.Time, content func(io.Writer) error) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	file, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at})
	if err == nil {
		err = content(file)
	}
	if err != nil {
		return err
	}
	return z.Close()
}

package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"zohocrm/sim/internal/records"
)

// writeJob is a bulk write, as it was asked for and as it came out.
type writeJob struct {
	Operation   string          `json:"operation"`
	IgnoreEmpty bool            `json:"ignore_empty"`
	Encoding    *string         `json:"character_encoding"`
	Callback    *callback       `json:"callback"`
	Resource    []writeResource `json:"resource"`

	base  string                  // address of the data centre, for the result
	table *csvTable               // its rows go once they are written
	doing written                 // of whoever does the work
	done  atomic.Pointer[written] // the same, once nobody changes it any more
}

// written is what became of the rows of a file.
type written struct {
	added, updated, skipped int
	lines                   []writeLine // by row
}

// outcome is what became of the rows, once the work is done.
func (w *writeJob) outcome() *written {
	if done := w.done.Load(); done != nil {
		return done
	}
	return &written{}
}

type writeResource struct {
	Type        string         `json:"type"`
	Module      moduleName     `json:"module"`
	FileID      string         `json:"file_id"`
	FindBy      string         `json:"find_by"`
	IgnoreEmpty *bool          `json:"ignore_empty"`
	Mappings    []writeMapping `json:"field_mappings"`
}

type writeMapping struct {
	APIName string  `json:"api_name"`
	Index   *int    `json:"index"`
	Format  *string `json:"format"`
	FindBy  *string `json:"find_by"`
	Default *struct {
		Value any `json:"value"`
	} `json:"default_value"`
}

// writeLine is what became of one row, with the cells that the result shows.
type writeLine struct {
	cells              []string
	status, id, errors string
}

// createWrite is POST /crm/bulk/v8/write.
func (s *Server) createWrite(a *apiCall) {
	w := new(writeJob)
	if err := decode(a.body, w); err != nil {
		newProblem(http.StatusBadRequest, "INVALID_FORMAT", "request body contains invalid format").write(a.w)
		return
	}
	problem := w.check(a)
	if problem == nil {
		problem = w.load(s, a)
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	for _, op := range map[string][]string{"insert": {"CREATE"}, "update": {"UPDATE"}, "upsert": {"CREATE", "UPDATE"}}[w.Operation] {
		if !a.mayRecords(w.Resource[0].Module.APIName, op) {
			return
		}
	}
	w.base = a.base(a.location)
	if a.environment != "" {
		w.base += "/" + a.environment
	}
	j := &bulkJob{write: w, callback: w.Callback}
	s.startJob(a, j)
	s.finishJobs(a.org, a.now)
	writeJSON(a.w, http.StatusCreated, map[string]any{
		"status": "success", "code": "SUCCESS", "message": "success",
		"details": map[string]any{"id": j.id, "created_by": map[string]any{"id": j.by.ID, "name": j.by.Name}},
	})
}

// check looks at the request as far as it needs no file.
func (w *writeJob) check(a *apiCall) *problem {
	switch {
	case w.Operation == "":
		return keyMissing("operation")
	case w.Operation != "insert" && w.Operation != "update" && w.Operation != "upsert":
		return newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "operation").with("json_path", "$.operation")
	case len(w.Resource) == 0:
		return keyMissing("resource")
	case len(w.Resource) > 1:
		return newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "one resource a job").with("api_name", "resource").with("json_path", "$.resource")
	}
	r := w.Resource[0]
	switch {
	case r.Type != "data":
		return newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "type").with("json_path", "$.resource[0].type")
	case !a.book().Has(r.Module.APIName):
		return newProblem(http.StatusBadRequest, "MODULE_NOT_AVAILABLE", "Requested module '"+r.Module.APIName+"' is not available.")
	case w.Operation != "insert" && r.FindBy == "":
		return keyMissing("find_by")
	}
	m, _ := a.book().Module(r.Module.APIName)
	if r.FindBy != "" && !has(m, r.FindBy) {
		return newProblem(http.StatusBadRequest, "INVALID_FIELD", "invalid find_by "+r.FindBy+".").with("api_name", r.FindBy)
	}
	for _, f := range r.Mappings {
		switch {
		case !has(m, f.APIName):
			return newProblem(http.StatusBadRequest, "INVALID_FIELD_NAME", "invalid mapping. invalid api_name "+f.APIName+".").with("api_name", f.APIName)
		case f.Index == nil && f.Default == nil:
			return newProblem(http.StatusBadRequest, "COLUMN_INDEX_NOT_FOUND",
				"required key index for field "+f.APIName+" is not found in request body.").with("api_name", f.APIName)
		}
	}
	for _, f := range m.Fields {
		if f.Mandatory && w.Operation != "update" && len(r.Mappings) > 0 && !r.maps(f.APIName) {
			return newProblem(http.StatusBadRequest, "MANDATORY_FIELDS_NOT_MAPPED", "All mandatory fields are not mapped for the layout").
				with("api_name", f.APIName)
		}
	}
	return w.Callback.check()
}

func (r *writeResource) maps(name string) bool {
	for _, f := range r.Mappings {
		if f.APIName == name {
			return true
		}
	}
	return false
}

// load reads the file. Without mappings its header names the fields.
func (w *writeJob) load(s *Server, a *apiCall) *problem {
	r := &w.Resource[0]
	data, ok := a.org.vault.get("bulk/" + r.FileID)
	if !ok {
		return newProblem(http.StatusBadRequest, "INVALID_FILE_ID", "improper file id").with("file_id", r.FileID)
	}
	table, err := readArchive(data, s.limits.BulkWriteRows)
	switch {
	case errors.Is(err, errTooManyRows):
		return newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "the file has too many rows").with("limit", s.limits.BulkWriteRows)
	case err != nil:
		return newProblem(http.StatusBadRequest, "FILE_NOT_SUPPORTED", "File not supported for bulk write")
	case len(table.header) > maxColumns:
		return tooManyColumns()
	}
	w.table = table
	if len(r.Mappings) == 0 {
		m, _ := a.book().Module(r.Module.APIName)
		for i, name := range table.header {
			if has(m, name) {
				r.Mappings = append(r.Mappings, writeMapping{APIName: name, Index: &i})
			}
		}
	}
	return nil
}

// run writes the rows of the file, a hundred at a time. It is called once, when
// the job is due.
func (w *writeJob) run(s *Server, o *org, j *bulkJob) {
	r := w.Resource[0]
	m, _ := o.book().Module(r.Module.APIName)
	ignore := w.IgnoreEmpty
	if r.IgnoreEmpty != nil {
		ignore = *r.IgnoreEmpty
	}
	edit := records.Edit{Module: r.Module.APIName, Now: j.due, By: j.by}
	for start := 0; start < len(w.table.rows); start += writeMax {
		rows := w.table.rows[start:min(start+writeMax, len(w.table.rows))]
		var data []map[string]any
		for _, row := range rows {
			data = append(data, r.item(m, row, ignore))
		}
		results := w.apply(o.book(), edit, r.FindBy, data)
		s.notices.announce(o, changesOf(edit.Module, results))
		for i, result := range results {
			w.note(rows[i], result)
		}
	}
	w.table.rows = nil
	w.done.Store(&w.doing)
}

// apply writes items with the job's operation.
func (w *writeJob) apply(b *records.Book, edit records.Edit, findBy string, data []map[string]any) []records.Result {
	switch w.Operation {
	case "insert":
		return b.Insert(edit, data)
	case "upsert":
		results, err := b.Upsert(edit, data, []string{findBy})
		if err == nil {
			return results
		}
	}
	for _, item := range data {
		if findBy != "id" {
			value, _ := item[findBy].(string)
			id, _ := b.FindBy(edit.Module, findBy, value)
			item["id"] = id
		}
	}
	return b.Update(edit, data)
}

// item makes a record's values of a row.
func (r *writeResource) item(m records.Module, row []string, ignoreEmpty bool) map[string]any {
	item := map[string]any{}
	for _, f := range r.Mappings {
		text := ""
		if f.Index != nil {
			text = cell(row, *f.Index)
		}
		switch {
		case text == "" && f.Default != nil:
			item[f.APIName] = f.Default.Value
		case text == "" && ignoreEmpty:
		default:
			item[f.APIName] = typed(m, f.APIName, text)
		}
	}
	return item
}

// typed gives a CSV's text the type its field wants.
func typed(m records.Module, name, text string) any {
	for _, f := range m.Fields {
		if f.APIName != name || text == "" {
			continue
		}
		switch f.Type.JSON() {
		case "integer", "double":
			return json.Number(text)
		case "boolean":
			return strings.EqualFold(text, "true")
		case "jsonobject":
			return map[string]any{"id": text}
		}
	}
	return text
}

// note writes down what became of a row.
func (w *writeJob) note(row []string, result records.Result) {
	line := writeLine{id: result.ID}
	for _, f := range w.shown() {
		text := ""
		if f.Index != nil {
			text = strings.Clone(cell(row, *f.Index)) // lets go of the row
		}
		line.cells = append(line.cells, text)
	}
	switch p := result.Problem; {
	case p != nil:
		line.status = "SKIPPED"
		w.doing.skipped++
		name, _ := p.Details["api_name"].(string)
		line.errors = strings.TrimSuffix(p.Code+"-"+name, "-")
	case result.Action == "insert":
		line.status = "ADDED"
		w.doing.added++
	default:
		line.status = "UPDATED"
		w.doing.updated++
	}
	w.doing.lines = append(w.doing.lines, line)
}

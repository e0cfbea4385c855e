package sim

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"

	"zohocrm/sim/internal/records"
)

// writeStatus is GET /crm/bulk/v8/write/{id}.
func (j *bulkJob) writeStatus(a *apiCall) {
	w := j.write
	r := w.Resource[0]
	state := j.state(a.now)
	if state == "QUEUED" { // reads have that state, writes have not
		state = "ADDED"
	}
	out := w.outcome()
	file := map[string]any{
		"status": state, "name": w.table.name, "added_count": out.added, "updated_count": out.updated,
		"skipped_count": out.skipped, "total_count": out.added + out.updated + out.skipped,
	}
	resource := map[string]any{
		"status": state, "type": "data", "module": map[string]any{"api_name": r.Module.APIName}, "file_id": r.FileID,
		"field_mappings": r.Mappings, "file": file,
	}
	if r.FindBy != "" {
		resource["find_by"] = r.FindBy
	}
	answer := map[string]any{
		"id": j.id, "status": state, "operation": w.Operation, "ignore_empty": w.IgnoreEmpty, "character_encoding": "UTF-8",
		"created_by": map[string]any{"id": j.by.ID, "name": j.by.Name}, "created_time": j.created.UTC().Format(records.Stamp),
		"resource": []any{resource},
	}
	if w.Callback != nil {
		answer["callback"] = w.Callback
	}
	if state == "COMPLETED" {
		resource["code"] = "SUCCESS"
		answer["result"] = map[string]any{"download_url": w.base + "/v2/crm/" + a.org.zgid + "/bulk-write/" + j.id + "/" + j.id + ".zip"}
	}
	writeJSON(a.w, http.StatusOK, answer)
}

// downloadWritten is GET /v2/crm/{zgid}/bulk-write/{id}/{id}.zip, the address
// that a bulk write's status gives: the first three mapped columns of each row
// and what became of it (Zoho: download-result page).
func (s *Server) downloadWritten(a *apiCall) {
	s.finishJobs(a.org, a.now)
	if len(a.rest) != 4 || a.rest[1] != "bulk-write" || !a.get() {
		if len(a.rest) != 4 || a.rest[1] != "bulk-write" {
			invalidURL().write(a.w)
		}
		return
	}
	if !a.may("ZohoCRM.bulk.CREATE") {
		return
	}
	j := a.org.jobs.find(a.rest[2])
	if j == nil || j.write == nil || a.rest[0] != a.org.zgid || a.rest[3] != j.id+".zip" || j.state(a.now) != "COMPLETED" {
		noResource(a.rest[2], "write").write(a.w)
		return
	}
	if !s.mayDownload(a) {
		return
	}
	r := j.write.Resource[0]
	a.w.Header().Set("Content-Type", "application/x-download")
	a.w.Header().Set("Content-Disposition", `attachment; filename="`+j.id+`.zip"`)
	a.w.WriteHeader(http.StatusOK)
	name := r.Module.APIName + "-" + strings.TrimSuffix(j.write.table.name, ".csv") + ".csv"
	_ = writeZip(a.w, name, j.due, j.write.writeResult) // an error means that the client has gone
}

// shown are the mappings whose cells the result repeats.
func (w *writeJob) shown() []writeMapping {
	mapped := w.Resource[0].Mappings
	return mapped[:min(3, len(mapped))]
}

// writeResult writes the result's CSV.
func (w *writeJob) writeResult(to io.Writer) error {
	out := csv.NewWriter(to)
	var line []string
	for _, f := range w.shown() {
		line = append(line, f.APIName)
	}
	if err := out.Write(append(line, "STATUS", "RECORD_ID", "ERRORS")); err != nil {
		return err
	}
	for _, done := range w.outcome().lines {
		line = append(append(line[:0], done.cells...), done.status, done.id, done.errors)
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

package crm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// WriteQuery says what a bulk write does with an uploaded file.
type WriteQuery struct {
	// Operation is insert, update or upsert. Required.
	Operation string
	// Module is the API name of the module. Required.
	Module string
	// Fields say which column of the file goes into which field. Required;
	// [BulkService.Import] fills it from the header if it is nil.
	Fields []FieldMapping
	// FindBy is the API name of the field by which update and upsert find
	// records. "": Zoho decides.
	FindBy string
	// IgnoreEmpty leaves fields alone whose column is empty.
	IgnoreEmpty bool
	// CallbackURL is told when the job is done; see [NewBulkCallback]. "": nobody is.
	CallbackURL string
}

// FieldMapping says which column goes into a field.
type FieldMapping struct {
	APIName string // of the field
	Index   int    // of the column, from 0
	FindBy  string // of a lookup: the field by which its record is found; "": Zoho decides
	Format  string // of dates: "yyyy-MM-dd"; "": Zoho's
	Default string // where the column is empty; "": none
}

// WriteJob is a bulk write.
type WriteJob struct {
	ID          string
	Status      string // ADDED, IN PROGRESS, COMPLETED or FAILED
	Operation   string
	CreatedTime time.Time
	File        WriteCounts // of the first file; Record has the others
	DownloadURL string      // of the result, once it is done; "": none yet
	Record      Record      // all that Zoho sent
}

// WriteCounts says what became of a file's rows.
type WriteCounts struct {
	Name                           string
	Status                         string // COMPLETED, SKIPPED, FAILED, ...
	Code                           string // Zoho's code, where the file failed
	Total, Added, Updated, Skipped int
}

// Done reports whether the job has ended, well or badly.
func (j *WriteJob) Done() bool {
	return j.Status == "COMPLETED" || j.Status == "SKIPPED" || failedState(j.Status)
}

// StartWrite begins a bulk write of a file that [BulkService.Upload] brought.
// It costs 500 credits and is not repeated.
//
// POST /crm/bulk/v8/write, scopes ZohoCRM.bulk.CREATE and ZohoCRM.modules.CREATE
// (Zoho: bulk-write/create-job).
func (s *BulkService) StartWrite(ctx context.Context, fileID string, q WriteQuery) (*WriteJob, error) {
	body, err := q.body(fileID)
	if err != nil {
		return nil, err
	}
	var answer Record
	r := Request{Method: http.MethodPost, Path: bulkPath + "/write", Body: body, about: q.Module}
	resp, err := s.client.call(ctx, r, &answer)
	if err != nil {
		return nil, err
	}
	details := answer.Sub("details")
	if details.ID() == "" {
		return nil, &Error{Status: resp.Status, Method: r.Method, Path: r.Path, foreign: "the answer names no job"}
	}
	return &WriteJob{ID: details.ID(), Status: "ADDED", Operation: q.Operation, CreatedTime: details.at("created_time"), Record: answer}, nil
}

func (q WriteQuery) body(fileID string) (map[string]any, error) {
	switch {
	case q.Operation != "insert" && q.Operation != "update" && q.Operation != "upsert":
		return nil, errors.New("crm: WriteQuery.Operation is insert, update or upsert")
	case q.Module == "" || fileID == "":
		return nil, errors.New("crm: WriteQuery.Module and the file's ID are required")
	case len(q.Fields) == 0 || len(q.Fields) > maxColumns:
		return nil, fmt.Errorf("crm: WriteQuery.Fields has %d columns: 1 to %d are possible", len(q.Fields), maxColumns)
	}
	mappings := make([]map[string]any, len(q.Fields))
	for i, f := range q.Fields {
		mappings[i] = map[string]any{"api_name": f.APIName, "index": f.Index}
		if f.FindBy != "" {
			mappings[i]["find_by"] = f.FindBy
		}
		if f.Format != "" {
			mappings[i]["format"] = f.Format
		}
		if f.Default != "" {
			mappings[i]["default_value"] = map[string]string{"value": f.Default}
		}
	}
	resource := map[string]any{
		"type": "data", "module": map[string]string{"api_name": q.Module}, "file_id": fileID, "field_mappings": mappings,
	}
	if q.FindBy != "" {
		resource["find_by"] = q.FindBy
	}
	body := map[string]any{"operation": q.Operation, "resource": []any{resource}}
	if q.IgnoreEmpty {
		body["ignore_empty"] = true
	}
	if q.CallbackURL != "" {
		body["callback"] = map[string]string{"url": q.CallbackURL, "method": "post"}
	}
	return body, nil
}

// WriteJob tells how far a bulk write is.
//
// GET /crm/bulk/v8/write/{id}, scope ZohoCRM.bulk.READ (Zoho: bulk-write/get-job-details).
func (s *BulkService) WriteJob(ctx context.Context, id string) (*WriteJob, error) {
	path, err := bulkJobPath("write", id)
	if err != nil {
		return nil, err
	}
	var r Record
	resp, err := s.client.read(ctx, Request{Path: path}, &r)
	if err != nil {
		return nil, err
	}
	if list := r.Subs("data"); len(list) == 1 {
		r = list[0]
	}
	job := &WriteJob{
		ID: r.ID(), Status: r.Text("status"), Operation: r.Text("operation"), CreatedTime: r.at("created_time"),
		DownloadURL: r.Sub("result").Text("download_url"), Record: r,
	}
	if job.Status == "" {
		return nil, &Error{Status: resp.Status, Method: http.MethodGet, Path: path, foreign: "the answer has no status"}
	}
	for _, resource := range r.Subs("resource") {
		file := resource.Sub("file")
		job.File = WriteCounts{
			Name: file.Text("name"), Status: file.Text("status"), Code: codeWord(resource.Text("code")), Total: file.whole("total_count"),
			Added: file.whole("added_count"), Updated: file.whole("updated_count"), Skipped: file.whole("skipped_count"),
		}
		break
	}
	return job, nil
}

// WaitWrite asks until a bulk write is done. A job that failed is
// [ErrJobFailed]; one that skipped rows is not: WriteJob.File counts them and
// [BulkService.OpenWrite] says why. If the waiting ends early the job goes on,
// and can be waited for again.
//
// It calls [BulkService.WriteJob]: GET /crm/bulk/v8/write/{id}, scope
// ZohoCRM.bulk.READ (Zoho: bulk-write/get-job-details).
func (s *BulkService) WaitWrite(ctx context.Context, id string, opts *WaitOptions) (*WriteJob, error) {
	var job *WriteJob
	err := opts.wait(ctx, "write", id, func() (string, bool, error) {
		var err error
		if job, err = s.WriteJob(ctx, id); err != nil {
			return "", false, err
		}
		return job.Status, job.Done(), nil
	})
	if err == nil && failedState(job.Status) {
		err = fmt.Errorf("bulk write job %s: %s: %w", id, job.File.Code, ErrJobFailed)
	}
	return job, err
}

// OpenWrite brings the result of a bulk write that is done: the rows of the
// file, with the columns STATUS, RECORD_ID and ERRORS behind them. Close it. The
// result lies where Zoho says (WriteJob.DownloadURL); a host that is not of the
// token's data centre gets no token, and is an error.
//
// GET {download_url}, scope ZohoCRM.bulk.READ (Zoho: bulk-write/download-result).
func (s *BulkService) OpenWrite(ctx context.Context, job *WriteJob) (*BulkResult, error) {
	if job == nil || job.DownloadURL == "" {
		return nil, errors.New("crm: the job has no result: wait for it with WaitWrite")
	}
	r := Request{target: job.DownloadURL}
	if job.DownloadURL[0] == '/' {
		r = Request{Path: job.DownloadURL}
	}
	return s.client.openResult(ctx, r)
}

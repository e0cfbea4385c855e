package crm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"time"
)

const bulkPath = "/crm/bulk/v8"

// ReadQuery says what a bulk read exports: at most 200,000 records a job.
type ReadQuery struct {
	// Module is the API name of the module. Required. Notes, Attachments and
	// Emails cannot be exported.
	Module string
	// Fields are the API names of the fields wanted; the ID is always there.
	// nil: all of them.
	Fields []string
	// Where chooses records. Zero: all.
	Where Condition
	// CVID exports a custom view. "": the module.
	CVID string
	// Page is which 200,000 records are wanted, from 1. 0: the first.
	Page int
	// PageToken is where the export goes on: ReadJob.NextPageToken.
	PageToken string
	// FileType is csv, or ics for Events. "": csv.
	FileType string
	// CallbackURL is told when the job is done; see [NewBulkCallback]. "": nobody is.
	CallbackURL string
}

// ReadJob is a bulk read.
type ReadJob struct {
	ID            string
	State         string // ADDED, QUEUED, IN PROGRESS, COMPLETED or FAILURE
	CreatedTime   time.Time
	Count         int // records in the result, once it is COMPLETED
	Page          int
	MoreRecords   bool   // whether another job would bring more
	NextPageToken string // for that job's ReadQuery.PageToken
	Record        Record // all that Zoho sent
}

// Done reports whether the job has ended, well or badly.
func (j *ReadJob) Done() bool { return j.State == "COMPLETED" || failedState(j.State) }

// empty reports whether Zoho said that there is nothing in the result.
func (j *ReadJob) empty() bool { return j.Count == 0 && j.Record.Sub("result").Has("count") }

func failedState(state string) bool { return state == "FAILURE" || state == "FAILED" }

// StartRead begins a bulk read. It costs 50 credits and is not repeated.
//
// POST /crm/bulk/v8/read, scopes ZohoCRM.bulk.CREATE and ZohoCRM.modules.READ
// (Zoho: bulk-read/create-job).
func (s *BulkService) StartRead(ctx context.Context, q ReadQuery) (*ReadJob, error) {
	body, err := q.body()
	if err != nil {
		return nil, err
	}
	r := Request{Method: http.MethodPost, Path: bulkPath + "/read", Body: body, about: q.Module, names: q.Where.fields(slices.Clone(q.Fields))}
	result, err := s.client.writeOne(ctx, r, "data")
	if err != nil {
		return nil, err
	}
	job := newReadJob(Record{result.Details})
	if job.ID == "" {
		return nil, &Error{Method: r.Method, Path: r.Path, foreign: "the answer names no job"}
	}
	return job, nil
}

func (q ReadQuery) body() (map[string]any, error) {
	if q.Module == "" {
		return nil, errors.New("crm: ReadQuery.Module is required")
	}
	query := map[string]any{"module": map[string]string{"api_name": q.Module}}
	if len(q.Fields) > 0 {
		query["fields"] = q.Fields
	}
	if !q.Where.IsZero() {
		criteria, err := q.Where.json(objectFieldName)
		if err != nil {
			return nil, err
		}
		query["criteria"] = criteria
	}
	if q.CVID != "" {
		query["cvid"] = q.CVID
	}
	if q.PageToken != "" {
		query["page_token"] = q.PageToken
	} else if q.Page > 0 {
		query["page"] = q.Page
	}
	body := map[string]any{"query": query}
	if q.FileType != "" {
		body["file_type"] = q.FileType
	}
	if q.CallbackURL != "" {
		body["callback"] = map[string]string{"url": q.CallbackURL, "method": "post"}
	}
	return body, nil
}

// ReadJob tells how far a bulk read is.
//
// GET /crm/bulk/v8/read/{id}, scope ZohoCRM.bulk.READ (Zoho: bulk-read/get-job-details).
func (s *BulkService) ReadJob(ctx context.Context, id string) (*ReadJob, error) {
	path, err := bulkJobPath("read", id)
	if err != nil {
		return nil, err
	}
	r, err := s.client.one(ctx, Request{Path: path}, "data")
	if err != nil {
		return nil, err
	}
	return newReadJob(r), nil
}

// bulkJobPath is the path of a job: IDs are digits.
func bulkJobPath(kind, id string) (string, error) {
	if !isDigits(id) {
		return "", fmt.Errorf("crm: the ID of a bulk %s job is a number of digits", kind)
	}
	return bulkPath + "/" + kind + "/" + id, nil
}

// WaitRead asks until a bulk read is done. A job that failed is [ErrJobFailed].
// If the waiting ends early the job goes on, and can be waited for again.
//
// It calls [BulkService.ReadJob]: GET /crm/bulk/v8/read/{id}, scope
// ZohoCRM.bulk.READ (Zoho: bulk-read/get-job-details).
func (s *BulkService) WaitRead(ctx context.Context, id string, opts *WaitOptions) (*ReadJob, error) {
	var job *ReadJob
	err := opts.wait(ctx, "read", id, func() (string, bool, error) {
		var err error
		if job, err = s.ReadJob(ctx, id); err != nil {
			return "", false, err
		}
		return job.State, job.Done(), nil
	})
	if err == nil && failedState(job.State) {
		err = fmt.Errorf("bulk read job %s: %w", id, ErrJobFailed)
	}
	return job, err
}

// DownloadRead writes the result of a bulk read to w as Zoho has it: a ZIP with
// one CSV or ICS file. Zoho gives ten results a minute ([ErrRate]).
//
// GET /crm/bulk/v8/read/{id}/result, scope ZohoCRM.bulk.READ (Zoho: bulk-read/download-result).
func (s *BulkService) DownloadRead(ctx context.Context, id string, w io.Writer) (FileInfo, error) {
	path, err := bulkJobPath("read", id)
	if err != nil {
		return FileInfo{}, err
	}
	return s.client.download(ctx, Request{Path: path + "/result"}, w)
}

// OpenRead brings the result of a bulk read that is COMPLETED, to be read row
// by row. Close it.
//
// GET /crm/bulk/v8/read/{id}/result, scope ZohoCRM.bulk.READ (Zoho: bulk-read/download-result).
func (s *BulkService) OpenRead(ctx context.Context, id string) (*BulkResult, error) {
	path, err := bulkJobPath("read", id)
	if err != nil {
		return nil, err
	}
	return s.client.openResult(ctx, Request{Path: path + "/result"})
}

// Export is the whole life of a bulk read: it starts a job, waits for it, and
// goes through its rows, and then those of further jobs, until there are no
// more records. What was read before an error stays good: the error says how
// many rows that were, and which job it was.
//
// It calls [BulkService.StartRead], [BulkService.WaitRead] and
// [BulkService.OpenRead], whose scopes it needs (Zoho: bulk-read/overview).
func (s *BulkService) Export(ctx context.Context, q ReadQuery, opts *WaitOptions) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		read := 0
		for q := q; ; {
			job, err := s.StartRead(ctx, q)
			if err == nil {
				job, err = s.WaitRead(ctx, job.ID, opts)
			}
			if err == nil && !job.empty() {
				rows, stopped, failure := s.exportJob(ctx, job.ID, yield)
				if stopped {
					return
				}
				read, err = read+rows, failure
			}
			if err != nil {
				yield(Row{}, fmt.Errorf("after %d rows: %w", read, err))
				return
			}
			if !job.MoreRecords {
				return
			}
			if q.PageToken, q.Page = job.NextPageToken, 0; q.PageToken == "" {
				q.Page = max(job.Page, 1) + 1
			}
		}
	}
}

// exportJob yields the rows of one job.
func (s *BulkService) exportJob(ctx context.Context, id string, yield func(Row, error) bool) (rows int, stopped bool, err error) {
	result, err := s.OpenRead(ctx, id)
	if err != nil {
		return 0, false, fmt.Errorf("bulk read job %s: %w", id, err)
	}
	defer result.Close()
	for row, err := range result.Rows(ctx) {
		if err != nil {
			return rows, false, fmt.Errorf("bulk read job %s: %w", id, err)
		}
		if !yield(row, nil) {
			return rows, true, nil
		}
		rows++
	}
	return rows, false, nil
}

func newReadJob(r Record) *ReadJob {
	result := r.Sub("result")
	return &ReadJob{
		ID: r.ID(), State: r.Text("state"), CreatedTime: r.at("created_time"), Count: result.whole("count"), Page: result.whole("page"),
		MoreRecords: result.yes("more_records"), NextPageToken: result.Text("next_page_token"), Record: r,
	}
}

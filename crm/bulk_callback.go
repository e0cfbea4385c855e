package crm

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"zohocrm/oauth"
)

// BulkCallbackConfig says what is done when Zoho reports that a bulk job ended.
type BulkCallbackConfig struct {
	// Key is a secret of your own, which the job's CallbackURL carries in its
	// parameter "key": https://example.com/bulk?key=KEY. Zoho signs nothing, so
	// this is all that tells its posts from others. Required.
	Key oauth.Secret
	// Handle is told of each job, in the request's goroutine and with its
	// context. It should only note the job, and read it by ReadJob or WriteJob
	// before it believes the notice. An error is answered with 500. Required.
	Handle func(context.Context, BulkNotice) error
	// Logger gets a line for what cannot be read or handled. nil: nobody does.
	Logger *slog.Logger
}

// BulkNotice is what a callback says.
type BulkNotice struct {
	JobID     string
	Operation string // read, or insert, update, upsert
	State     string // COMPLETED, FAILURE, ...
	Record    Record // all that Zoho sent
}

// NewBulkCallback is the handler for the CallbackURL of bulk jobs. Zoho does not
// describe what it posts; both shapes that job answers have are read.
// (Zoho: bulk-read/create-job, callback.)
func NewBulkCallback(cfg BulkCallbackConfig) (http.Handler, error) {
	if cfg.Key.IsZero() || cfg.Handle == nil {
		return nil, errors.New("crm: a bulk callback needs a Key and a Handle")
	}
	log := orDiscard(cfg.Logger)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !sameSecret(r.URL.Query().Get("key"), cfg.Key) {
			http.Error(w, "the key is missing or wrong", http.StatusForbidden)
			return
		}
		body, ok := posted(w, r, log)
		if !ok {
			return
		}
		notice, ok := newBulkNotice(body)
		if !ok {
			http.Error(w, "the body names no job", http.StatusBadRequest)
			return
		}
		handled(r.Context(), w, log, cfg.Handle(r.Context(), notice))
	}), nil
}

func newBulkNotice(body Record) (BulkNotice, bool) {
	job := body
	if list := body.Subs("data"); len(list) > 0 {
		job = list[0]
	}
	if details := job.Sub("details"); !details.IsZero() {
		job = details
	}
	notice := BulkNotice{JobID: job.Text("job_id"), Operation: job.Text("operation"), State: job.Text("state"), Record: body}
	if notice.JobID == "" {
		notice.JobID = job.ID()
	}
	if notice.State == "" {
		notice.State = job.Text("status")
	}
	return notice, isDigits(notice.JobID)
}

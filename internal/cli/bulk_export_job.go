package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"zohocrm/crm"
)

// bulkExport is an export under way: job after job, until there are no more
// records.
type bulkExport struct {
	o     bulkExportOptions
	r     *remote
	state *bulkState
	show  *jobLife
	sink  *exportSink
}

func (e *bulkExport) run(ctx context.Context) (err error) {
	if e.sink, err = e.openSink(ctx); err != nil {
		return err
	}
	more := true
	for more && err == nil {
		if e.state.Job == "" {
			if err = e.start(ctx); err != nil {
				break
			}
		}
		more, err = e.fetch(ctx)
	}
	if err == nil {
		return e.finish()
	}
	return e.broken(ctx, err)
}

// start begins the next job, and writes its ID down before anything else.
func (e *bulkExport) start(ctx context.Context) error {
	q, err := e.state.query()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	starting, cancel := lingering(ctx, bulkLinger)
	defer cancel()
	job, err := e.r.Bulk.StartRead(starting, q)
	if err != nil {
		return err
	}
	if e.state.Job = job.ID; e.state.ID == "" {
		e.state.ID = job.ID
	}
	if err := e.o.app.keepBulk(e.state); err != nil {
		e.show.note("zcrm: warning: job %s cannot be written down: %v; if this is interrupted, note its number", job.ID, err)
	}
	e.show.told(job.ID, "added")
	return nil
}

// fetch waits for the job and writes its records. more: there are others.
func (e *bulkExport) fetch(ctx context.Context) (more bool, err error) {
	s, x := e.state, e.state.Export
	var job *crm.ReadJob
	err = e.show.during(s.Job, func() (err error) {
		job, err = e.r.Bulk.WaitRead(ctx, s.Job, e.o.waiting(e.show))
		return err
	})
	if err != nil {
		return false, err
	}
	if s.Module == "" {
		s.Module = job.Record.Sub("query").Sub("module").Text("api_name") // begun elsewhere
	}
	full := false
	if job.Count > 0 || !job.Record.Sub("result").Has("count") {
		total := s.Rows + job.Count
		if x.Limit > 0 {
			total = min(total, x.Limit)
		}
		e.show.line.of(total)
		e.show.line.say("") // the job is done, and the records are counted
		if full, err = e.copy(ctx, job); err != nil {
			return false, err
		}
	}
	if err := e.sink.settle(); err != nil {
		return false, err
	}
	s.Rows, x.Offset, x.Columns = e.sink.rows, e.sink.offset, e.sink.head
	if full || !job.MoreRecords {
		return false, nil
	}
	if x.Token, x.Page = job.NextPageToken, 0; x.Token == "" {
		x.Page = max(job.Page, 1) + 1
	}
	s.Job = ""
	return true, e.o.app.keepBulk(s)
}

// copy writes the records of a job that is done, and refuses a result that is not
// all that the job promised. full: the limit is reached.
func (e *bulkExport) copy(ctx context.Context, job *crm.ReadJob) (full bool, err error) {
	result, err := e.r.Bulk.OpenRead(ctx, job.ID)
	if err != nil {
		return false, err
	}
	defer result.Close()
	limit, before := e.state.Export.Limit, e.sink.rows
	for row, err := range result.Rows(ctx) {
		if err != nil {
			return false, err
		}
		if limit > 0 && e.sink.rows >= limit {
			return true, nil
		}
		if err := e.sink.write(row); err != nil {
			return false, err
		}
		e.show.line.at(e.sink.rows)
	}
	if got := e.sink.rows - before; got != job.Count && job.Record.Sub("result").Has("count") {
		return false, fmt.Errorf("%w: the result of job %s has %s, and the job counts %s", crm.ErrProtocol, job.ID, count(got, "record"), thousands(job.Count))
	}
	return limit > 0 && e.sink.rows >= limit, nil
}

// finish puts the file in its place.
func (e *bulkExport) finish() error {
	e.show.line.stop()
	if err := e.sink.finish(); err != nil {
		return advise(err, "go on with: zcrm bulk export --resume "+e.state.ID)
	}
	e.state.State, e.state.Job = bulkDone, ""
	if err := e.o.app.keepBulk(e.state); err != nil {
		e.show.note("zcrm: warning: the end of the export cannot be written down: %v", err)
	}
	line := fmt.Sprintf("%s %s exported", thousands(e.sink.rows), e.state.Module)
	if out := e.state.Export.Out; out != "" {
		line += " to " + out
	}
	line += " in " + e.o.app.now().Sub(e.show.line.begun).Round(100*time.Millisecond).String()
	if c := e.r.Credits(); c.Remaining >= 0 {
		line += ", " + thousands(c.Remaining) + " credits left"
	}
	e.o.app.tell("%s", line)
	return nil
}

// broken keeps what can be gone on with, and says how.
func (e *bulkExport) broken(ctx context.Context, err error) error {
	e.show.line.stop()
	s := e.state
	switch {
	case s.ID == "": // nothing was begun
		return errors.Join(e.sink.drop(), err)
	case errors.Is(err, crm.ErrJobFailed), errors.Is(err, crm.ErrNotFound):
		s.State, s.Job = bulkFailed, ""
		if dropped := errors.Join(e.sink.drop(), e.o.app.keepBulk(s)); dropped != nil {
			e.show.note("zcrm: warning: %v", dropped)
		}
		return err
	}
	if closed := e.sink.leave(); closed != nil {
		e.show.note("zcrm: warning: %v", closed)
	}
	if bad := (*fs.PathError)(nil); errors.As(err, &bad) && e.sink.file != nil && bad.Path == e.sink.file.Name() {
		return advise(err, fmt.Sprintf("%s of it, in %s, are kept; go on with: zcrm bulk export --resume %s, and --out FILE to write elsewhere", count(s.Rows, "record"), bad.Path, s.ID))
	}
	return e.o.stayed(ctx, "export", s.ID, err)
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"zohocrm/crm"
)

// importRows is how many rows one job takes (Zoho: bulk-write overview).
const importRows = 25_000

// bulkImport is an import under way: part after part of the file.
type bulkImport struct {
	o     bulkImportOptions
	r     *remote
	state *bulkState
	show  *jobLife
	total int // rows of the file
	size  int // rows of a part; less than importRows where they are long
}

func (i *bulkImport) run(ctx context.Context) (err error) {
	s, x := i.state, i.state.Import
	if i.total, err = checkRows(x.File); err != nil {
		return err
	}
	i.size = importRows
	i.show.line.of(i.total)
	i.show.line.at(s.Rows)
	if x.Sending {
		next := "look for them at Zoho; what is not there import as a file of its own"
		if s.Rows == 0 {
			next = "look for them at Zoho; if they are not there, import the file with --again"
		}
		return advise(fmt.Errorf("it was interrupted while rows %d to %d were sent, and whether Zoho has them is not known", s.Rows+1, x.To), next)
	}
	for err == nil && s.Rows < i.total {
		if s.Job == "" {
			err = i.send(ctx)
		}
		if err == nil {
			err = i.fetch(ctx)
		}
	}
	i.show.line.stop()
	if err != nil {
		return i.broken(ctx, err)
	}
	s.State = bulkDone
	if err := i.keep(); err != nil {
		return err
	}
	return i.report()
}

// keep writes the state down. While it has no ID it is there only as long as rows
// may be at Zoho: before, and if Zoho refused them, nothing was begun.
func (i *bulkImport) keep() error {
	if i.state.ID == "" && !i.state.Import.Sending {
		return forgetBulk(i.state)
	}
	if err := i.o.app.keepBulk(i.state); err != nil {
		return fmt.Errorf("how far the import is cannot be written down: %w", err)
	}
	return nil
}

// send uploads the next part and starts its job. What happens between the two
// writings is known to have happened to these rows, or not known at all: they are
// never sent again by themselves.
func (i *bulkImport) send(ctx context.Context) error {
	s, x := i.state, i.state.Import
	fileID, to, err := i.upload(ctx)
	if err != nil {
		return err
	}
	x.To, x.Sending = to, true
	if err := i.keep(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		x.Sending = false
		return errors.Join(err, i.keep())
	}
	starting, cancel := lingering(ctx, bulkLinger)
	defer cancel()
	job, err := i.r.Bulk.StartWrite(starting, fileID, s.writeQuery())
	if err != nil {
		if !is(err, crm.ErrUnavailable, context.Canceled, context.DeadlineExceeded) {
			x.Sending = false // Zoho said no
		}
		return errors.Join(err, i.keep())
	}
	if s.Job, x.Sending = job.ID, false; s.ID == "" {
		s.ID = job.ID
	}
	i.show.told(job.ID, "added")
	return i.keep()
}

// upload brings the next part of the file, and says before which row it ends.
// Rows so long that Zoho's 25 MB are reached make smaller parts.
func (i *bulkImport) upload(ctx context.Context) (fileID string, to int, err error) {
	s, x := i.state, i.state.Import
	for ; ; i.size /= 2 {
		to = min(s.Rows+i.size, i.total)
		if i.show.line.on {
			i.show.line.say(fmt.Sprintf("sending rows %s to %s", thousands(s.Rows+1), thousands(to)))
		}
		part := partOf(x.File, x.Query.Columns, s.Rows, to)
		fileID, _, err = i.r.Bulk.UploadCSV(ctx, part)
		part.Close()
		if !errors.Is(err, crm.ErrTooLarge) || i.size < 2 {
			return fileID, to, err
		}
	}
}

// fetch waits for the job, and keeps the rows that failed.
func (i *bulkImport) fetch(ctx context.Context) error {
	s, x := i.state, i.state.Import
	var job *crm.WriteJob
	err := i.show.during(s.Job, func() (err error) {
		job, err = i.r.Bulk.WaitWrite(ctx, s.Job, i.o.waiting(i.show))
		return err
	})
	if err != nil {
		return err
	}
	c := job.File
	if c.Skipped > 0 || c.Added+c.Updated != x.To-s.Rows {
		if err := i.keepFailed(ctx, job); err != nil {
			return err
		}
	}
	x.Added += c.Added
	x.Updated += c.Updated
	s.Rows, s.Job, x.To = x.To, "", 0
	i.show.line.at(s.Rows)
	return i.keep()
}

// keepFailed adds the rows of a part that failed to their file.
func (i *bulkImport) keepFailed(ctx context.Context, job *crm.WriteJob) error {
	x := i.state.Import
	result, err := i.r.Bulk.OpenWrite(ctx, job)
	if err != nil {
		return err
	}
	defer result.Close()
	keep := failedRows{path: x.Failed, header: x.Query.Header, size: x.FailedSize}
	if !slices.Contains(keep.header, "ERRORS") {
		keep.header = append(slices.Clone(keep.header), "ERRORS")
	}
	refused, at, why := 0, 0, ""
	size, err := keep.add(i.refused(ctx, result, func(row int, reason string) {
		if refused++; refused == 1 {
			at, why = row, reason
		}
	}))
	if err != nil {
		return err
	}
	if x.FailedSize, x.Refused = size, x.Refused+refused; x.First == "" {
		x.FirstAt, x.First = at, why
	}
	return nil
}

// refused goes through a result and yields the rows that failed, with the reason as
// their last cell. A result has the first columns only; the row itself is in the
// file that was sent, in the same place.
func (i *bulkImport) refused(ctx context.Context, result *crm.BulkResult, note func(row int, reason string)) iter.Seq2[[]string, error] {
	s, x := i.state, i.state.Import
	return func(yield func([]string, error) bool) {
		next, stop := iter.Pull2(result.Rows(ctx))
		defer stop()
		at, warned := s.Rows, false
		for row, err := range csvRows(x.File, s.Rows) {
			if err != nil {
				yield(nil, err)
				return
			}
			if at == x.To {
				return
			}
			at++
			told, err, ok := next()
			if err != nil {
				yield(nil, err)
				return
			}
			reason, failed := "NO_RESULT", true // Zoho said nothing of it
			if ok {
				reason, failed = refusal(told)
			}
			if !failed {
				continue
			}
			if ok && !x.Query.fits(row, told) {
				if !warned {
					warned = true
					i.show.note("zcrm: warning: the result of job %s is not in the order of the file: of rows that failed only what Zoho repeats is kept", s.Job)
				}
				row = x.Query.repeated(told)
			}
			note(at, reason)
			if !yield(x.Query.because(row, reason), nil) {
				return
			}
		}
	}
}

// repeated is a row of the file as far as the result has it.
func (as importAs) repeated(told crm.Row) []string {
	row := make([]string, len(as.Header))
	for _, c := range as.Columns {
		row[c.Index] = told.Text(c.Field)
	}
	return row
}

// because is a row with the reason why it failed: in the column ERRORS of an
// earlier import, else behind the others.
func (as importAs) because(row []string, reason string) []string {
	row = slices.Clone(row)
	if i := slices.Index(as.Header, "ERRORS"); i >= 0 {
		row[i] = reason
		return row
	}
	return append(row, reason)
}

// fits reports whether a row of the result is about this row of the file.
func (as importAs) fits(row []string, told crm.Row) bool {
	names := told.Columns()
	for _, c := range as.Columns {
		if slices.Contains(names, c.Field) && strings.TrimSpace(told.Text(c.Field)) != strings.TrimSpace(row[c.Index]) {
			return false
		}
	}
	return true
}

// broken says how to go on.
func (i *bulkImport) broken(ctx context.Context, err error) error {
	s, x := i.state, i.state.Import
	switch {
	case s.Job != "" && errors.Is(err, crm.ErrJobFailed):
		s.State = bulkFailed
		if kept := i.keep(); kept != nil {
			i.show.note("zcrm: warning: %v", kept)
		}
		return advise(err, fmt.Sprintf("rows %d to %d were not imported, those before were", s.Rows+1, x.To))
	case s.Job != "":
		return i.o.stayed(ctx, "import", s.ID, err)
	case x.Sending:
		return advise(err, fmt.Sprintf("whether Zoho has rows %d to %d is not known: look for them there before you send them again", s.Rows+1, x.To))
	case s.ID != "" && ctx.Err() != nil:
		return advisedError{fmt.Errorf("interrupted after %s; go on with: zcrm bulk import --resume %s", count(s.Rows, "row"), s.ID)}
	case s.ID != "":
		return advise(err, "go on with: zcrm bulk import --resume "+s.ID)
	}
	return err
}

// importView is the end of an import as --json prints it.
type importView struct {
	Job     string `json:"job"`
	Module  string `json:"module"`
	Rows    int    `json:"rows"`
	Added   int    `json:"added"`
	Updated int    `json:"updated"`
	Failed  int    `json:"failed"`
	File    string `json:"failed_file,omitempty"`
}

func (i *bulkImport) report() error {
	s, x := i.state, i.state.Import
	v := importView{Job: s.ID, Module: s.Module, Rows: s.Rows, Added: x.Added, Updated: x.Updated, Failed: x.Refused}
	if x.Refused > 0 {
		v.File = x.Failed
	}
	var err error
	if i.o.app.set.json {
		err = i.o.app.printJSON(v)
	} else {
		line := fmt.Sprintf("%s of %s: %s added, %s updated, %s failed", s.Module, filepath.Base(x.File), thousands(x.Added), thousands(x.Updated), thousands(x.Refused))
		if c := i.r.Credits(); c.Remaining >= 0 {
			line += ", " + thousands(c.Remaining) + " credits left"
		}
		err = i.o.app.printLine(line)
	}
	if err != nil || x.Refused == 0 {
		return err
	}
	return advise(fmt.Errorf("%s of %s failed, the first is row %d with %s", thousands(x.Refused), count(s.Rows, "row"), x.FirstAt, x.First),
		"they are in "+x.Failed+": mend them and import that file")
}

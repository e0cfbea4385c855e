package crm

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"zohocrm/internal/csvrow"
)

// Imported is one file of an import.
type Imported struct {
	From, To int // the rows of the CSV, from 0; To is the first that is not in it
	Job      *WriteJob
}

// UploadCSV packs a CSV file, whose first row names the columns, and uploads it.
// A file over Zoho's limits is [ErrTooLarge], before anything is sent:
// [BulkService.Import] cuts it. It gives the file's ID and its header.
//
// It calls [BulkService.Upload]: POST {upload host}/crm/v8/upload, scopes
// ZohoFiles.files.ALL and ZohoCRM.bulk.ALL (Zoho: bulk-write/upload-file).
func (s *BulkService) UploadCSV(ctx context.Context, file io.Reader) (fileID string, header []string, err error) {
	rows, header, err := openCSV(file)
	if err != nil {
		return "", nil, err
	}
	if rows.next == nil {
		return "", nil, errors.New("crm: the CSV file has no rows: nothing was sent")
	}
	part, err := packPart(rows, header)
	if err != nil {
		return "", nil, err
	}
	defer part.remove()
	if part.more {
		return "", nil, fmt.Errorf("crm: %w: more than %d rows or %d bytes packed: nothing was sent", ErrTooLarge, maxRows, maxArchive)
	}
	fileID, err = part.upload(ctx, s)
	return fileID, header, err
}

// Import is the whole life of a bulk write: it cuts a CSV file, whose first row
// names the columns, into files of Zoho's size, and uploads, starts and waits
// for each, one after the other. If q.Fields is nil, the columns' names are the
// fields' API names. After an error it ends; Imported.From then says with which
// row to go on, unless Job is there: that one may still be done.
//
// A job that skipped rows is no error: see [WriteJob] and [BulkService.OpenWrite].
//
// It calls [BulkService.UploadCSV], [BulkService.StartWrite] and
// [BulkService.WaitWrite], whose scopes it needs (Zoho: bulk-write/overview).
func (s *BulkService) Import(ctx context.Context, q WriteQuery, file io.Reader, opts *WaitOptions) iter.Seq2[Imported, error] {
	return func(yield func(Imported, error) bool) {
		rows, header, err := openCSV(file)
		if err != nil {
			yield(Imported{}, err)
			return
		}
		if q.Fields == nil {
			for i, name := range header {
				q.Fields = append(q.Fields, FieldMapping{APIName: name, Index: i})
			}
		}
		for from, more := 0, rows.next != nil; more; {
			part, err := packPart(rows, header)
			done := Imported{From: from, To: from}
			if err == nil {
				more = part.more
				done.To += part.rows
				from = done.To
				done.Job, err = s.importPart(ctx, q, part, opts)
				part.remove()
			}
			if err != nil {
				yield(done, fmt.Errorf("rows %d to %d: %w", done.From, done.To, err))
				return
			}
			if !yield(done, nil) {
				return
			}
		}
	}
}

func (s *BulkService) importPart(ctx context.Context, q WriteQuery, part *csvPart, opts *WaitOptions) (*WriteJob, error) {
	fileID, err := part.upload(ctx, s)
	if err != nil {
		return nil, err
	}
	job, err := s.StartWrite(ctx, fileID, q)
	if err != nil {
		return nil, err
	}
	waited, err := s.WaitWrite(ctx, job.ID, opts)
	if waited != nil {
		job = waited
	}
	return job, err
}

// csvSource reads rows one ahead, so that a part knows whether it is the last.
type csvSource struct {
	rows  *csv.Reader
	limit *perRow
	next  []string // nil: there is none
}

func openCSV(file io.Reader) (*csvSource, []string, error) {
	if file == nil {
		return nil, nil, errors.New("crm: no CSV file was given")
	}
	limit := &perRow{r: file, left: maxRow}
	s := &csvSource{rows: csv.NewReader(limit), limit: limit}
	header, err := s.rows.Read()
	if err == nil && len(header) > maxColumns {
		err = fmt.Errorf("%w: %d columns, and Zoho takes %d", ErrTooLarge, len(header), maxColumns)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("crm: the CSV file: %w: nothing was sent", withoutText(err))
	}
	header = newColumns(header).names
	return s, header, s.advance()
}

// advance reads the next row.
func (s *csvSource) advance() error {
	s.limit.left = maxRow
	row, err := s.rows.Read()
	if err == io.EOF {
		s.next = nil
		return nil
	}
	if err != nil {
		return fmt.Errorf("crm: the CSV file: %w", withoutText(err))
	}
	s.next = row
	return nil
}

// csvPart is a ZIP file of some rows, on disk.
type csvPart struct {
	file *os.File
	rows int
	more bool // there are rows left for another one
	size int64
}

// packPart packs rows until Zoho's limits are reached.
func packPart(source *csvSource, header []string) (*csvPart, error) {
	file, err := os.CreateTemp("", "zohocrm-bulk-*.zip")
	if err != nil {
		return nil, fmt.Errorf("no room for a bulk file: %w", err)
	}
	part := &csvPart{file: file}
	if err := part.fill(source, header); err != nil {
		part.remove()
		return nil, err
	}
	return part, nil
}

func (p *csvPart) fill(source *csvSource, header []string) error {
	archive := zip.NewWriter(p)
	entry, err := archive.Create("records.csv")
	if err != nil {
		return err
	}
	out := csvrow.NewWriter(entry)
	if err := out.Write(header); err != nil {
		return err
	}
	// What the packing still holds back is less than a megabyte.
	for source.next != nil && p.rows < maxRows && p.size < maxArchive-1<<20 {
		if err := out.Write(source.next); err != nil {
			return err
		}
		p.rows++
		if err := source.advance(); err != nil {
			return err
		}
		if p.rows%100 == 0 {
			out.Flush()
		}
	}
	out.Flush()
	p.more = source.next != nil
	return errors.Join(out.Error(), archive.Close())
}

// Write counts what goes to disk.
func (p *csvPart) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.size += int64(n)
	return n, err
}

func (p *csvPart) upload(ctx context.Context, s *BulkService) (string, error) {
	if err := rewind(p.file); err != nil {
		return "", err
	}
	return s.Upload(ctx, File{Name: "records.zip", Body: p.file, Type: "application/zip"})
}

func (p *csvPart) remove() {
	p.file.Close()
	os.Remove(p.file.Name())
}

package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"unicode/utf8"

	"zohocrm/crm"
	"zohocrm/internal/csvrow"
)

// csvHeader is the first row of a file.
func csvHeader(path string) ([]string, error) {
	f, err := os.Open(path) // #nosec G304 -- the user's own file
	if err != nil {
		return nil, usagef("FILE: it cannot be opened: %v", withoutPath(err))
	}
	defer f.Close()
	rows := csv.NewReader(f)
	header, err := rows.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, sayf("%s is empty: its first row names the fields", path)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, csvError(err))
	}
	if err := inUTF8(path, rows, header); err != nil {
		return nil, err
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff") // a byte order mark
	return header, nil
}

// withoutPath is a file's error without its name, which was typed and may be
// anything that was pasted.
func withoutPath(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// csvRows are the rows of a file from one on, counted from 0 and without the
// header. The slice is good until the next one.
func csvRows(path string, from int) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		f, err := os.Open(path) // #nosec G304 -- the user's own file
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		rows := csv.NewReader(f)
		rows.ReuseRecord = true
		for i := -1; ; i++ {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", path, csvError(err)))
				return
			}
			if i < from {
				continue
			}
			if err := inUTF8(path, rows, row); err != nil {
				yield(nil, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// inUTF8 refuses a row that is not UTF-8, which is all that Zoho reads rightly, and
// names the line of the first bad character.
func inUTF8(path string, rows *csv.Reader, row []string) error {
	for i, cell := range row {
		if utf8.ValidString(cell) {
			continue
		}
		line, _ := rows.FieldPos(i)
		good := len(cell) - len(strings.TrimLeftFunc(cell, func(r rune) bool { return r != utf8.RuneError }))
		line += strings.Count(cell[:good], "\n")
		return sayf("%s: line %d is not UTF-8: convert it to UTF-8, as with iconv -f latin1 -t utf-8", path, line)
	}
	return nil
}

// checkRows reads the whole file before anything is sent, and counts its rows.
func checkRows(path string) (int, error) {
	n := 0
	for _, err := range csvRows(path, 0) {
		if err != nil {
			return n, err
		}
		n++
	}
	if n == 0 {
		return 0, sayf("%s has no rows below its header", path)
	}
	return n, nil
}

// partOf is a part of the file with the columns that are sent, as CSV. It is
// written while it is read; close the reader, which ends that.
func partOf(path string, columns []sentColumn, from, to int) *io.PipeReader {
	in, out := io.Pipe()
	go func() { // ends when all is read, or the reader is closed
		w := csvrow.NewWriter(out)
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.Field
		}
		err := w.Write(cells)
		n := from
		for row, failed := range csvRows(path, from) {
			if err != nil || n == to {
				break
			}
			if err = failed; err != nil {
				break
			}
			for i, c := range columns {
				cells[i] = row[c.Index]
			}
			err = w.Write(cells)
			n++
		}
		w.Flush()
		out.CloseWithError(errors.Join(err, w.Error()))
	}()
	return in
}

// failedRows is the file of rows that failed: as they were, and why.
type failedRows struct {
	path   string
	header []string
	size   int64 // what stands there of jobs that are done
}

// add puts rows behind those of earlier jobs, in place of what an interrupted
// command left there, and gives the new size.
func (f failedRows) add(rows iter.Seq2[[]string, error]) (size int64, err error) {
	flags := os.O_WRONLY | os.O_CREATE
	if f.size == 0 {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(f.path, flags, 0o600) // #nosec G304 -- --failed: the user's own file
	if err != nil {
		return f.size, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.Truncate(f.size); err != nil {
		return f.size, err
	}
	if _, err := file.Seek(f.size, io.SeekStart); err != nil {
		return f.size, err
	}
	to := &countingWriter{w: file, n: f.size}
	w := csvrow.NewWriter(to)
	if f.size == 0 {
		_ = w.Write(f.header) // a csv.Writer keeps its error
	}
	for row, err := range rows {
		if err != nil {
			return f.size, err
		}
		_ = w.Write(row)
	}
	w.Flush()
	if err := errors.Join(w.Error(), file.Sync()); err != nil {
		return f.size, err
	}
	return to.n, nil
}

// refusal is what Zoho says of one row of a result.
func refusal(r crm.Row) (reason string, failed bool) {
	switch strings.ToUpper(r.Text("STATUS")) {
	case "ADDED", "UPDATED", "SUCCESS":
		return "", false
	}
	if reason = r.Text("ERRORS"); reason == "" {
		reason = r.Text("STATUS")
	}
	return oneLine(reason), true
}

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zohocrm/crm"
	"zohocrm/internal/csvrow"
)

// exportSink is where exported records go: stdout, or a file beside the one that
// is wanted, which takes its name when it is whole.
type exportSink struct {
	file   *os.File // nil: stdout
	out    string
	to     *countingWriter
	csv    *csvrow.Writer // nil: JSON
	json   *jsonWriter    // nil: CSV
	types  fieldTypes     // for JSON
	asked  []string       // the fields that every result has; nil: not known
	names  []string       // the columns of the result that is read
	head   []string       // the columns of the CSV that is written; nil: not known yet
	order  []int          // where the result has them; nil: in the same places
	rows   int
	shown  bool  // on a terminal
	offset int64 // bytes that stand for whole jobs
}

// openSink makes the file, or goes on behind the whole jobs in it.
func (e *bulkExport) openSink(ctx context.Context) (*exportSink, error) {
	x := e.state.Export
	s := &exportSink{out: x.Out, rows: e.state.Rows, offset: x.Offset, asked: x.Fields, head: x.Columns}
	var w io.Writer = e.o.app.out
	if x.Out != "" {
		var err error
		if s.file, err = openPart(x); err != nil {
			return nil, err
		}
		x.Part, w = s.file.Name(), s.file
	} else if s.rows > 0 {
		e.show.note("%s %s went to stdout before; the others follow", thousands(s.rows), e.state.Module)
	}
	s.shown = s.file == nil && isTerminal(w)
	s.to = &countingWriter{w: w, n: x.Offset}
	if x.Output == formatCSV {
		s.csv = csvrow.NewWriter(s.to)
		return s, nil
	}
	s.json = &jsonWriter{out: bufio.NewWriterSize(s.to, 64<<10), array: x.Output == formatJSON, rows: s.rows, shown: s.shown}
	known, err := e.r.fields(ctx, e.state.Module)
	switch {
	case err == nil:
		s.types = typesOf(e.state.Module, known)
	case e.state.Module != "" && !is(err, crm.ErrScope, crm.ErrPermission):
		return nil, errors.Join(err, s.drop())
	}
	return s, nil
}

// openPart opens the file that will be Out: a new one, or that of an earlier
// command, cut to what is whole in it.
func openPart(x *exportState) (*os.File, error) {
	if x.Part == "" {
		if info, err := os.Stat(x.Out); err == nil && !info.Mode().IsRegular() {
			return nil, usagef("--out: %s is no file", x.Out)
		}
		f, err := os.CreateTemp(filepath.Dir(x.Out), "."+filepath.Base(x.Out)+".*.part") // of mode 0600
		if err != nil {
			return nil, usagef("--out: %v", err)
		}
		return f, nil
	}
	f, err := os.OpenFile(x.Part, os.O_WRONLY|os.O_CREATE, 0o600) // #nosec G304 -- that zcrm made
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() < x.Offset {
		err = sayf("%s, which the export was written to, is gone or has shrunk: export anew", x.Part)
	}
	if err == nil {
		err = f.Truncate(x.Offset)
	}
	if err == nil {
		_, err = f.Seek(x.Offset, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// move lets an export that is gone on with be written to another file: what is
// whole goes there.
func (x *exportState) move(path string) (err error) {
	was := x.Part
	x.Out, x.Part = path, ""
	f, err := openPart(x)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if x.Part = f.Name(); x.Offset == 0 {
		return nil
	}
	old, err := os.Open(was) // #nosec G304 -- that zcrm made
	if err != nil {
		return err
	}
	defer old.Close()
	if _, err := io.CopyN(f, old, x.Offset); err != nil {
		return fmt.Errorf("%s cannot be brought to %s: %w", was, path, err)
	}
	return f.Sync()
}

// write adds a record.
func (s *exportSink) write(row crm.Row) error {
	s.rows++
	if s.names == nil {
		if err := s.columns(row.Columns()); err != nil {
			return err
		}
	}
	values := row.Values()
	if len(values) != len(s.names) {
		return fmt.Errorf("%w: a row of the export has other columns than the first", crm.ErrProtocol)
	}
	if s.csv == nil {
		return s.json.write(s.types.record(s.names, values, true))
	}
	if s.order != nil {
		moved := make([]string, len(values))
		for i, at := range s.order {
			moved[i] = values[at]
		}
		values = moved
	}
	if s.shown {
		values = slices.Clone(values)
		for i, v := range values {
			values[i] = cellForTerminal(v)
		}
	}
	return s.csv.Write(values)
}

// columns takes the first row of a job's file, which may have its columns in
// another order than that of the job before.
func (s *exportSink) columns(header []string) error {
	names := slices.Clone(header)
	if i := slices.Index(names, "Id"); i >= 0 {
		names[i] = "id" // as everywhere else
	}
	for _, name := range s.asked {
		if !slices.ContainsFunc(names, func(has string) bool { return strings.EqualFold(has, name) }) {
			return fmt.Errorf("%w: the result has no column %s, which was asked for", crm.ErrProtocol, name)
		}
	}
	if s.names, s.order = names, nil; s.csv == nil {
		return nil
	}
	switch {
	case s.head == nil:
		s.head = names
		if s.rows > 1 {
			return nil // of an older zcrm, which did not remember them
		}
		return s.csv.Write(names)
	case slices.Equal(s.head, names):
		return nil
	case len(s.head) != len(names):
		return fmt.Errorf("%w: a result has other columns than the one before", crm.ErrProtocol)
	}
	for _, name := range s.head {
		at := slices.Index(names, name)
		if at < 0 {
			return fmt.Errorf("%w: a result has no column %s, which the one before had", crm.ErrProtocol, name)
		}
		s.order = append(s.order, at)
	}
	return nil
}

// settle writes everything down: what stands there now is whole.
func (s *exportSink) settle() error {
	if s.csv != nil {
		s.csv.Flush()
		if err := s.csv.Error(); err != nil {
			return err
		}
	} else if err := s.json.flush(); err != nil {
		return err
	}
	s.offset, s.names = s.to.n, nil // the next job's file may have its columns in another order
	if s.file != nil {
		return s.file.Sync()
	}
	return nil
}

// finish ends the output, and gives the file its name.
func (s *exportSink) finish() error {
	if s.json != nil {
		if err := s.json.end(); err != nil {
			return err
		}
	}
	if s.file == nil {
		return nil
	}
	if err := errors.Join(s.file.Sync(), s.file.Close()); err != nil {
		return err
	}
	return os.Rename(s.file.Name(), s.out)
}

// leave closes the file for a later command, without what is not whole in it: it
// may be the disk that is full.
func (s *exportSink) leave() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Truncate(s.offset), s.file.Close())
}

// drop removes what was written.
func (s *exportSink) drop() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// countingWriter knows how many bytes stand in a file.
type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

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
	"strings"
)

// maxRow bounds one row of a result, in bytes: what is longer is no row of
// Zoho's, and would fill the memory.
const maxRow = 16 << 20

// BulkResult is the result of a bulk job, on disk: a temporary file of mode
// 0600, which Close removes. Rows may be read several times, by one goroutine
// at a time.
type BulkResult struct {
	file *os.File
	size int64
}

// openResult brings a result to disk. Between Zoho and the caller's loop stands
// a file, so that a slow loop does not hold up the connection and its time.
func (c *Client) openResult(ctx context.Context, r Request) (*BulkResult, error) {
	file, err := os.CreateTemp("", "zohocrm-bulk-*.zip")
	if err != nil {
		return nil, fmt.Errorf("no room for a bulk result: %w", err)
	}
	result := &BulkResult{file: file}
	err = c.repeated(ctx, r.Path, func() error {
		if err := errors.Join(file.Truncate(0), rewind(file)); err != nil {
			return fmt.Errorf("no room for a bulk result: %w", err)
		}
		info, err := c.download(ctx, r, file)
		result.size = info.Size
		return err
	})
	if err == nil {
		_, err = result.entries()
	}
	if err != nil {
		return nil, errors.Join(err, result.Close())
	}
	return result, nil
}

func rewind(file *os.File) error {
	_, err := file.Seek(0, io.SeekStart)
	return err
}

// Close removes the file.
func (b *BulkResult) Close() error {
	err := b.file.Close()
	if removed := os.Remove(b.file.Name()); !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// Size is the size of the ZIP, in bytes.
func (b *BulkResult) Size() int64 { return b.size }

// Path is the file's name, until Close.
func (b *BulkResult) Path() string { return b.file.Name() }

// entries are the CSV files in the ZIP.
func (b *BulkResult) entries() ([]*zip.File, error) {
	archive, err := zip.NewReader(b.file, b.size)
	if err != nil {
		return nil, fmt.Errorf("%w: the bulk result is no ZIP file", ErrProtocol)
	}
	var list []*zip.File
	for _, f := range archive.File {
		if strings.HasSuffix(strings.ToLower(f.Name), ".csv") {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: the bulk result holds no CSV file", ErrProtocol)
	}
	return list, nil
}

// Rows goes through the rows without the header, in flat memory. An error comes
// after the rows that were read before it, says how many they were, and ends it.
func (b *BulkResult) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		entries, err := b.entries()
		read := 0
		for _, entry := range entries {
			if err != nil {
				break
			}
			var stopped bool
			if stopped, err = readEntry(ctx, entry, &read, yield); stopped {
				return
			}
		}
		if err != nil {
			yield(Row{}, fmt.Errorf("after %d rows: %w", read, err))
		}
	}
}

func readEntry(ctx context.Context, entry *zip.File, read *int, yield func(Row, error) bool) (stopped bool, err error) {
	content, err := entry.Open()
	if err != nil {
		return false, fmt.Errorf("%w: the bulk result cannot be unpacked: %w", ErrProtocol, err)
	}
	defer content.Close()
	return readCSV(ctx, content, read, yield)
}

// readCSV yields the rows of a CSV file, whose first row names the columns.
func readCSV(ctx context.Context, content io.Reader, read *int, yield func(Row, error) bool) (stopped bool, err error) {
	limited := &perRow{r: content, left: maxRow}
	rows := csv.NewReader(limited)
	var names *columns
	for {
		values, err := rows.Read()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, fmt.Errorf("%w: the bulk result is damaged: %w", ErrProtocol, withoutText(err))
		}
		limited.left = maxRow
		if names == nil {
			names = newColumns(values)
			continue
		}
		*read++
		if !yield(Row{names, values}, nil) {
			return true, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
}

// withoutText keeps the kind and place of a CSV error.
func withoutText(err error) error {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		return fmt.Errorf("line %d: %w", e.Line, e.Err)
	}
	return err
}

// perRow fails when a row does not end.
type perRow struct {
	r    io.Reader
	left int
}

func (p *perRow) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, fmt.Errorf("a row is longer than %d bytes", maxRow)
	}
	n, err := p.r.Read(b)
	p.left -= n
	return n, err
}

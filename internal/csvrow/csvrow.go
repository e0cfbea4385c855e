// Package csvrow writes CSV that has as many rows for its readers as were written.
// encoding/csv writes a row of one empty field as an empty line, over which it and
// others then read, Zoho's bulk service among them: a column of its own loses its empty
// cells, and the rows behind them count as those before.
package csvrow

import (
	"bufio"
	"encoding/csv"
	"io"
)

// Writer is a [csv.Writer] of which every row is a row. It is for one goroutine.
type Writer struct {
	*csv.Writer
	to *bufio.Writer // the one to which Writer writes
}

// NewWriter makes a Writer. Flush writes what it holds back.
func NewWriter(to io.Writer) *Writer {
	b := bufio.NewWriter(to)
	return &Writer{csv.NewWriter(b), b} // which takes a bufio.Writer as it is
}

// Write writes one row. As with [csv.Writer], an error is kept for Error too.
func (w *Writer) Write(row []string) error {
	if len(row) == 1 && row[0] == "" {
		_, err := w.to.WriteString("\"\"\n")
		return err
	}
	return w.Writer.Write(row)
}

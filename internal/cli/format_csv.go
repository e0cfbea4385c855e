package cli

import (
	"encoding/json"

	"zohocrm/crm"
	"zohocrm/internal/csvrow"
)

// csvWriter prints a header and a line for each record, as RFC 4180 has it but
// with plain line ends. On a terminal it has no control characters in its cells.
type csvWriter struct {
	csv     *csvrow.Writer
	columns []string
	set     columnSet
	cells   []string
	headed  bool
	rows    int
	shown   bool // on a terminal
}

func (w *csvWriter) head() error {
	w.headed = true
	if len(w.columns) == 0 {
		return nil
	}
	w.set, w.cells = newColumnSet(w.columns), make([]string, len(w.columns))
	for i, name := range w.columns {
		w.cells[i] = w.cell(name)
	}
	return w.csv.Write(w.cells)
}

func (w *csvWriter) write(r crm.Record) error {
	if w.columns == nil {
		w.columns = namesIn(r)
	}
	if !w.headed {
		if err := w.head(); err != nil {
			return err
		}
	}
	clear(w.cells)
	w.set.each(r, func(i int, value json.RawMessage) { w.cells[i] = w.cell(plainText(value)) })
	if err := w.csv.Write(w.cells); err != nil {
		return err
	}
	if w.rows++; w.rows%flushRows == 0 {
		return w.flush()
	}
	return nil
}

func (w *csvWriter) cell(text string) string {
	if w.shown {
		return cellForTerminal(text)
	}
	return text
}

func (w *csvWriter) flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

func (w *csvWriter) end() error {
	if !w.headed {
		if err := w.head(); err != nil {
			return err
		}
	}
	return w.flush()
}

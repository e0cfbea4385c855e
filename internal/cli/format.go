package cli

import (
	"bufio"
	"bytes"
	"encoding/json"

	"github.com/spf13/cobra"

	"zohocrm/crm"
	"zohocrm/internal/csvrow"
)

// format is how records are printed.
type format string

const (
	formatTable  format = "table"
	formatJSON   format = "json" // one array
	formatNDJSON format = "ndjson"
	formatCSV    format = "csv"
)

// register adds --output.
func (f *format) register(cmd *cobra.Command) {
	cmd.Flags().StringVarP((*string)(f), "output", "o", string(formatTable), "`FORMAT`: table, json (one array), ndjson, csv")
	completeWith(cmd, "output", string(formatTable), string(formatJSON), string(formatNDJSON), string(formatCSV))
}

// formatOf is what --output and --json say together.
func (a *app) formatOf(cmd *cobra.Command, f format) (format, error) {
	switch f {
	case formatTable, formatJSON, formatNDJSON, formatCSV:
	default:
		return f, usagef("--output: it is table, json, ndjson or csv")
	}
	if !a.set.json || f == formatJSON {
		return f, nil
	}
	if cmd.Flags().Changed("output") {
		return f, usagef("--json and --output %s contradict each other: leave one out", f)
	}
	return formatJSON, nil
}

// rowWriter prints records as they come, in flat memory. It is used by one
// goroutine.
type rowWriter interface {
	// write prints one record, or keeps it to be printed soon.
	write(r crm.Record) error
	// flush prints what was kept, as at the end of a page.
	flush() error
	// end prints what is left and what closes the whole, also after an error.
	end() error
}

// flushRows is after how many records a rowWriter hands them on: a page of a list.
const flushRows = 200

// rowsTo prints records on stdout. columns are the fields that table and CSV
// show, in this order; nil: those of the first record. JSON always has all that
// Zoho sent.
func (a *app) rowsTo(f format, columns []string) rowWriter {
	out, shown := bufio.NewWriterSize(a.out, 64<<10), isTerminal(a.out)
	switch f {
	case formatJSON:
		return &jsonWriter{out: out, array: true, shown: shown}
	case formatNDJSON:
		return &jsonWriter{out: out, shown: shown}
	case formatCSV:
		return &csvWriter{csv: csvrow.NewWriter(a.out), columns: columns, shown: shown}
	}
	return &tableWriter{out: out, columns: columns, width: terminalWidth(a.out), paint: a.painter(a.out)}
}

// jsonWriter prints records exactly as Zoho sent them, one a line; on a terminal
// with escapes for what would command it.
type jsonWriter struct {
	out   *bufio.Writer
	array bool
	rows  int
	shown bool // on a terminal
}

func (w *jsonWriter) write(r crm.Record) error {
	text, err := r.MarshalJSON()
	if err != nil {
		return err
	}
	if w.shown {
		text = jsonForTerminal(text)
	}
	if w.array {
		glue := ",\n"
		if w.rows == 0 {
			glue = "[\n"
		}
		_, _ = w.out.WriteString(glue) // a bufio.Writer keeps its error for Flush
	}
	_, _ = w.out.Write(onOneLine(text))
	if !w.array {
		_ = w.out.WriteByte('\n')
	}
	if w.rows++; w.rows%flushRows == 0 {
		return w.out.Flush()
	}
	return nil
}

func (w *jsonWriter) flush() error { return w.out.Flush() }

func (w *jsonWriter) end() error {
	switch {
	case w.array && w.rows == 0:
		_, _ = w.out.WriteString("[]\n")
	case w.array:
		_, _ = w.out.WriteString("\n]\n")
	}
	return w.out.Flush()
}

// onOneLine leaves out the line breaks between a JSON text's parts; in its
// strings there are none.
func onOneLine(text []byte) []byte {
	if !bytes.ContainsAny(text, "\n\r") {
		return text
	}
	var line bytes.Buffer
	if json.Compact(&line, text) != nil {
		return text
	}
	return line.Bytes()
}

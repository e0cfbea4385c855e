package cli

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"zohocrm/crm"
)

// tableWriter prints records in columns, as wide as the widest of their cells.
// It keeps one page of records: later ones may make columns wider.
type tableWriter struct {
	out     *bufio.Writer
	columns []string // nil: those of the first record
	spare   bool     // nobody asked for these columns: some may be left out
	width   int      // of the terminal; 0: there is none, and nothing is cut
	paint   paint

	set columnSet

	kept   [][]string
	texts  []bool // columns that have had something else than numbers
	widths []int
	hidden int // columns that were asked for and have no room
	rows   int
	headed bool
}

// Bounds of a column's width, in cells of a terminal.
const (
	columnGap   = 2
	leastWidth  = 8  // to which a terminal's columns are narrowed
	sparedWidth = 20 // up to which they are narrowed only when nothing else helps: an ID
	mostPadded  = 60 // to which other cells are padded for a longer one
)

// terminalWidth is that of the terminal behind w, 0 if there is none.
func terminalWidth(w any) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func (w *tableWriter) write(r crm.Record) error {
	w.begin(r)
	row := make([]string, len(w.columns))
	w.set.each(r, func(i int, value json.RawMessage) {
		row[i] = oneLine(shownText(value))
		w.texts[i] = w.texts[i] || !isNull(value) && !isNumber(value)
	})
	w.kept = append(w.kept, row)
	if w.rows++; len(w.kept) == flushRows {
		return w.flush()
	}
	return nil
}

func (w *tableWriter) begin(first crm.Record) {
	if w.columns == nil {
		w.columns = namesIn(first)
	}
	if w.texts == nil {
		w.set = newColumnSet(w.columns)
		w.texts, w.widths = make([]bool, len(w.columns)), make([]int, len(w.columns))
	}
}

// flush prints the rows that are kept.
func (w *tableWriter) flush() error {
	for i := range w.widths {
		w.widths[i] = max(w.widths[i], text.StringWidthWithoutEscSequences(w.columns[i]))
		for _, row := range w.kept {
			w.widths[i] = max(w.widths[i], text.StringWidthWithoutEscSequences(row[i]))
		}
	}
	widths := w.fit()
	if !w.headed && len(w.kept) > 0 {
		w.headed = true
		_, _ = w.out.WriteString(w.paint.bold(w.line(w.columns, widths)) + "\n")
	}
	for _, row := range w.kept {
		_, _ = w.out.WriteString(w.line(row, widths))
		_ = w.out.WriteByte('\n')
	}
	clear(w.kept)
	w.kept = w.kept[:0]
	return w.out.Flush()
}

func (w *tableWriter) end() error { return w.flush() }

// fit gives the columns their widths: what they need, and on a terminal less for
// the widest until all of them fit, IDs and other short ones last. Those for which
// there is no room at all, or that nobody asked for, are left out at the right.
func (w *tableWriter) fit() []int {
	widths := append([]int(nil), w.widths...)
	if w.width == 0 {
		for i := range widths {
			widths[i] = min(widths[i], mostPadded)
		}
		return widths
	}
	over := -w.width - columnGap
	for _, width := range widths {
		over += width + columnGap
	}
	const few = 3 // columns that a table should have
	for ; w.spare && over > 0 && len(widths) > few; widths = widths[:len(widths)-1] {
		over -= widths[len(widths)-1] + columnGap
	}
	for _, spare := range []int{sparedWidth, 0} {
		for ; over > 0; over-- {
			widest := w.widest(widths, spare)
			if widest < 0 {
				break
			}
			widths[widest]--
		}
	}
	for ; over > 0 && len(widths) > 1; widths = widths[:len(widths)-1] {
		over -= widths[len(widths)-1] + columnGap
	}
	if over > 0 {
		widths[0] -= over
	}
	if !w.spare {
		w.hidden = len(w.columns) - len(widths)
	}
	return widths
}

// widest is the widest column that can be narrowed: not below leastWidth, and not
// if all of its cells fit into spare; -1 if there is none.
func (w *tableWriter) widest(widths []int, spare int) int {
	found := -1
	for i, width := range widths {
		if width > leastWidth && w.widths[i] > spare && (found < 0 || width > widths[found]) {
			found = i
		}
	}
	return found
}

// line lays out the cells that have a width, without spaces at the end.
func (w *tableWriter) line(row []string, widths []int) string {
	var b strings.Builder
	for i, width := range widths {
		cell := row[i]
		if w.width > 0 {
			cell = text.Snip(cell, width, "…")
		}
		if i > 0 {
			b.WriteString(strings.Repeat(" ", columnGap))
		}
		pad := strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(cell)))
		if w.texts[i] {
			b.WriteString(cell + pad)
		} else {
			b.WriteString(pad + cell)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

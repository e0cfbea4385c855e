package csvfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"zohocrm/oauth"
)

// parse reads a whole file. name is for errors only. highest is the greatest
// number known to have been given, for rows that have none.
//
// Lines that prev has read already are taken over from it, with its index, which
// is then changed: after parse has succeeded prev is of no use any more. A nil
// prev reads everything anew.
func parse(name, text string, highest int64, prev *table) (*table, error) {
	p := &parser{name: name}
	if prev != nil {
		p.old, p.own = prev.rows, len(prev.rows) > 0
	}
	t, err := p.parse(text, highest, prev)
	if !errors.Is(err, errHeader) {
		return t, err
	}
	p = &parser{name: name, late: true}
	return p.parse(text, highest, nil)
}

// errHeader: rows were made, or taken over, that a header behind them reads
// otherwise.
var errHeader = errors.New("a late header")

// shortRow is less than most rows are long, in bytes.
const shortRow = 64

func (p *parser) parse(text string, highest int64, prev *table) (*table, error) {
	p.drafts = make([]draft, 0, min(strings.Count(text, "\n"), len(text)/shortRow)+1)
	for rest := strings.TrimPrefix(text, "\ufeff"); len(rest) > 0; {
		line, after, whole := strings.Cut(rest, "\n")
		p.number++
		if err := p.line(line, rest[:len(rest)-len(after)], !whole); err != nil {
			return nil, err
		}
		rest = after
	}
	// What was taken over was read under another header, or under none.
	if p.reused > 0 && (p.header == 0 || !slices.Equal(p.extra, prev.extra)) {
		return nil, errHeader
	}
	return p.table(highest, prev)
}

// parser holds what is known while a file is read.
type parser struct {
	name   string
	number int    // of the line, from 1
	old    []*row // rows read before that may stand here again
	// own: rows have texts of their own, so that one that is taken over from file to
	// file does not keep all of each. Else they share that of the whole file.
	own    bool
	late   bool // rows are made when the whole file was read, and not line by line
	reused int
	header int      // the newest generation of which a header was seen
	extra  []string // its unknown columns
	drafts []draft
}

// draft is a line that will be a row: one taken over, one that was made, or one to
// be made when the header is known, which may come last.
type draft struct {
	row    *row
	taken  bool
	record *record
}

// line reads one line. ending is the line with its line feed; cut: it has none.
func (p *parser) line(line, ending string, cut bool) error {
	if r := p.known(line); r != nil && !cut {
		p.drafts = append(p.drafts, draft{row: r, taken: true})
		p.reused++
		return nil
	}
	if strings.IndexByte(line, 0) >= 0 {
		return p.damage(p.number, errNUL)
	}
	if cut {
		ending = line + "\n"
	} else if p.own {
		ending = strings.Clone(ending)
	}
	raw := ending[:len(ending)-1]
	values, bare := fields(raw)
	if !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
		return nil // a blank line, or one of commas only
	}
	if columns, extra := headerOf(values); columns > 0 {
		return p.headerLine(columns, extra, values, cut)
	}
	p.old = p.old[min(1, len(p.old)):] // it stands where this one does, and was changed
	d := record{line: ending, raw: raw, values: values, bare: bare, cut: cut, number: p.number}
	if p.header < current || p.late {
		p.drafts = append(p.drafts, draft{record: &d})
		return nil
	}
	r, err := p.row(d, p.header, current+len(p.extra))
	p.drafts = append(p.drafts, draft{row: r})
	return err
}

func (p *parser) headerLine(columns int, extra, values []string, cut bool) error {
	if cut && columns < current && !isOldHeader(values) {
		return p.damage(p.number, errCut) // the start of a header of ten columns
	}
	p.header = max(p.header, columns)
	for len(extra) > 0 && extra[len(extra)-1] == "" {
		extra = extra[:len(extra)-1]
	}
	if len(p.extra) >= len(extra) {
		return nil
	}
	p.extra = extra
	if slices.ContainsFunc(p.drafts, func(d draft) bool { return d.row != nil && !d.taken }) {
		return errHeader
	}
	return nil
}

// lookAhead is how many rows in a row may have gone for the others to be known.
const lookAhead = 8

// known finds the line among the rows read before. They come in the same order,
// with some changed or gone here and there, and new ones at the end.
func (p *parser) known(line string) *row {
	for skip, r := range p.old[:min(lookAhead, len(p.old))] {
		if raw := r.raw(); raw != "" && raw == line {
			p.old = p.old[skip+1:]
			return r
		}
	}
	return nil
}

func (p *parser) damage(line int, why error) error {
	return &oauth.CorruptError{Place: fmt.Sprintf("line %d of %s", line, p.name), Reason: why.Error()}
}

// table makes the rows, now that the header is known.
func (p *parser) table(highest int64, prev *table) (*table, error) {
	t := &table{rows: make([]*row, len(p.drafts)), extra: p.extra, blank: p.header == 0 && len(p.drafts) == 0}
	whole := p.header // the number of fields of a line that was not cut
	if p.header == 0 {
		for _, d := range p.drafts {
			whole = max(whole, min(current, len(d.record.values)))
		}
	}
	taken := make([]bool, len(p.drafts))
	for i, d := range p.drafts {
		r := d.row
		taken[i] = d.taken
		if r == nil {
			var err error
			if r, err = p.row(*d.record, whole, t.width()); err != nil {
				return nil, err
			}
		}
		t.rows[i] = r
		t.bad = t.bad || r.bad() != nil
	}
	p.drafts = nil
	if p.reused > 0 {
		highest = max(highest, prev.highest) // of the rows taken over
		t.kept.Store(prev.kept.Load())
	}
	t.number(highest, taken)
	if p.reused > len(t.rows)/2 {
		t.index = prev.index
		t.index.turn(prev.rows, t.rows, taken)
	} else {
		t.index = newIndex(t.rows)
	}
	return t, nil
}

// row makes one row, or says why the line is none. width is the number of
// fields of a line as it will be written.
func (p *parser) row(d record, whole, width int) (*row, error) {
	ten, extra, err := d.columns(p.header, whole)
	if err != nil {
		return nil, p.damage(d.number, err)
	}
	for len(extra) > 0 && extra[len(extra)-1] == "" {
		extra = extra[:len(extra)-1]
	}
	columns := oauth.RowOf(ten)
	golden := len(d.values) == width && !strings.ContainsAny(d.raw, "\"\r") && !strings.Contains(d.raw, missing)
	var r *row
	if golden {
		r = &row{line: d.line}
	} else {
		r = newRow(columns, extra, width)
		r.odd = &odd{raw: d.raw}
	}
	bad := checkExpiry(columns)
	switch {
	case p.header == 0 && (bad != nil || !makesToken(columns)):
		return nil, p.damage(d.number, errNoToken)
	case bad != nil:
		r.odd = &odd{bad: p.damage(d.number, bad)}
	case p.header == 0 || len(d.values) < ruby2 || columns.ID == "":
		r.odd = &odd{}
	}
	return r, nil
}

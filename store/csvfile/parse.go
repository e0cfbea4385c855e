package csvfile

import (
	"bytes"
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
func parse(name string, data []byte, highest int64, prev *table) (*table, error) {
	p := &parser{name: name}
	if prev != nil {
		p.old = prev.rows
		p.drafts = make([]draft, 0, len(prev.rows)+1)
	}
	for rest := bytes.TrimPrefix(data, []byte("\ufeff")); len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		p.number++
		if err := p.line(line, !whole); err != nil {
			return nil, err
		}
		rest = after
	}
	// What was taken over was read under another header, or under none.
	if p.reused > 0 && (p.header == 0 || !slices.Equal(p.extra, prev.extra)) {
		return parse(name, data, highest, nil)
	}
	return p.table(highest, prev)
}

// parser holds what is known while a file is read.
type parser struct {
	name   string
	number int    // of the line, from 1
	old    []*row // rows read before that may stand here again
	reused int
	header int      // the newest generation of which a header was seen
	extra  []string // its unknown columns
	drafts []draft
}

// draft is a line that will be a row: one taken over, or one to be made when the
// header is known, which may come last.
type draft struct {
	row    *row
	record *record
}

func (p *parser) line(line []byte, cut bool) error {
	if r := p.known(line); r != nil && !cut {
		p.drafts = append(p.drafts, draft{row: r})
		p.reused++
		return nil
	}
	if bytes.IndexByte(line, 0) >= 0 {
		return p.damage(p.number, errNUL)
	}
	raw := string(line)
	values, bare := fields(raw)
	if !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
		return nil // a blank line, or one of commas only
	}
	if columns, extra := headerOf(values); columns > 0 {
		if cut && columns < current && !isOldHeader(values) {
			return p.damage(p.number, errCut) // the start of a header of ten columns
		}
		if columns > p.header {
			p.header = columns
		}
		for len(extra) > 0 && extra[len(extra)-1] == "" {
			extra = extra[:len(extra)-1]
		}
		if len(p.extra) < len(extra) {
			p.extra = extra
		}
		return nil
	}
	p.old = p.old[min(1, len(p.old)):] // it stands where this one does, and was changed
	p.drafts = append(p.drafts, draft{record: &record{raw: raw, values: values, bare: bare, cut: cut, number: p.number}})
	return nil
}

// lookAhead is how many rows in a row may have gone for the others to be known.
const lookAhead = 8

// known finds the line among the rows read before. They come in the same order,
// with some changed or gone here and there, and new ones at the end.
func (p *parser) known(line []byte) *row {
	for skip, r := range p.old[:min(lookAhead, len(p.old))] {
		if r.raw != "" && r.raw == string(line) {
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
		taken[i] = r != nil
		if r == nil {
			var err error
			if r, err = p.row(d.record, whole, t.width()); err != nil {
				return nil, err
			}
		}
		t.rows[i] = r
		t.bad = t.bad || r.bad != nil
	}
	if p.reused > 0 {
		highest = max(highest, prev.highest) // of the rows taken over
	}
	t.number(highest, taken)
	if p.reused > len(p.drafts)/2 {
		t.index = prev.index
		t.index.turn(prev.rows, t.rows, taken)
	} else {
		t.index = newIndex(t.rows)
	}
	return t, nil
}

// row makes one row, or says why the line is none. width is the number of
// fields of a line as it will be written.
func (p *parser) row(d *record, whole, width int) (*row, error) {
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
		line := d.raw + "\n"
		r = &row{columns: columns, line: line, raw: line[:len(d.raw)]}
	} else {
		r = newRow(columns, extra, width)
		r.raw = d.raw
	}
	bad := checkExpiry(columns)
	switch {
	case p.header == 0 && (bad != nil || !r.makesToken()):
		return nil, p.damage(d.number, errNoToken)
	case bad != nil:
		r.bad = p.damage(d.number, bad)
	}
	if r.bad != nil || p.header == 0 || len(d.values) < ruby2 || columns.ID == "" {
		r.raw = ""
	}
	return r, nil
}

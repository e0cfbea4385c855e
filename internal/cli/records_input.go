package cli

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"zohocrm/crm"
)

// maxRecord bounds one record of the input, in bytes: JSON or a row of CSV. Zoho's longest field holds
// 32,000 characters, and a record a few hundred fields.
const maxRecord = 16 << 20

// openData opens what --data names: text, @FILE, or stdin for @- and for nothing
// at all.
func (a *app) openData(data string, given bool) (io.ReadCloser, error) {
	name, isFile := strings.CutPrefix(data, "@")
	switch {
	case !given && isTerminal(a.in):
		return nil, usagef("there is no data: give FIELD=VALUE, -d @FILE, or pipe it in")
	case !given || data == "@-":
		return io.NopCloser(a.in), nil
	case !isFile:
		return io.NopCloser(strings.NewReader(data)), nil
	}
	f, err := os.Open(name) // #nosec G304 -- -d @FILE: the user's own file
	if err != nil {
		return nil, usagef("%s cannot be read: %v", name, errors.Unwrap(err))
	}
	return f, nil
}

// inputShape is what the data looks like.
type inputShape int

const (
	shapeEmpty inputShape = iota
	shapeArray
	shapeObjects // one after the other, as in NDJSON
	shapeBody    // {"data":[...]}, as Zoho's calls have it
	shapeCSV
	shapeUTF16
)

// shapeOf looks at the begin of the data, of which nothing is taken but a byte
// order mark and blanks.
func shapeOf(in *bufio.Reader) inputShape {
	if mark, _ := in.Peek(2); bytes.Equal(mark, []byte{0xff, 0xfe}) || bytes.Equal(mark, []byte{0xfe, 0xff}) {
		return shapeUTF16
	}
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3)
	}
	for {
		head, err := in.Peek(1)
		if err != nil {
			return shapeEmpty
		}
		if !bytes.ContainsAny(head, " \t\r\n") {
			break
		}
		_, _ = in.Discard(1)
	}
	head, _ := in.Peek(200)
	switch {
	case head[0] == '[':
		return shapeArray
	case regexp.MustCompile(`^\{\s*"data"\s*:\s*\[`).Match(head):
		return shapeBody
	case head[0] == '{':
		return shapeObjects
	}
	return shapeCSV
}

var errNoRecords = usagef("there are no records in the data")

// jsonRecords reads records one by one, in flat memory.
func jsonRecords(in io.Reader, shape inputShape) iter.Seq2[crm.Record, error] {
	return func(yield func(crm.Record, error) bool) {
		bound := &boundedReader{in: in, left: maxRecord}
		d := json.NewDecoder(bound)
		n := 0
		fail := func(err error) { yield(crm.Record{}, inputError(n+1, err)) }
		open := map[inputShape]int{shapeArray: 1, shapeBody: 3}[shape] // tokens: [ or { "data" [
		for range open {
			if _, err := d.Token(); err != nil {
				fail(err)
				return
			}
		}
		for open == 0 || d.More() {
			var text json.RawMessage
			bound.left = maxRecord
			err := d.Decode(&text)
			if open == 0 && errors.Is(err, io.EOF) {
				return
			}
			var record crm.Record
			switch {
			case err != nil:
			case len(text) > maxRecord: // a part of it was read ahead
				err = errTooLongRecord
			case !utf8.Valid(text):
				yield(record, notUTF8("record %d of the data", n+1))
				return
			default:
				record, err = crm.ParseRecord(text)
			}
			if err != nil {
				fail(err)
				return
			}
			if n++; !yield(record, nil) {
				return
			}
		}
		bound.left = maxRecord
		for range map[inputShape]int{shapeArray: 1, shapeBody: 2}[shape] {
			if end, err := d.Token(); err != nil {
				fail(err)
				return
			} else if _, isEnd := end.(json.Delim); !isEnd {
				yield(crm.Record{}, usagef("the data has more than \"data\" in it: leave the rest out; --trigger says what runs"))
				return
			}
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			yield(crm.Record{}, usagef("there is more behind the end of the list of records"))
		}
	}
}

var errTooLongRecord = fmt.Errorf("it is longer than %d MiB", maxRecord>>20)

// notUTF8 is the error of data in another encoding: sent as it is, each letter that
// is not English would be stored as U+FFFD.
func notUTF8(where string, args ...any) error {
	return sayf(where+" is not UTF-8: convert it to UTF-8, as with iconv", args...)
}

// boundedReader ends the reading of a record that is too long to be one. The bound
// is set anew for each record; what was read ahead for it does not count.
type boundedReader struct {
	in   io.Reader
	left int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLongRecord
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// inputError says which record cannot be read, and where in it, but not what
// stands there.
func inputError(number int, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return usagef("record %d of the data is not JSON: %v, at byte %d of all", number, err, syntax.Offset)
	case errors.As(err, &kind), is(err, io.ErrUnexpectedEOF, io.EOF):
		return usagef("record %d of the data is cut off", number)
	case errors.Is(err, errTooLongRecord):
		return usagef("record %d of the data: %v", number, err)
	case strings.HasPrefix(err.Error(), "crm: "):
		return usagef("record %d of the data is not a JSON object", number)
	}
	return fmt.Errorf("record %d of the data cannot be read: %w", number, err)
}

// csvRecords reads records from a CSV file whose first row names the fields.
func csvRecords(in io.Reader, types *fieldTypes) iter.Seq2[crm.Record, error] {
	return func(yield func(crm.Record, error) bool) {
		bound := &boundedReader{in: in, left: maxRecord}
		rows := csv.NewReader(bound)
		rows.ReuseRecord = true
		header, err := rows.Read()
		if err != nil {
			yield(crm.Record{}, rowError(1, err))
			return
		}
		if at := foreignCell(rows, header); at > 0 {
			yield(crm.Record{}, notUTF8("line %d of the data", at))
			return
		}
		header = append([]string(nil), header...)
		next := lineAfter(rows, header)
		if err := types.checkHeader(header); err != nil {
			yield(crm.Record{}, err)
			return
		}
		for {
			bound.left = maxRecord
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(crm.Record{}, rowError(next, err))
				return
			}
			next = lineAfter(rows, row)
			if at := foreignCell(rows, row); at > 0 {
				yield(crm.Record{}, notUTF8("line %d of the data", at))
				return
			}
			if !yield(types.record(header, row, false), nil) {
				return
			}
		}
	}
}

// foreignCell is the line of the first cell that is not UTF-8, 0 if all are.
func foreignCell(rows *csv.Reader, row []string) int {
	for i, cell := range row {
		if !utf8.ValidString(cell) {
			line, _ := rows.FieldPos(i)
			return line
		}
	}
	return 0
}

// lineAfter is the line after a row that was just read.
func lineAfter(rows *csv.Reader, row []string) int {
	line, _ := rows.FieldPos(len(row) - 1)
	return line + 1 + strings.Count(row[len(row)-1], "\n")
}

// rowError is the error of a row that begins at a line.
func rowError(line int, err error) error {
	if errors.Is(err, errTooLongRecord) {
		return sayf("the row of the data that begins at line %d is longer than %d MiB: look for a quote that is not closed", line, maxRecord>>20)
	}
	return csvError(err)
}

func csvError(err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return usagef("line %d of the data is not CSV: %v", bad.Line, bad.Err)
	}
	return fmt.Errorf("the data cannot be read: %w", err)
}

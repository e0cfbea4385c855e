package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"zohocrm/crm"
)

func recordsOf(t *testing.T, texts ...string) []crm.Record {
	t.Helper()
	var all []crm.Record
	for _, text := range texts {
		r, err := crm.ParseRecord([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// printed is what a format makes of records; width is a terminal's, 0 for none.
func printed(t *testing.T, f format, columns []string, width int, all []crm.Record) string {
	t.Helper()
	var out bytes.Buffer
	a := newApp(nil, &out, &out, nil)
	w := a.rowsTo(f, columns)
	if table, ok := w.(*tableWriter); ok {
		table.width = width
	}
	for _, r := range all {
		if err := w.write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const (
	oddRecord   = `{"id":"4150869000000300040","Name":"日本 & <Söhne>","Amount":12345678901234567890.50,"Owner":{"name":"Alice","id":"1"},"Tags":[{"name":"a"},{"name":"b"}],"Picks":["x","y"],"Note":"two\nlines\u001b[31m","$state":true}`
	plainRecord = `{"id":"2","Name":"B","Amount":7,"Owner":{"id":"9"},"Tags":[],"Picks":null,"Note":"a \"quote\", and a comma","New":1}`
)

func TestFormats(t *testing.T) {
	all := recordsOf(t, oddRecord, plainRecord)
	for _, c := range []struct {
		f       format
		columns []string
		want    string
	}{
		{formatTable, nil, `id                   Name                             Amount  Owner  Tags  Picks  Note
4150869000000300040  日本 & <Söhne>  12345678901234567890.50  Alice  a, b  x, y   two lines[31m
2                    B                                     7  9                   a "quote", and a comma
`},
		{formatJSON, nil, "[\n" + oddRecord + ",\n" + plainRecord + "\n]\n"},
		{formatNDJSON, []string{"id"}, oddRecord + "\n" + plainRecord + "\n"},
		{formatCSV, nil, "id,Name,Amount,Owner,Tags,Picks,Note\n" +
			"4150869000000300040,日本 & <Söhne>,12345678901234567890.50,1,\"[{\"\"name\"\":\"\"a\"\"},{\"\"name\"\":\"\"b\"\"}]\",x;y,\"two\nlines\x1b[31m\"\n" +
			"2,B,7,9,,,\"a \"\"quote\"\", and a comma\"\n"},
		{formatCSV, []string{"New", "Owner.name", "None"}, "New,Owner.name,None\n,Alice,\n1,,\n"},
	} {
		if got := printed(t, c.f, c.columns, 0, all); got != c.want {
			t.Errorf("%s %v:\n%s\nwant\n%s", c.f, c.columns, got, c.want)
		}
	}
	for f, want := range map[format]string{formatTable: "", formatJSON: "[]\n", formatNDJSON: "", formatCSV: "id,Name\n"} {
		if got := printed(t, f, []string{"id", "Name"}, 0, nil); got != want {
			t.Errorf("%s of nothing: %q, want %q", f, got, want)
		}
	}
}

// On a terminal no line is wider than it; the widest columns give way first.
func TestTableFitsTheTerminal(t *testing.T) {
	all := recordsOf(t, fmt.Sprintf(`{"id":"4150869000000300040","Long":%q,"Wide":%q,"Short":"abc"}`, strings.Repeat("word ", 40), strings.Repeat("日本", 40)))
	for width := 1; width < 300; width++ {
		out := printed(t, formatTable, nil, width, all)
		for line := range strings.Lines(out) {
			if got := text.StringWidthWithoutEscSequences(strings.TrimSuffix(line, "\n")); got > width {
				t.Fatalf("on %d columns a line has %d: %q", width, got, line)
			}
		}
		if width >= 60 && (!strings.Contains(out, "4150869000000300040") || !strings.Contains(out, "abc")) {
			t.Fatalf("on %d columns short cells are cut:\n%s", width, out)
		}
	}
}

// Columns that nobody asked for are left out before others are narrowed.
func TestTableLeavesColumnsOut(t *testing.T) {
	var out bytes.Buffer
	w := newApp(nil, &out, &out, nil).rowsTo(formatTable, []string{"id", "a", "b", "c", "d"}).(*tableWriter)
	w.spare, w.width = true, 40
	r := recordsOf(t, `{"id":"4150869000000300040","a":"aaaaa","b":"bbbbb","c":"ccccc","d":"ddddd"}`)[0]
	if err := w.write(r); err != nil {
		t.Fatal(err)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	want := "id                   a      b      c\n4150869000000300040  aaaaa  bbbbb  ccccc\n"
	if out.String() != want || w.hidden != 0 {
		t.Errorf("%s\nwant\n%s (%d hidden)", out.String(), want, w.hidden)
	}
}

// What came before an error or an interrupt is printed, and the array is closed.
func TestPrintRowsStopped(t *testing.T) {
	some := recordsOf(t, `{"id":"1"}`, `{"id":"2"}`)
	for _, c := range []struct {
		failed    error
		interrupt bool
		out, errs string
		limit     int
	}{
		{failed: crm.ErrLimit, out: "[\n{\"id\":\"1\"},\n{\"id\":\"2\"}\n]\n"},
		{failed: context.Canceled, interrupt: true, out: "[\n{\"id\":\"1\"},\n{\"id\":\"2\"}\n]\n", errs: "2 records came before the interrupt\n"},
		{limit: 1, out: "[\n{\"id\":\"1\"}\n]\n"},
	} {
		var out, errs bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		a := newApp(nil, &out, &errs, nil)
		r := &remote{Client: &crm.Client{}, app: a}
		rows := func(yield func(crm.Record, error) bool) {
			for _, record := range some {
				if !yield(record, nil) {
					return
				}
			}
			if c.interrupt {
				cancel()
			}
			yield(crm.Record{}, c.failed)
		}
		err := r.printRows(ctx, rows, a.rowsTo(formatJSON, nil), c.limit)
		if !errors.Is(err, c.failed) || out.String() != c.out || errs.String() != c.errs {
			t.Errorf("%v: %v\n%s\n%s", c.failed, err, out.String(), errs.String())
		}
		cancel()
	}
	// Nothing at all came: there is no empty list, which would be taken for an answer.
	var out bytes.Buffer
	a := newApp(nil, &out, &out, nil)
	r := &remote{Client: &crm.Client{}, app: a}
	none := func(yield func(crm.Record, error) bool) { yield(crm.Record{}, crm.ErrScope) }
	if err := r.printRows(t.Context(), none, a.rowsTo(formatJSON, nil), 0); !errors.Is(err, crm.ErrScope) || out.Len() > 0 {
		t.Errorf("%v and %q", err, out.String())
	}
}

// What is printed first is printed before the whole is there.
func TestFormatsStream(t *testing.T) {
	for _, f := range []format{formatTable, formatJSON, formatNDJSON, formatCSV} {
		var out bytes.Buffer
		w := newApp(nil, &out, &out, nil).rowsTo(f, []string{"id"})
		r := recordsOf(t, `{"id":"1"}`)[0]
		for range flushRows {
			if err := w.write(r); err != nil {
				t.Fatal(err)
			}
		}
		if n := strings.Count(out.String(), "\n"); n < flushRows-1 {
			t.Errorf("%s: %d lines after a page of %d records", f, n, flushRows)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12400: "12,400", 1000000: "1,000,000", -1234: "-1,234"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s, want %s", n, got, want)
		}
	}
}

package csvfile

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// Defects: D12.
func TestFields(t *testing.T) {
	for line, want := range map[string][]string{
		"":                       {""},
		",":                      {"", ""},
		"a,b\r":                  {"a", "b"},
		`"a,b",c`:                {"a,b", "c"},
		`"a""b",""` + "\r":       {`a"b`, ""},
		`"",x`:                   {"", "x"},
		`""""`:                   {`"`},
		`a"b,"c"d,e`:             {`a"b`, `"c"d`, "e"},
		`"a`:                     {`"a`},
		`"a,b`:                   {`"a`, "b"},
		`"a""`:                   {`"a""`},
		"a\r,\"b\"\r,c":          {"a", "b", "c"},
		`1,2,3,"4,5,6,7,8,9",10`: {"1", "2", "3", `"4`, "5", "6", "7", "8", `9"`, "10"},
	} {
		if got, _ := fields(line); !slices.Equal(got, want) {
			t.Errorf("fields(%q) = %q, want %q", line, got, want)
		}
	}
}

// equal wants two tables to say the same.
func equal(t *testing.T, got, want *table) {
	t.Helper()
	if !slices.Equal(got.extra, want.extra) || len(got.rows) != len(want.rows) {
		t.Fatalf("%d rows with %q, want %d with %q", len(got.rows), got.extra, len(want.rows), want.extra)
	}
	for i, g := range got.rows {
		if w := want.rows[i]; g.columns() != w.columns() || g.line != w.line || (g.bad() == nil) != (w.bad() == nil) {
			t.Fatalf("row %d is %q, want %q", i, g.line, w.line)
		}
	}
	indexed(t, got)
}

// indexed wants each row to be found by each of its keys, once, and nothing else.
func indexed(t *testing.T, tab *table) {
	t.Helper()
	ids := make(map[string]int)
	for _, r := range tab.rows {
		ids[r.columns().ID]++
	}
	doubled := 0
	for _, n := range ids {
		if n > 1 {
			doubled++
		}
	}
	if tab.index.doubled != doubled {
		t.Fatalf("the index counts %d doubled IDs, want %d", tab.index.doubled, doubled)
	}
	filled := 0
	for _, r := range tab.rows {
		columns := r.columns()
		for _, k := range oauth.Keys() {
			v := key(&columns, k)
			if v == "" {
				continue
			}
			filled++
			if !slices.Contains(tab.index.find(k, v), r) {
				t.Fatalf("row %q is not found by %s", r.line, k.Column())
			}
			for _, found := range tab.index.with(k, v) {
				if !found.has(k, v) || !slices.Contains(tab.rows, found) {
					t.Fatalf("the index has row %q under %s %q", found.line, k.Column(), v)
				}
			}
		}
	}
	n := len(tab.index.first)
	for _, rows := range tab.index.more {
		n += len(rows)
	}
	if n != filled {
		t.Fatalf("the index has %d rows by their keys, want %d", n, filled)
	}
	if n := len(tab.index.rows) - len(tab.index.free); n != len(tab.rows) {
		t.Fatalf("the index numbers %d rows, want %d", n, len(tab.rows))
	}
}

// FuzzParse: whatever a file holds, reading it does not fail otherwise than with
// an error; what is written of it reads the same, and is written the same again;
// and reading a file of which another was read before gives what reading it
// alone gives.
//
// Defects: D11.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	var seeds [][]byte
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, data)
	}
	for _, more := range []string{
		header + ",,,,ra\n2147483646,b,c,s,r\n", three, three + dave, three[len(header):], header + "1,a,\"b\n", header + "1,a,c,\"s\rx\",r,,,,,\r\r\n",
		header + "1,a,c,s,r,a,g,1,u,d\n1,b,c,s,r,b,g,1,u,d\n1,c,c,s,r,b,g,1,u,d\n", header + "1,b,c,s,r,b,g,1,u,d\n",
		header + "1,a,c,s,r,a,g,1,u\n", header + "1,a,c,s,r,a,g,1,u",
		header + `1,al,c,"s,r,a,g,1,u",d` + "\n1,bo,c,s,r,a,g,1,u,d,,x,\n", header + "id,user_name\nid,x,c,s,r,a,g,soon,u,d\n",
	} {
		seeds = append(seeds, []byte(more))
	}
	for i, data := range seeds {
		f.Add(data, seeds[(i+1)%len(seeds)])
		f.Add(data, bytes.Replace(data, []byte("a"), []byte("b"), 3))
	}
	f.Fuzz(func(t *testing.T, before, data []byte) {
		first, err := parse("f", string(before), 0, nil)
		if err == nil {
			again, err := parse("f", string(encode(nil, first.rows, first.extra)), 0, nil)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			equal(t, again, first)
			if !bytes.Equal(encode(nil, again.rows, again.extra), encode(nil, first.rows, first.extra)) {
				t.Fatal("it is written differently the second time")
			}
		} else {
			first = emptyTable()
		}
		highest := first.highest
		alone, errAlone := parse("f", string(data), highest, nil)
		after, errAfter := parse("f", string(data), highest, first)
		if (errAlone == nil) != (errAfter == nil) {
			t.Fatalf("alone: %v, after another: %v", errAlone, errAfter)
		}
		if errAlone == nil {
			equal(t, after, alone)
		} else {
			indexed(t, first) // which is still in use
		}
	})
}

// TestKnownRowsAreTakenOver: after a change of a few rows the others are not
// made again.
func TestKnownRowsAreTakenOver(t *testing.T) {
	before, err := parse("f", three+dave, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := before.rows
	after, err := parse("f", strings.ReplaceAll(three+dave, "2,bob", "2,Bob"), 0, before)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range after.rows {
		if (r == rows[i]) != (i != 1) {
			t.Errorf("row %d taken over: %v", i, r == rows[i])
		}
	}
	indexed(t, after)
}

// TestSaveTakesOverIndex: a Save changes the index as reading the file would.
func TestSaveTakesOverIndex(t *testing.T) {
	r := newRig(t, newFile(t, three, time.Minute))
	r.saves("alice", "new")
	r.saves("dave", "ad")
	if err := r.Delete(t.Context(), "2", ""); err != nil {
		t.Fatal(err)
	}
	// A nameless login becomes carol's row.
	login, err := r.Save(t.Context(), oauth.Token{RefreshToken: oauth.NewSecret("login"), ClientID: "c"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Save(t.Context(), oauth.Token{ID: login.ID, Version: login.Version, UserName: "carol"}); err != nil {
		t.Fatal(err)
	}
	want, err := parse("f", fileText(t, r.path), 0, nil)
	if err != nil || len(want.rows) != 3 {
		t.Fatal(len(want.rows), err)
	}
	equal(t, r.view.table, want)
	if r.view.digest != digestOf(r.view.seed, fileText(t, r.path)) {
		t.Error("the view is not of the file")
	}
}

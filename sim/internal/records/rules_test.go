package records

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLike(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		want          bool
	}{
		{"abc", "abc", true}, {"abc", "a%", true}, {"abc", "%c", true}, {"abc", "%b%", true}, {"abc", "a%c", true}, {"abc", "%", true},
		{"abc", "b%", false}, {"abc", "ab", false}, {"aa", "a%a%a", false}, {"aba", "a%b%a", true}, {"", "%", true}, {"", "a%", false},
	} {
		if like([]byte(c.text), []byte(c.pattern)) != c.want {
			t.Errorf("%q like %q: %v", c.text, c.pattern, !c.want)
		}
	}
}

// Whatever a text holds, a record is JSON and gives it back.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", `a"b\c`, "<é>\u2028", "\x00\x7f\xff", strings.Repeat("x", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := newBook()
		e := Edit{Module: "Accounts", Now: time.Unix(1, 0)}
		done := b.Insert(e, []map[string]any{{"Account_Name": "x" + text}})
		if done[0].Problem != nil {
			return // too long
		}
		row, _, _ := b.Get("Accounts", done[0].ID, nil)
		var got struct{ Account_Name string }
		if err := json.Unmarshal(row, &got); err != nil {
			t.Fatalf("%q: %v in %s", text, err, row)
		}
		if want := strings.ToValidUTF8("x"+text, "\ufffd"); strings.ToValidUTF8(got.Account_Name, "\ufffd") != want && len(got.Account_Name) < len(want) {
			t.Errorf("%q came back as %q", want, got.Account_Name)
		}
	})
}

// The indexes that upsert uses follow inserts, updates, deletes and undoing.
func TestIndexes(t *testing.T) {
	b := newBook()
	e := Edit{Module: "Leads", Now: time.Unix(1, 0)}
	add := func(email string) string {
		return b.Insert(e, []map[string]any{{"Last_Name": "A", "Email": email}})[0].ID
	}
	find := func(email string) string {
		id, _ := b.FindBy("Leads", "Email", email)
		return id
	}
	one := add("a@x.example")
	if find("A@x.example") != one {
		t.Error("not found after the index was made")
	}
	two := add("a@x.example")
	if find("a@x.example") != one {
		t.Error("not the oldest of two")
	}
	b.Update(e, []map[string]any{{"id": one, "Email": "b@x.example"}})
	if find("a@x.example") != two || find("b@x.example") != one {
		t.Error("after an update")
	}
	e.Journal = new(Journal)
	b.Delete(e, []string{one})
	if find("b@x.example") != "" {
		t.Error("after a delete")
	}
	b.Undo(e.Journal)
	if find("b@x.example") != one {
		t.Error("after the delete was undone")
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h timeline
	for range maxEvents + 10 {
		h.add(event{})
	}
	if len(h.events) > maxEvents || h.count != maxEvents+10 {
		t.Errorf("%d events of %d", len(h.events), h.count)
	}
}

// A snapshot keeps what was there, and its CSV can be read in pieces.
func TestSnapshot(t *testing.T) {
	b := newBook()
	b.Seed(30, time.Unix(1_700_000_000, 0))
	s := b.Snapshot("Leads", nil, "", 5, 10)
	id := b.IDs("Leads", nil)[5]
	b.Update(Edit{Module: "Leads", Now: time.Now()}, []map[string]any{{"id": id, "Last_Name": "Later"}})
	var out bytes.Buffer
	if err := s.WriteCSV(&out, []string{"Last_Name", "Nothing", "Tag"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 11 || lines[0] != "id,Last_Name,Tag" || lines[1] != id+",Fischer," {
		t.Errorf("%v", lines[:2])
	}
	if after, more := s.More(); !more || after != strings.Split(lines[10], ",")[0] {
		t.Errorf("%s %v", after, more)
	}
	if n := b.Snapshot("Leads", nil, strings.Split(lines[10], ",")[0], 0, 0).Len(); n != 15 {
		t.Errorf("%d follow", n)
	}
}

// The two ways to page meet the same records, whatever the order.
func TestPagesAgree(t *testing.T) {
	b := newBook()
	b.Seed(57, time.Unix(1_700_000_000, 0))
	for i, id := range b.IDs("Leads", nil) {
		if i%3 == 0 {
			b.Update(Edit{Module: "Leads", Now: time.Unix(1_800_000_000, 0)}, []map[string]any{{"id": id, "Phone": "1"}})
		}
	}
	for _, by := range []string{"id", createdField, modifiedField} {
		for _, ascending := range []bool{true, false} {
			q := Query{Fields: []string{"Email"}, SortBy: by, Ascending: ascending, Limit: 10}
			var marks []Page
			for {
				p := b.List("Leads", q)
				q.Start = len(marks) * 10
				plain := q
				plain.From = nil
				if direct := b.List("Leads", plain); string(direct.JSON) != string(p.JSON) || direct.More != p.More {
					t.Fatalf("%s %v: page %d differs", by, ascending, len(marks))
				}
				marks = append(marks, p)
				if !p.More {
					break
				}
				q.From = &p.Last
			}
			back := q
			back.From = &marks[len(marks)-1].First
			if p := b.List("Leads", back); string(p.JSON) != string(marks[len(marks)-2].JSON) || !p.More {
				t.Errorf("%s %v: the way back differs", by, ascending)
			}
			if n := len(marks); n != 6 || marks[5].Count != 7 {
				t.Errorf("%s %v: %d pages", by, ascending, n)
			}
		}
	}
	if got := fmt.Sprint(b.Count("Leads", nil)); got != "57" {
		t.Error(got)
	}
}

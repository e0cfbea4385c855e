package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCaret(t *testing.T) {
	long := "select Last_Name from Leads where " + strings.Repeat("City = 'Oslo' or ", 20) + "City == 'Oslo'"
	for _, c := range []struct{ query, details, want string }{
		{"select a form b", `{"near":"form","line":1,"column":10}`, "select a form b\n         ^"},
		{"select a\nfrom b\nwhere c == 1", `{"near":"=","line":3,"column":10}`, "where c == 1\n         ^"},
		{"select a from b where", `{"line":1,"column":22}`, "select a from b where\n                     ^"},
		{"select 日本 form b", `{"line":1,"column":11}`, "select 日本 form b\n            ^"},
		{"\tselect a form b", `{"line":1,"column":11}`, " select a form b\n          ^"},
		{"select Bad from b where x = 'Bad'", `{"column_name":"Bad"}`, "select Bad from b where x = 'Bad'\n       ^"},
		{"select Owner.Bad from b", `{"column_name":"owner.bad"}`, "select Owner.Bad from b\n       ^"},
		{"select a from b limit 5", `{"clause":"where"}`, "select a from b limit 5\n               ^"},
		{"select a from b", `{"clause":"where"}`, "select a from b\n               ^"},
		{long, fmt.Sprintf(`{"line":1,"column":%d}`, strings.Index(long, "==")+2),
			"…y = 'Oslo' or City = 'Oslo' or City = 'Oslo' or City = 'Oslo' or City == 'Oslo'\n" + strings.Repeat(" ", 0) + "?"},
		// What cannot be found is not pointed at.
		{"select a form b", `{"line":7,"column":10}`, ""},
		{"select a form b", `{"line":1,"column":99}`, ""},
		{"select a form b", `{"near":"elsewhere"}`, ""},
		{"select a form b", `{}`, ""},
		{"select a form b", `null`, ""},
		{"", `{"line":1,"column":1}`, "\n^"},
	} {
		line, before, ok := caretAt(c.query, json.RawMessage(c.details))
		got := ""
		if ok {
			got = line + "\n" + before + "^"
		}
		if strings.HasSuffix(c.want, "?") {
			if at := strings.Index(line, "=="); len([]rune(line[:at]))+1 != len(before) || len(line) > 130 {
				t.Errorf("a long query: %q and %d blanks", line, len(before))
			}
			continue
		}
		if got != c.want {
			t.Errorf("%q %s:\n%s\nwant\n%s", c.query, c.details, got, c.want)
		}
	}
}

func FuzzCaret(f *testing.F) {
	f.Add("select a\nform b", "form", 2, 1)
	f.Fuzz(func(t *testing.T, query, near string, line, column int) {
		details, _ := json.Marshal(map[string]any{"near": near, "line": line, "column": column})
		shown, before, _ := caretAt(query, details)
		if strings.ContainsAny(shown+before, "\n\t\x1b") {
			t.Errorf("%q and %q move the cursor", shown, before)
		}
	})
}

func TestSelected(t *testing.T) {
	for _, c := range []struct {
		query string
		names []string
		want  string
	}{
		{"select Company, Last_Name from Leads", []string{"Last_Name", "Company", "id"}, "Company Last_Name"},
		{"SELECT\n  company,Last_Name\nFROM Leads", []string{"Last_Name", "Company", "id"}, "Company Last_Name"},
		{"select COUNT(id) as n, Stage from Deals", []string{"n", "Stage"}, "n Stage"},
		{"select COUNT(id) from Deals", []string{"count(id)"}, "count(id)"},
		{"select 'User' from Deals", []string{"User", "id"}, "User"},
		{"select Other from Deals", []string{"A", "id"}, "A id"},
		{"no query", []string{"A"}, "A"},
	} {
		if got := selected(c.query, c.names); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s", c.query, got, c.want)
		}
	}
}

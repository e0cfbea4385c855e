package coql

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	q, err := Parse(`Select Last_Name, 'External', Account_Name.Industry as Line, COUNT(id) from Leads
		where ((Last_Name like 'O''Hara%' and Amount >= -12.5) or (Owner in ('1', "2") and id is not null))
		group by Last_Name order by Last_Name desc, Line limit 10 offset 20;`)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(q.Columns); got != "[{Last_Name  } {External  } {Account_Name.Industry  Line} {id count }]" {
		t.Error(got)
	}
	left := q.Where.Left
	if q.Where.Join != "or" || left.Join != "and" || left.Left.Condition.Values[0] != (Value{"O'Hara%", true}) ||
		left.Right.Condition.Values[0] != (Value{"-12.5", false}) || q.Where.Right.Right.Condition.Operator != "is not null" {
		t.Errorf("%+v %+v", q.Where.Left, q.Where.Right)
	}
	if q.Module != "Leads" || q.Limit != 10 || q.Offset != 20 || len(q.OrderBy) != 2 || !q.OrderBy[0].Descending || !q.Aggregates() {
		t.Errorf("%+v", q)
	}
}

func TestWindows(t *testing.T) {
	for text, want := range map[string]string{
		"": "0 200", "limit 7": "0 7", "limit 5, 7": "5 7", "limit 7 offset 5": "5 7", "LIMIT 0": "0 0", "limit 2000 offset 98000": "98000 2000",
	} {
		q, err := Parse("select id from Leads where id is not null " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := fmt.Sprint(q.Offset, q.Limit); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestOperators(t *testing.T) {
	for _, op := range []string{
		"= 'a'", "!= 'a'", "<> 'a'", "< 1", "<= 1", "> 1", ">= 1", "like 'a%'", "not like 'a'", "in (1)", "not in ('a', 'b')",
		"between 1 and 2", "not between 1 and 2", "is null", "is not null", "= true",
	} {
		if _, err := Parse("select id from Leads where F " + op); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// Errors say where the query goes wrong.
func TestMistakes(t *testing.T) {
	many := func(n int, one, glue string) string { return strings.TrimSuffix(strings.Repeat(one+glue, n), glue) }
	nest := "id = 1"
	for range MaxCriteria {
		nest = "(" + nest + " or id = 1)"
	}
	for text, want := range map[string]string{
		"":                            "SYNTAX_ERROR clause:select",
		"update Leads":                "SYNTAX_ERROR column:1 line:1 near:update",
		"select Last_Name":            "SYNTAX_ERROR clause:from",
		"select a from Leads":         "SYNTAX_ERROR clause:where",
		"select a from Leads limit 5": "SYNTAX_ERROR clause:where",
		"select a form Leads where id is not null":                       "SYNTAX_ERROR column:10 line:1 near:form",
		"select a from Leads\nwhere b = ":                                "SYNTAX_ERROR column:11 line:2 near:",
		"select a from Leads where b == 1":                               "SYNTAX_ERROR column:30 line:1 near:=",
		"select a from Leads where b = 'open":                            "SYNTAX_ERROR column:31 line:1 near:'open",
		"select a from Leads where b = 1 and c = 2 and d = 3":            "SYNTAX_ERROR column:43 line:1 near:and",
		"select a from Leads where b = 1 limit x":                        "SYNTAX_ERROR column:39 line:1 near:x",
		"select External from Leads where b = 1":                         "SYNTAX_ERROR column:8 line:1 near:External",
		"select * from Leads where b = 1":                                "SYNTAX_ERROR column:8 line:1 near:*",
		"select a from Leads where b = 1 limit 2001":                     "LIMIT_EXCEEDED clause:limit limit:2000",
		"select a from Leads where b = 1 limit 2 offset 99999":           "LIMIT_EXCEEDED clause:offset limit:100000",
		"select " + many(51, "a", ",") + " from Leads where b = 1":       "LIMIT_EXCEEDED clause:select limit:50",
		"select a from Leads where b in (" + many(51, "1", ",") + ")":    "LIMIT_EXCEEDED clause:in limit:50",
		"select a from Leads where " + nest:                              "LIMIT_EXCEEDED clause:where limit:25",
		"select a from Leads where b = 1 order by " + many(11, "a", ","): "LIMIT_EXCEEDED clause:order by limit:10",
		"select a from Leads where b = 1 group by " + many(5, "a", ","):  "LIMIT_EXCEEDED clause:group by limit:4",
		"select a as x, b as x from Leads where b = 1":                   "DUPLICATE_ALIAS alias:x",
		strings.Repeat(" ", maxLength+1):                                 "LIMIT_EXCEEDED clause:select limit:65536",
	} {
		_, err := Parse(text)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%.60q: %v", text, err)
			continue
		}
		got := wrong.Code
		for _, key := range []string{"alias", "clause", "column", "limit", "line", "near"} {
			if v, ok := wrong.Details[key]; ok {
				got += fmt.Sprintf(" %s:%v", key, v)
			}
		}
		if got != want {
			t.Errorf("%.60q: %s, want %s", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("select a from Leads where ((b = 'x''y' and c in (1,2)) or d is not null) order by a limit 1, 2")
	f.Add("select count(id) n from L where a between '1' and 2 group by b;")
	f.Add("((((")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if (q == nil) == (err == nil) {
			t.Fatalf("%q: %v %v", text, q, err)
		}
		var wrong *Error
		if err != nil && (!errors.As(err, &wrong) || wrong.Code == "" || wrong.Details == nil) {
			t.Fatalf("%q: %#v", text, err)
		}
	})
}

package crm_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/sim"
)

func TestCOQLText(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678, time.FixedZone("", 3600))
	for want, q := range map[string]crm.Select{
		`select Last_Name from Leads where id is not null`: {Columns: []string{"Last_Name"}, From: "Leads"},
		`select Last_Name, Account_Name.Phone as phone from Contacts where Last_Name = 'O''Brien' order by Last_Name asc, id limit 10 offset 20`: {
			Columns: []string{"Last_Name", "Account_Name.Phone as phone"}, From: "Contacts", Where: crm.Equal("Last_Name", "O'Brien"),
			OrderBy: []string{"Last_Name ASC", "id"}, Limit: 10, Offset: 20,
		},
		`select COUNT(id) as n, Stage from Deals where ((Amount >= 12.5 and Closing_Date < '2026-01-31') and Created_Time between '2026-01-02T03:04:05+01:00' and '2026-01-02T03:04:05+01:00') group by Stage`: {
			Columns: []string{"count(id) as n", "Stage"}, From: "Deals", GroupBy: []string{"Stage"},
			Where: crm.And(crm.GreaterEqual("Amount", 12.5), crm.Less("Closing_Date", crm.Date{2026, 1, 31}), crm.Between("Created_Time", at, crm.DateTime{Time: at})),
		},
		`select id from Leads where (Company like 'A%' or ((Company like '%b%' and Company not like '%c%') and Company like '%d'))`: {
			Columns: []string{"id"}, From: "Leads", Where: crm.Or(crm.StartsWith("Company", "A"),
				crm.And(crm.Contains("Company", "b"), crm.NotContains("Company", "c"), crm.EndsWith("Company", "d"))),
		},
		`select id from Leads where ((A like 'a%' and B not like '%b') and C <= 3) limit 200 offset 7`: {
			Columns: []string{"id"}, From: "Leads", Where: crm.And(crm.Like("A", "a%"), crm.NotLike("B", "%b"), crm.LessEqual("C", 3)), Offset: 7,
		},
		`select 'External' from Leads where (((id in ('1', '2') and Age not in (3)) and Opt = true) and N is null)`: {
			Columns: []string{"External"}, From: "Leads",
			Where: crm.And(crm.In("id", "1", "2"), crm.NotIn("Age", 3), crm.Equal("Opt", true), crm.IsNull("N"), crm.And()),
		},
	} {
		if got, err := q.COQL(); err != nil || got != want {
			t.Errorf("got  %s (%v)\nwant %s", got, err, want)
		}
	}
}

// TestCOQLRefuses: what is no name and no value never gets into a query.
func TestCOQLRefuses(t *testing.T) {
	ok := crm.Select{Columns: []string{"id"}, From: "Leads"}
	with := func(change func(*crm.Select)) crm.Select { q := ok; change(&q); return q }
	for name, q := range map[string]crm.Select{
		"no columns":   with(func(q *crm.Select) { q.Columns = nil }),
		"51 columns":   with(func(q *crm.Select) { q.Columns = strings.Split(strings.Repeat("a,", 50)+"a", ",") }),
		"column":       with(func(q *crm.Select) { q.Columns = []string{"id from Users where id is not null --"} }),
		"function":     with(func(q *crm.Select) { q.Columns = []string{"SLEEP(id)"} }),
		"alias":        with(func(q *crm.Select) { q.Columns = []string{"id as a b"} }),
		"open bracket": with(func(q *crm.Select) { q.Columns = []string{"COUNT(id"} }),
		"from":         with(func(q *crm.Select) { q.From = "Leads where id is not null" }),
		"order":        with(func(q *crm.Select) { q.OrderBy = []string{"id; drop"} }),
		"group":        with(func(q *crm.Select) { q.GroupBy = []string{"a,b"} }),
		"field":        with(func(q *crm.Select) { q.Where = crm.Equal("a = 1 or b", 1) }),
		"newline":      with(func(q *crm.Select) { q.Where = crm.Equal("a", "x\ny") }),
		"backslash":    with(func(q *crm.Select) { q.Where = crm.Equal("a", `\' or id is not null`) }),
		"end":          with(func(q *crm.Select) { q.Where = crm.Equal("a", `x\`) }),
		"percent":      with(func(q *crm.Select) { q.Where = crm.StartsWith("a", "100%") }),
		"number":       with(func(q *crm.Select) { q.Where = crm.Equal("a", json.Number("1 or 1")) }),
		"type":         with(func(q *crm.Select) { q.Where = crm.Equal("a", []string{"x"}) }),
		"nil":          with(func(q *crm.Select) { q.Where = crm.Equal("a", nil) }),
		"101 values":   with(func(q *crm.Select) { q.Where = crm.In("a", make([]int, 101)...) }),
		"26 comparisons": with(func(q *crm.Select) {
			q.Where = crm.And(make26()...)
		}),
		"not between": with(func(q *crm.Select) { q.Where = crm.NotBetween("a", 1, 2) }),
		"limit":       with(func(q *crm.Select) { q.Limit = -1 }),
	} {
		if text, err := q.COQL(); err == nil {
			t.Errorf("%s became %s", name, text)
		}
	}
}

func make26() (list []crm.Condition) {
	for range 26 {
		list = append(list, crm.Equal("a", 1))
	}
	return list
}

func TestSelectAgainstTheSimulator(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: 4500})
	ctx := t.Context()
	count := func(q crm.Select) (n int) {
		t.Helper()
		seen := map[string]bool{}
		for r, err := range c.Query.Select(ctx, q) {
			if err != nil {
				t.Fatal(err)
			}
			seen[r.ID()] = true
			n++
		}
		if len(seen) != n {
			t.Errorf("%d rows, %d different ones", n, len(seen))
		}
		return n
	}
	columns := []string{"Last_Name", "Company"}
	before := server.Counters().APICalls
	if n := count(crm.Select{Columns: columns, From: "Leads"}); n != 4500 || server.Counters().APICalls-before != 3 {
		t.Errorf("%d rows in %d calls", n, server.Counters().APICalls-before)
	}
	if n := count(crm.Select{Columns: columns, From: "Leads", OrderBy: []string{"Last_Name desc", "id"}}); n != 4500 {
		t.Errorf("ordered: %d rows", n)
	}
	if n := count(crm.Select{Columns: columns, From: "Leads", Limit: 2500}); n != 2500 {
		t.Errorf("limit 2500: %d rows", n)
	}
	if n := count(crm.Select{Columns: columns, From: "Leads", Limit: 3, Offset: 4498}); n != 2 {
		t.Errorf("offset 4498: %d rows", n)
	}
	insertOne(t, c, "Leads", lead{LastName: "O'Brien (the \"one\")", Company: "A%"})
	if n := count(crm.Select{Columns: columns, From: "Leads", Where: crm.Equal("Last_Name", "O'Brien (the \"one\")")}); n != 1 {
		t.Errorf("O'Brien: %d rows", n)
	}
	for query, want := range map[string]int{
		"select Last_Name from Leads where id is not null":                                       4501,
		"select Last_Name from Leads where (Last_Name = 'Bach') or id is not null;":              4501,
		"SELECT Last_Name FROM Leads WHERE id is not null ORDER BY Company LIMIT 2100 OFFSET 10": 2100,
		"select Last_Name from Leads where id is not null limit 5":                               5,
		"select Last_Name from Leads where Last_Name = 'O''Brien (the \"one\")'":                 1,
	} {
		n := 0
		for _, err := range c.Query.Rows(ctx, query) {
			if err != nil {
				t.Errorf("%s: %v", query, err)
			}
			n++
		}
		if n != want {
			t.Errorf("%s: %d rows, want %d", query, n, want)
		}
	}
	page, err := c.Query.Run(ctx, "select Last_Name from Leads where id is not null")
	if err != nil || len(page.Records) != 200 || !page.Info.MoreRecords {
		t.Errorf("%d rows, %v", len(page.Records), err)
	}
}

// TestQueryErrors: where it is wrong is told, and what was probably meant.
func TestQueryErrors(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: 5})
	for query, want := range map[string]string{
		"select Last_Name form Leads where id is not null":  "near",
		"select Lats_Name from Leads where id is not null":  "did you mean Last_Name?",
		"select Last_Name from Leads where Compny = 'A'":    "did you mean Company?",
		"select Last_Name from Laeds where id is not null":  "did you mean Leads?",
		"select Last_Name from Leads where (id is not null": "",
		"update Leads set Last_Name = 'x'":                  "",
	} {
		for _, err := range c.Query.Rows(t.Context(), query) {
			if !errors.Is(err, crm.ErrRequest) && !errors.Is(err, crm.ErrNotFound) && !errors.Is(err, crm.ErrInvalidData) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", query, err)
			}
		}
	}
	_, err := c.Query.Run(t.Context(), "select Last_Name form Leads where id is not null")
	if !errors.Is(err, crm.ErrSyntax) {
		t.Errorf("no ErrSyntax: %v", err)
	}
	if err != nil {
		t.Log(err)
	}
}

// TestQueryWindow: offsets end at 100,000 rows, and that is an error after them.
func TestQueryWindow(t *testing.T) {
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var body struct {
			Query string `json:"select_query"`
		}
		if err := json.Unmarshal(text, &body); err != nil {
			t.Error(err)
		}
		var limit, offset int
		if _, err := fmt.Sscanf(body.Query[strings.Index(body.Query, "limit"):], "limit %d offset %d", &limit, &offset); err != nil || limit != 2000 {
			t.Errorf("%s: %v", body.Query, err)
		}
		says(200, jsonType, `{"data":[`+strings.TrimSuffix(strings.Repeat(`{"id":"7"},`, limit), ",")+`],"info":{"more_records":true}}`)(w, r)
	})
	c, _ := server.client(t)
	n := 0
	var last error
	list := c.Query.Rows(t.Context(), "select id from Leads where id is not null order by Last_Name")
	for range 2 { // a list can be gone through again
		n = 0
		for _, err := range list {
			if last = err; err == nil {
				n++
			}
		}
		if n != 100_000 || !errors.Is(last, crm.ErrLimit) || !strings.Contains(last.Error(), "after 100000 records") {
			t.Errorf("%d rows, then %v", n, last)
		}
	}
}

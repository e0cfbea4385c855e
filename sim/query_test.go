package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"zohocrm/sim"
)

func TestQuery(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	run := func(text string) answer { return api(t, s, "POST", "/crm/v8/coql", access, query(t, text)) }
	column := func(a answer, name string) string {
		var out []string
		for i := range a.len("data") {
			out = append(out, fmt.Sprint(a.item(t, "data", i)[name]))
		}
		return strings.Join(out, " ")
	}
	for text, want := range map[string]string{
		"select Email from Leads where Last_Name = 'abbott'":                                                  "lead1@example.com lead8@example.com lead15@example.com lead22@example.com",
		"select Email from Leads where (Last_Name = 'Abbott' and Email != 'lead1@example.com') limit 2":       "lead8@example.com lead15@example.com",
		"select Email from Leads where Email like 'lead2%' order by Email desc limit 1, 2":                    "lead25@example.com lead24@example.com",
		"select Email from Leads where Email like '%4@example.com'":                                           "lead4@example.com lead14@example.com lead24@example.com",
		"select Email from Leads where (Last_Name in ('Gupta','Castro') and No_of_Employees between 3 and 7)": "lead3@example.com lead7@example.com",
		"select Email from Leads where No_of_Employees >= 24 order by No_of_Employees desc":                   "lead25@example.com lead24@example.com",
		"select Email from Leads where (Email_Opt_Out = true and No_of_Employees < 5)":                        "lead2@example.com lead4@example.com",
		"select Email from Leads where (Description is null and Email = 'lead9@example.com')":                 "lead9@example.com",
		"select Email from Leads where (Last_Name not in ('Abbott') and No_of_Employees <= 2)":                "lead2@example.com",
		"select Email from Leads where Created_Time > '2026-03-01T11:58:30+00:00'":                            "lead24@example.com lead25@example.com",
		"select Email as Mail from Leads where Email = 'lead1@example.com'":                                   "<nil>",
	} {
		a := run(text)
		if got := column(a, "Email"); a.status != 200 || got != want {
			t.Errorf("%s: %d %q, want %q", text, a.status, got, want)
		}
	}
	a := run("select Last_Name, Account_Name.Account_Name, Owner from Contacts where Account_Name.Account_Name like 'Zyl%'")
	if row := a.item(t, "data", 0); row["Account_Name.Account_Name"] != "Zylker" || row["id"] == nil || len(row) != 4 {
		t.Errorf("through a lookup: %v", row)
	}
	first := a.item(t, "data", 0)["id"].(string)
	if a := run("select Last_Name from Contacts where id > " + first + " limit 1"); a.len("data") != 1 || a.at("info", "more_records") != true {
		t.Errorf("by id: %s", a.text)
	}
	if a := run("select Last_Name from Leads where Last_Name = 'Nobody'"); a.status != 204 || a.text != "" {
		t.Errorf("nothing: %d %q", a.status, a.text)
	}
}

func TestQueryAggregates(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	run := func(text string) string {
		return api(t, s, "POST", "/crm/v8/coql", access, query(t, text)).text
	}
	for text, want := range map[string]string{
		"select Last_Name, COUNT(id) as n from Leads where id is not null group by Last_Name order by n desc, Last_Name limit 2":             `[{"Last_Name":"Abbott","n":4},{"Last_Name":"Brandt","n":4}],"info":{"count":2,"more_records":true}`,
		"select SUM(No_of_Employees), MIN(No_of_Employees), MAX(No_of_Employees), AVG(No_of_Employees) from Leads where No_of_Employees < 4": `[{"sum(No_of_Employees)":6,"min(No_of_Employees)":1,"max(No_of_Employees)":3,"avg(No_of_Employees)":2}],"info":{"count":1,"more_records":false}`,
	} {
		if got := run(text); got != `{"data":`+want+`}` {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestQueryMistakes(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.CreditsHeaderAlways = true
	s := stopped(t, sim.Config{Limits: &limits})
	access := every(t, s, "alice")
	for text, want := range map[string]string{
		"select Last_Name form Leads":                              "SYNTAX_ERROR form",
		"select Nothing from Leads where id is not null":           "INVALID_QUERY Nothing",
		"select id from Leads where Owner.Nothing is null":         "INVALID_QUERY Owner.Nothing",
		"select id from Nothing where id is not null":              "INVALID_QUERY Nothing",
		"select id from Leads where No_of_Employees = 'many'":      "INVALID_QUERY No_of_Employees",
		"select id from Leads where Created_Time > 'yesterday'":    "INVALID_QUERY Created_Time",
		"select id from Leads where id is not null limit 2001":     "LIMIT_EXCEEDED <nil>",
		"select id from Leads where id is not null order by Other": "INVALID_QUERY Other",
	} {
		a := api(t, s, "POST", "/crm/v8/coql", access, query(t, text))
		name := a.at("details", "column_name")
		for _, key := range []string{"near", "module"} {
			if name == nil {
				name = a.at("details", key)
			}
		}
		if got := fmt.Sprint(a.str("code"), " ", name); a.status != 400 || got != want {
			t.Errorf("%s: %d %s, want %s", text, a.status, a.text, want)
		}
	}
	want(t, api(t, s, "POST", "/crm/v8/coql", access, `{}`), 400, "MANDATORY_NOT_FOUND")
	want(t, api(t, s, "POST", "/crm/v8/coql", access, ``), 400, "INVALID_DATA")
	want(t, api(t, s, "GET", "/crm/v8/coql", access, ``), 400, "INVALID_REQUEST_METHOD")
	only := scoped(t, s, "ZohoCRM.coql.READ")
	want(t, api(t, s, "POST", "/crm/v8/coql", only, query(t, "select id from Leads where id is not null")), 401, "OAUTH_SCOPE_MISMATCH")
}

func TestPrices(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.CreditsHeaderAlways = true
	s := stopped(t, sim.Config{Limits: &limits})
	access := every(t, s, "alice")
	lead := ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email&per_page=1", access, ""), "data")[0]
	left := 51_000 - 1
	for _, c := range []struct {
		method, path, body string
		cost               int
	}{
		{"POST", "/crm/v8/coql", query(t, "select id from Leads where id is not null"), 1},
		{"POST", "/crm/v8/coql", query(t, "select id from Leads where id is not null limit 201"), 2},
		{"POST", "/crm/v8/coql", query(t, "select id from Leads where id is not null limit 2000"), 3},
		{"POST", "/crm/v8/coql", "select", 1},
		{"GET", "/crm/v8/Leads/deleted", "", 2},
		{"POST", "/crm/v8/Leads/actions/add_tags", `{"tags":[{"name":"x"}],"ids":[` + strings.TrimSuffix(strings.Repeat(`"1",`, 51), ",") + `]}`, 2},
		{"POST", "/crm/v8/__composite_requests", `{}`, 1},
		{"POST", "/crm/v8/Leads/" + lead + "/actions/convert", `{"data":[{}]}`, 5},
		{"POST", "/crm/bulk/v8/read", `{}`, 50},
		{"POST", "/crm/bulk/v8/write", `{}`, 500},
		{"GET", "/crm/bulk/v8/read/1", "", 1},
	} {
		left -= c.cost
		a := api(t, s, c.method, c.path, access, c.body)
		if got := a.header.Get("X-API-CREDITS-REMAINING"); got != fmt.Sprint(left) {
			t.Errorf("%s %s: left %s, want %d (%d %s)", c.method, c.path, got, left, a.status, a.text)
			fmt.Sscan(got, &left)
		}
	}
}

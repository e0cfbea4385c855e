package sim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
)

func TestList(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	a := api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name,Email,Unknown", access, "")
	if a.status != 200 || a.len("data") != 25 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	row := a.item(t, "data", 0)
	if row["Last_Name"] == nil || row["Email"] != "lead25@example.com" || row["id"] == nil || len(row) != 3 {
		t.Errorf("%v", row)
	}
	info := a.json["info"].(map[string]any)
	for key, want := range map[string]any{
		"per_page": 200.0, "count": 25.0, "page": 1.0, "more_records": false, "sort_by": "id", "sort_order": "desc",
		"next_page_token": nil, "previous_page_token": nil, "page_token_expiry": nil,
	} {
		if info[key] != want {
			t.Errorf("info %s = %v, want %v", key, info[key], want)
		}
	}
	for _, module := range []string{"Contacts", "Accounts", "Deals"} {
		if a := api(t, s, "GET", "/crm/v8/"+module+"?fields=Owner", access, ""); a.len("data") != 5 {
			t.Errorf("%s: %d %s", module, a.status, a.text)
		}
	}
}

func TestListSorting(t *testing.T) {
	s := stopped(t, sim.Config{TokenLife: 24 * time.Hour})
	access, _ := connect(t, s, "alice", "")
	ids := func(query string) []string {
		a := api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name"+query, access, "")
		var out []string
		for i := range a.len("data") {
			out = append(out, a.item(t, "data", i)["id"].(string))
		}
		return out
	}
	down, up := ids(""), ids("&sort_order=asc")
	if !slices.IsSorted(up) || len(up) != 25 {
		t.Fatalf("%v", up)
	}
	slices.Reverse(down)
	if !slices.Equal(up, down) {
		t.Error("desc is not asc reversed")
	}
	s.Advance(time.Hour)
	api(t, s, "PUT", "/crm/v8/Leads/"+up[3], access, `{"data":[{"Phone":"1"}]}`)
	if got := ids("&sort_by=Modified_Time"); got[0] != up[3] || got[1] != up[24] {
		t.Errorf("by Modified_Time: %v", got[:2])
	}
	if got := ids("&sort_by=Created_Time&sort_order=asc"); !slices.Equal(got, up) {
		t.Error("by Created_Time")
	}
	if got := ids("&ids=" + up[5] + ",1," + up[2] + "," + up[5]); !slices.Equal(got, []string{up[5], up[2]}) {
		t.Errorf("by ids: %v", got)
	}
}

func TestListMistakes(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	bob, _ := connect(t, s, "bob", "")
	token := func(query string, access string) string {
		a := api(t, s, "GET", "/crm/v8/Leads?"+query, access, "")
		return url.QueryEscape(a.json["info"].(map[string]any)["next_page_token"].(string))
	}
	mine, bobs := token("fields=Last_Name&per_page=5", access), token("fields=Last_Name&per_page=5", bob)
	for _, c := range []struct{ query, code string }{
		{"", "REQUIRED_PARAM_MISSING"},
		{"fields=" + strings.Repeat("A,", 50) + "A", "LIMIT_EXCEEDED"},
		{"fields=Last_Name&per_page=201", "INVALID_DATA"},
		{"fields=Last_Name&per_page=0", "INVALID_DATA"},
		{"fields=Last_Name&page=0", "INVALID_DATA"},
		{"fields=Last_Name&sort_by=Last_Name", "INVALID_DATA"},
		{"fields=Last_Name&sort_order=up", "INVALID_DATA"},
		{"fields=Last_Name&cvid=1&sort_by=id", "AMBIGUITY_DURING_PROCESSING"},
		{"fields=Last_Name&page=11", "DISCRETE_PAGINATION_LIMIT_EXCEEDED"},
		{"fields=Last_Name&per_page=150&page=14", "DISCRETE_PAGINATION_LIMIT_EXCEEDED"},
		{"fields=Last_Name&page_token=nonsense", "INVALID_DATA"},
		{"fields=Last_Name&per_page=5&page_token=" + bobs, "INVALID_DATA"},
		{"fields=Last_Name&per_page=5&page=2&page_token=" + mine, "AMBIGUITY_DURING_PROCESSING"},
		{"fields=Last_Name&per_page=6&page_token=" + mine, "TOKEN_BOUND_DATA_MISMATCH"},
		{"fields=Email&per_page=5&page_token=" + mine, "TOKEN_BOUND_DATA_MISMATCH"},
		{"fields=Last_Name&per_page=5&sort_order=desc&page_token=" + mine, "TOKEN_BOUND_DATA_MISMATCH"},
	} {
		want(t, api(t, s, "GET", "/crm/v8/Leads?"+c.query, access, ""), 400, c.code)
	}
	want(t, api(t, s, "GET", "/crm/v8/Contacts?fields=Last_Name&per_page=5&page_token="+mine, access, ""), 400, "TOKEN_BOUND_DATA_MISMATCH")
	want(t, api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name", access, "", "If-Modified-Since", "yesterday"), 400, "INVALID_REQUEST")
	if a := api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name&page=10", access, ""); a.status != 204 || a.text != "" {
		t.Errorf("past the end: %d %s", a.status, a.text)
	}
}

// A walk by page token reaches every record once, past the 2,000 that pages
// reach, while records come and go, and back again.
func TestPageTokens(t *testing.T) {
	s := stopped(t, sim.Config{Records: 2105})
	access, _ := connect(t, s, "alice", "")
	type page struct {
		ids  []string
		info map[string]any
	}
	get := func(place string) page {
		a := api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name"+place, access, "")
		if a.status != 200 {
			t.Fatalf("%s: %d %s", place, a.status, a.text)
		}
		p := page{info: a.json["info"].(map[string]any)}
		for i := range a.len("data") {
			p.ids = append(p.ids, a.item(t, "data", i)["id"].(string))
		}
		return p
	}
	by := func(p page, name string) string {
		text, _ := p.info[name].(string)
		return "&page_token=" + url.QueryEscape(text)
	}
	seen := map[string]bool{}
	p := get("")
	pages := []page{p}
	for p.info["more_records"] == true {
		// Newer records stand above the walk, a deleted one leaves it.
		api(t, s, "POST", "/crm/v8/Leads", access, `{"data":[{"Last_Name":"Newcomer"}]}`)
		if len(pages) == 2 {
			api(t, s, "DELETE", "/crm/v8/Leads/"+p.ids[len(p.ids)-1], access, "")
		}
		p = get(by(p, "next_page_token"))
		if got := p.info["page"]; got != float64(len(pages)+1) {
			t.Errorf("page %v, want %d", got, len(pages)+1)
		}
		pages = append(pages, p)
	}
	for _, p := range pages {
		for _, id := range p.ids {
			if seen[id] {
				t.Fatalf("%s twice", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 2105 || len(pages) != 11 || p.info["next_page_token"] != nil || len(p.ids) != 105 {
		t.Errorf("%d records on %d pages, the last with %d: %v", len(seen), len(pages), len(p.ids), p.info)
	}
	back := get(by(pages[10], "previous_page_token"))
	if !slices.Equal(back.ids, pages[9].ids) {
		t.Errorf("back: %v", back.info)
	}
	if got := pages[0].info["page_token_expiry"]; got != "2026-03-02T12:00:00+00:00" {
		t.Errorf("expiry %v", got)
	}
	s.Advance(24 * time.Hour)
	access, _ = connect(t, s, "alice", "")
	want(t, api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name"+by(pages[0], "next_page_token"), access, ""), 400, "EXPIRED_VALUE")
}

func TestModifiedSince(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	list := func(since time.Time) answer {
		return api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name", access, "", "If-Modified-Since", since.Format(time.RFC3339))
	}
	if a := list(start()); a.status != 304 || a.text != "" {
		t.Errorf("nothing newer: %d %s", a.status, a.text)
	}
	if a := list(start().Add(-90 * time.Second)); a.len("data") != 2 {
		t.Errorf("two newer: %d %s", a.status, a.text)
	}
	id := list(start().Add(-time.Hour)).item(t, "data", 0)["id"].(string)
	for shift, status := range map[time.Duration]int{0: 304, -time.Second: 200} {
		a := api(t, s, "GET", "/crm/v8/Leads/"+id, access, "", "If-Modified-Since", start().Add(shift).Format(time.RFC3339))
		if a.status != status {
			t.Errorf("one record, %v: %d", shift, a.status)
		}
	}
}

func TestEmptyOrganisation(t *testing.T) {
	s := stopped(t, sim.Config{Records: -1})
	access, _ := connect(t, s, "alice", "")
	if a := api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name", access, ""); a.status != 204 || a.text != "" {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/actions/count", access, ""); a.text != `{"count":0}` {
		t.Error(a.text)
	}
}

func TestSeedIsTheSameEachTime(t *testing.T) {
	var first string
	for range 2 {
		s := stopped(t, sim.Config{})
		access, _ := connect(t, s, "alice", "")
		a := api(t, s, "GET", "/crm/v8/Deals?fields=Deal_Name,Amount,Account_Name,Created_Time", access, "")
		if first != "" && a.text != first {
			t.Errorf("%s\n%s", first, a.text)
		}
		first = a.text
	}
}

func TestCountAndSearch(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := scoped(t, s, "ZohoCRM.modules.ALL,ZohoSearch.securesearch.READ")
	for query, n := range map[string]int{
		"email=LEAD3@example.com":              1,
		"phone=1":                              0,
		"word=abbott":                          4,
		"criteria=(Last_Name:equals:Abbott)":   4,
		"criteria=(Email:starts_with:lead1)":   11,
		"criteria=(Last_Name:in:Abbott,Gupta)": 7,
		"criteria=((Last_Name:equals:Abbott)and(Email:equals:lead1@example.com))":                                1,
		"criteria=((Last_Name:equals:Abbott)or(Last_Name:equals:Gupta))":                                         7,
		"criteria=(((Last_Name:equals:Abbott)or(Last_Name:equals:Gupta))and(Email:not_equal:lead1@example.com))": 6,
		`criteria=(Company:equals:A\(B\)\:C)`:                                                                    0,
	} {
		query = strings.ReplaceAll(url.PathEscape(query), "&", "%26")
		query = strings.Replace(query, "criteria%3D", "criteria=", 1)
		a := api(t, s, "GET", "/crm/v8/Leads/actions/count?"+query, access, "")
		if a.text != fmt.Sprintf(`{"count":%d}`, n) {
			t.Errorf("count %s: %s, want %d", query, a.text, n)
		}
		b := api(t, s, "GET", "/crm/v8/Leads/search?"+query, access, "")
		if b.len("data") != n || n == 0 && b.status != 204 {
			t.Errorf("search %s: %d %s, want %d", query, b.status, b.text, n)
		}
	}
	for query, code := range map[string]string{
		"criteria=Last_Name:equals:X":    "INVALID_DATA",
		"criteria=(Nothing:equals:X)":    "INVALID_DATA",
		"criteria=(Last_Name:like:X)":    "INVALID_DATA",
		"criteria=(Last_Name:equals:X":   "INVALID_DATA",
		"criteria=(Last_Name:equals:X))": "INVALID_DATA",
		"word=x":                         "INVALID_DATA",
		"criteria=(" + strings.Repeat("(id:equals:1)or", 15) + "(id:equals:1))": "CRITERIA_LIMIT_EXCEEDED",
		"criteria=" + strings.Repeat("(", 1000):                                 "CRITERIA_LIMIT_EXCEEDED",
	} {
		want(t, api(t, s, "GET", "/crm/v8/Leads/actions/count?"+query, access, ""), 400, code)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/search", access, ""), 400, "REQUIRED_PARAM_MISSING")
}

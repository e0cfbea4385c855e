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

func TestCustomViews(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{{Email: "alice@x.example", ZGID: "1"}, {Email: "bob@x.example", ZGID: "1"}}})
	access := every(t, s, "bob")
	insert(t, s, access, "Leads", `{"Last_Name":"Mine"}`)
	views := api(t, s, "GET", "/crm/v8/settings/custom_views?module=Leads", access, "")
	count := func(name string) int {
		for i := range views.len("custom_views") {
			if v := views.item(t, "custom_views", i); v["system_name"] == name {
				return api(t, s, "GET", page("/crm/v8/Leads", "fields", "Last_Name", "cvid", v["id"].(string)), access, "").len("data")
			}
		}
		t.Fatalf("no view %s", name)
		return 0
	}
	for name, n := range map[string]int{"All_Leads": 26, "My_Leads": 1, "Recently_Modified_Leads": 26} {
		if got := count(name); got != n {
			t.Errorf("%s: %d, want %d", name, got, n)
		}
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name&cvid=1", access, ""), 400, "INVALID_DATA")
	all := views.item(t, "custom_views", 0)["id"].(string)
	want(t, api(t, s, "GET", "/crm/v8/Leads/actions/count?email=x&cvid="+all, access, ""), 400, "AMBIGUITY_DURING_PROCESSING")
	if a := api(t, s, "GET", "/crm/v8/settings/custom_views/"+all+"?module=Leads", access, ""); a.len("custom_views") != 1 {
		t.Errorf("one view: %s", a.text)
	}
}

// Lists leave subforms out and cut rich texts; a single get has all of both.
func TestWholeRecords(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	product := insert(t, s, access, "Products", `{"Product_Name":"P"}`)
	id := insert(t, s, access, "Quotes", body(t, anyMap{
		"Subject": "Q", "Terms_and_Conditions": strings.Repeat("é", 600),
		"Quoted_Items": []any{anyMap{"Product_Name": anyMap{"id": product}, "Quantity": 3}},
	}))
	length := func(row map[string]any) int { return len([]rune(fmt.Sprint(row["Terms_and_Conditions"]))) }
	row := api(t, s, "GET", "/crm/v8/Quotes?fields=Terms_and_Conditions,Quoted_Items", access, "").item(t, "data", 0)
	if _, there := row["Quoted_Items"]; there || length(row) != 500 {
		t.Errorf("list: %d characters, %v", length(row), row["Quoted_Items"])
	}
	a := api(t, s, "GET", "/crm/v8/Quotes/"+id, access, "")
	item, _ := a.at("data", 0, "Quoted_Items", 0).(map[string]any)
	if length(a.item(t, "data", 0)) != 600 || item["Quantity"] != 3.0 || item["id"] == nil || item["Product_Name"].(map[string]any)["name"] != "P" {
		t.Errorf("get: %s", a.text)
	}
	a = api(t, s, "PUT", "/crm/v8/Quotes/"+id, access, `{"data":[{"Quoted_Items":[{"Quantity":"many"}]}]}`)
	if code, _, _ := result(t, a, 0); code != "INVALID_DATA" {
		t.Errorf("a wrong subform: %s", a.text)
	}
}

func TestExternalID(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A","External_Key":"K 1"}`)
	by := []string{"X-EXTERNAL", "Leads.External_Key"}
	if a := api(t, s, "GET", "/crm/v8/Leads/"+url.PathEscape("K 1"), access, "", by...); a.item(t, "data", 0)["id"] != id {
		t.Errorf("get: %s", a.text)
	}
	if a := api(t, s, "PUT", "/crm/v8/Leads/K%201", access, `{"data":[{"Phone":"7"}]}`, by...); a.status != 200 {
		t.Errorf("put: %s", a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/K2", access, "", by...), 400, "INVALID_DATA")
	want(t, api(t, s, "GET", "/crm/v8/Leads/K2", access, "", "X-EXTERNAL", "Deals.External_Key"), 400, "INVALID_DATA")
	if a := api(t, s, "DELETE", "/crm/v8/Leads/K%201", access, "", by...); a.status != 200 {
		t.Errorf("delete: %s", a.text)
	}
}

func TestRecordActions(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{{Email: "alice@x.example", ZGID: "1"}, {Email: "bob@x.example", ZGID: "1"}}})
	access := every(t, s, "alice")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A","External_Key":"K","Annual_Revenue":12345678901234567890.5,"Tag":[{"name":"hot"}]}`)
	_, _, details := result(t, api(t, s, "POST", "/crm/v8/Leads/"+id+"/actions/clone", access, "{}"), 0)
	clone := api(t, s, "GET", "/crm/v8/Leads/"+fmt.Sprint(details["id"]), access, "")
	if !strings.Contains(clone.text, `"Annual_Revenue":12345678901234567890.5`) || clone.at("data", 0, "External_Key") != nil ||
		clone.at("data", 0, "Tag", 0, "name") != "hot" {
		t.Errorf("clone: %s", clone.text)
	}
	bob := ids(t, api(t, s, "GET", "/crm/v8/users?type=AllUsers", access, ""), "users")[1]
	if a := api(t, s, "POST", "/crm/v8/Leads/"+id+"/actions/change_owner", access, `{"owner":{"id":"`+bob+`"}}`); a.status != 200 {
		t.Errorf("change owner: %s", a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/"+id+"?fields=Owner", access, ""); a.at("data", 0, "Owner", "id") != bob {
		t.Errorf("owner: %s", a.text)
	}
	a := api(t, s, "POST", "/crm/v8/Leads/actions/mass_update", access, `{"data":[{"Phone":"9"}],"ids":["`+id+`","4150869000000999999"]}`)
	if a.status != 207 || a.len("data") != 2 {
		t.Errorf("mass update: %d %s", a.status, a.text)
	}
	view := ids(t, api(t, s, "GET", "/crm/v8/settings/custom_views?module=Leads", access, ""), "custom_views")[1]
	a = api(t, s, "POST", "/crm/v8/Leads/actions/mass_update", access, `{"data":[{"Phone":"8"}],"cvid":"`+view+`"}`)
	job := fmt.Sprint(a.at("data", 0, "details", "job_id"))
	if a := api(t, s, "GET", "/crm/v8/Leads/actions/mass_update?job_id="+job, access, ""); a.at("data", 0, "Updated_Count") != 26.0 {
		t.Errorf("mass update of a view: %s", a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/actions/mass_update?job_id=1", access, ""), 400, "INVALID_DATA")
}

func TestTimeline(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A","Phone":"1"}`)
	s.Advance(time.Minute)
	api(t, s, "PUT", "/crm/v8/Leads/"+id, access, `{"data":[{"Phone":"2","Last_Name":"A"}]}`)
	a := api(t, s, "GET", "/crm/v8/Leads/"+id+"/__timeline?per_page=1", access, "")
	change, _ := a.at("__timeline", 0, "field_history", 0).(map[string]any)
	if a.len("__timeline") != 1 || a.at("__timeline", 0, "action") != "updated" || change["api_name"] != "Phone" ||
		fmt.Sprint(change["_value"]) != "map[new:2 old:1]" || a.at("info", "more_records") != true {
		t.Errorf("%s", a.text)
	}
	next := a.at("info", "next_page_token").(string)
	a = api(t, s, "GET", page("/crm/v8/Leads/"+id+"/__timeline", "per_page", "1", "page_token", next), access, "")
	if a.at("__timeline", 0, "action") != "added" || a.at("info", "more_records") != false || a.at("info", "page") != 2.0 {
		t.Errorf("second page: %s", a.text)
	}
	seeded := ids(t, api(t, s, "GET", "/crm/v8/Contacts?fields=Last_Name", access, ""), "data")[0]
	if a := api(t, s, "GET", "/crm/v8/Contacts/"+seeded+"/__timeline", access, ""); a.at("__timeline", 0, "action") != "added" {
		t.Errorf("made-up record: %s", a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/4150869000000999999/__timeline", access, ""), 400, "INVALID_DATA")
}

func TestSearchLimits(t *testing.T) {
	s := stopped(t, sim.Config{Records: 2100})
	access := every(t, s, "alice")
	last := api(t, s, "GET", "/crm/v8/Leads/search?word=example.com&page=10&fields=Email", access, "")
	if last.len("data") != 200 || last.at("info", "more_records") != true || last.at("info", "next_page_token") != nil {
		t.Errorf("page 10: %d %v", last.status, last.json["info"])
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/search?word=example.com&page=11", access, ""), 400, "LIMIT_REACHED")
	many := "(Last_Name:in:" + strings.Repeat("x,", 100) + "x)"
	want(t, api(t, s, "GET", page("/crm/v8/Leads/search", "criteria", many), access, ""), 400, "LIMIT_EXCEEDED")
	for criteria, n := range map[string]int{
		"(No_of_Employees:greater_equal:500)":                           4,
		"(No_of_Employees:between:499,500)":                             8,
		"(Created_Time:less_than:" + start().Format(time.RFC3339) + ")": 2099,
		"(Tag:equals:hot)":                                              0,
	} {
		a := api(t, s, "GET", page("/crm/v8/Leads/actions/count", "criteria", criteria), access, "")
		if a.at("count") != float64(n) {
			t.Errorf("%s: %s, want %d", criteria, a.text, n)
		}
	}
}

// A walk by page token ends at 100,000 records, and is quick.
func TestHundredThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 100,000 records")
	}
	s := stopped(t, sim.Config{Records: -1, Limits: new(sim.NoLimits())})
	access := every(t, s, "alice")
	if a := post(t, s, "/sim/seed?user=alice&module=Leads&count=100200", nil); a.at("records") != 100200.0 || a.at("added") != 100200.0 {
		t.Fatal(a.text)
	}
	token, seen := "", 0
	for seen < 100_000 {
		a := api(t, s, "GET", "/crm/v8/Leads?fields=Email,Company"+token, access, "")
		if a.status != 200 {
			t.Fatalf("after %d: %d %s", seen, a.status, a.text)
		}
		seen += a.len("data")
		next, _ := a.at("info", "next_page_token").(string)
		token = "&page_token=" + url.QueryEscape(next)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email,Company"+token, access, ""), 400, "PAGINATION_LIMIT_EXCEEDED")
}

func TestConvertedParameter(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	list := func(how string) int {
		return api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name&converted="+how, access, "").len("data")
	}
	id := ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name", access, ""), "data")[0]
	if a := api(t, s, "POST", "/crm/v8/Leads/"+id+"/actions/convert", access, `{"data":[{}]}`); a.status != 200 {
		t.Fatal(a.text)
	}
	if got := []int{list("false"), list("true"), list("both")}; !slices.Equal(got, []int{24, 1, 25}) {
		t.Errorf("%v", got)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name&converted=maybe", access, ""), 400, "INVALID_DATA")
}

func TestDeletedSince(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	all := ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email", access, ""), "data")
	api(t, s, "DELETE", "/crm/v8/Leads/"+all[0], access, "")
	s.Advance(30 * time.Minute)
	api(t, s, "DELETE", "/crm/v8/Leads/"+all[1], access, "")
	a := api(t, s, "GET", "/crm/v8/Leads/deleted", access, "", "If-Modified-Since", start().Add(time.Minute).Format(time.RFC3339))
	if got := ids(t, a, "data"); !slices.Equal(got, all[1:2]) {
		t.Errorf("%v %s", got, a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/deleted", access, "", "If-Modified-Since", s.Now().Format(time.RFC3339)); a.status != 304 {
		t.Errorf("nothing newer: %d", a.status)
	}
}

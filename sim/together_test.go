package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
)

func TestComposite(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	run := func(text string) answer { return api(t, s, "POST", "/crm/v8/__composite_requests", access, text) }
	response := func(a answer, i int, path ...any) any {
		return a.at(append([]any{"__composite_requests", i, "details", "response"}, path...)...)
	}
	a := run(`{"__composite_requests":[
		{"sub_request_id":"make","method":"POST","uri":"/crm/v8/Leads","body":{"data":[{"Last_Name":"C","Phone":"7"}]}},
		{"sub_request_id":"look","method":"GET","uri":"/crm/v8/Leads/@{make:$.data[0].details.id}","params":{"fields":"Last_Name,Phone"}},
		{"method":"POST","uri":"/crm/v8/coql","body":{"select_query":"select Phone from Leads where id = @{make:$.data[0].details.id}"}},
		{"method":"GET","uri":"/crm/v8/Leads?fields=Last_Name&per_page=1","headers":{"If-Modified-Since":"2030-01-01T00:00:00Z"}},
		{"method":"PUT","uri":"/crm/v8/Leads/@{make:$.data[0].details.id}","body":{"data":[{"Email":"@{look:$.data[0].Phone}@x.example"}]}}]}`)
	if a.status != 200 || a.len("__composite_requests") != 5 || a.item(t, "__composite_requests", 1)["sub_request_id"] != "look" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if response(a, 0, "status_code") != 201.0 || response(a, 1, "body", "data", 0, "Last_Name") != "C" ||
		response(a, 2, "body", "data", 0, "Phone") != "7" || response(a, 3, "status_code") != 304.0 || response(a, 4, "status_code") != 200.0 {
		t.Errorf("%s", a.text)
	}
	count := func() any { return api(t, s, "GET", "/crm/v8/Leads/actions/count", access, "").at("count") }
	before := count()
	two := `{"method":"POST","uri":"/crm/v8/Leads","body":{"data":[{"Last_Name":"R"}]}},{"method":"POST","uri":"/crm/v8/Leads","body":{"data":[{"Phone":"R"}]}}`
	deals := ids(t, api(t, s, "GET", "/crm/v8/Deals?fields=Amount", access, ""), "data")
	gone := `{"method":"DELETE","uri":"/crm/v8/Deals/` + deals[0] + `"},{"method":"PUT","uri":"/crm/v8/Deals/` + deals[1] + `","body":{"data":[{"Deal_Name":"Other"}]}},`
	a = run(`{"rollback_on_fail":true,"__composite_requests":[` + gone + two + `,{"method":"GET","uri":"/crm/v8/org"}]}`)
	codes := ""
	for i := range a.len("__composite_requests") {
		codes += fmt.Sprint(a.at("__composite_requests", i, "code"), " ")
	}
	if a.status != 400 || codes != "ROLLBACK_PERFORMED ROLLBACK_PERFORMED ROLLBACK_PERFORMED SUCCESS PROCESSING_STOPPED " || count() != before {
		t.Errorf("rollback: %d %s, %v records", a.status, codes, count())
	}
	if a := api(t, s, "GET", "/crm/v8/Deals?fields=Deal_Name&ids="+deals[0]+","+deals[1], access, ""); a.len("data") != 2 || strings.Contains(a.text, "Other") {
		t.Errorf("after the rollback: %s", a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Deals/deleted", access, ""); a.status != 204 {
		t.Errorf("still in the recycle bin: %s", a.text)
	}
	if a := run(`{"__composite_requests":[` + two + `]}`); a.status != 207 || response(a, 1, "status_code") != 400.0 || count() == before {
		t.Errorf("mixed: %d %s", a.status, a.text)
	}
	a = run(`{"__composite_requests":[{"method":"GET","uri":"/crm/v8/Leads/@{nobody:$.x}"}]}`)
	if a.at("__composite_requests", 0, "code") != "INVALID_REFERENCE" || a.status != 207 {
		t.Errorf("a wrong reference: %d %s", a.status, a.text)
	}
	get := `{"method":"GET","uri":"/crm/v8/org"}`
	for body, code := range map[string]string{
		`[]`: "INVALID_DATA", `{}`: "MANDATORY_NOT_FOUND", `{"__composite_requests":[]}`: "INVALID_DATA",
		`{"__composite_requests":[` + strings.Repeat(get+",", 5) + get + `]}`:                                                                            "INVALID_DATA",
		`{"rollback_on_fail":true,"parallel_execution":true,"__composite_requests":[` + get + `]}`:                                                       "AMBIGUITY_DURING_PROCESSING",
		`{"__composite_requests":[{"uri":"/crm/v8/org"}]}`:                                                                                               "MANDATORY_NOT_FOUND",
		`{"__composite_requests":[{"method":"HEAD","uri":"/crm/v8/org"}]}`:                                                                               "INVALID_DATA",
		`{"__composite_requests":[{"method":"GET","uri":"https://x.example/"}]}`:                                                                         "INVALID_DATA",
		`{"__composite_requests":[{"method":"GET","uri":"/crm/v2/org"}]}`:                                                                                "NOT_SUPPORTED",
		`{"__composite_requests":[{"method":"POST","uri":"/crm/v8/__composite_requests"}]}`:                                                              "NOT_SUPPORTED",
		`{"__composite_requests":[{"method":"GET","uri":"/crm/v8/org","headers":{"Authorization":"x"}}]}`:                                                "INVALID_DATA",
		`{"__composite_requests":[{"sub_request_id":"a","method":"GET","uri":"/crm/v8/org"},{"sub_request_id":"a","method":"GET","uri":"/crm/v8/org"}]}`: "DUPLICATE_DATA",
	} {
		want(t, run(body), 400, code)
	}
	only := scoped(t, s, "ZohoCRM.composite_requests.CUSTOM")
	a = api(t, s, "POST", "/crm/v8/__composite_requests", only, `{"__composite_requests":[`+get+`]}`)
	if a.at("__composite_requests", 0, "details", "response", "body", "code") != "OAUTH_SCOPE_MISMATCH" {
		t.Errorf("without the scope of the request: %s", a.text)
	}
}

func TestWatch(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	url, posts := hook(t)
	watch := func(method, items string) answer {
		return api(t, s, method, "/crm/v8/actions/watch", access, `{"watch":[`+items+`]}`)
	}
	a := watch("POST", `{"channel_id":1000000068001,"events":["Leads.create","Leads.edit","Deals.all"],"token":"secret","notify_url":"`+url+`","return_affected_field_values":true},{"channel_id":2}`)
	if a.status != 207 || a.at("watch", 0, "details", "events", 1, "resource_name") != "Deals" || a.at("watch", 1, "code") != "MANDATORY_NOT_FOUND" ||
		a.at("watch", 0, "details", "events", 0, "channel_expiry") != "2026-03-01T13:00:00+00:00" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	lead := insert(t, s, access, "Leads", `{"Last_Name":"A"}`)
	p := next(t, posts)
	if p["operation"] != "insert" || p["module"] != "Leads" || p["token"] != "secret" || p["channel_id"] != "1000000068001" ||
		fmt.Sprint(p["ids"]) != "["+lead+"]" || p["server_time"] != float64(start().UnixMilli()) || p["resource_uri"] != s.URL+"/crm/v8/Leads" {
		t.Errorf("insert: %v", p)
	}
	api(t, s, "PUT", "/crm/v8/Leads/"+lead, access, `{"data":[{"Phone":"5"}]}`)
	p = next(t, posts)
	if p["operation"] != "update" || fmt.Sprint(p["affected_fields"]) != "[map["+lead+":[Phone]]]" ||
		fmt.Sprint(p["affected_values"]) != "[map[record_id:"+lead+" values:map[Phone:5 id:"+lead+"]]]" {
		t.Errorf("update: %v", p)
	}
	api(t, s, "DELETE", "/crm/v8/Leads/"+lead, access, "") // not watched
	deal := ids(t, api(t, s, "GET", "/crm/v8/Deals?fields=Amount", access, ""), "data")[0]
	api(t, s, "DELETE", "/crm/v8/Deals?ids="+deal, access, "")
	if p := next(t, posts); p["operation"] != "delete" || p["module"] != "Deals" {
		t.Errorf("delete: %v", p)
	}

	// A condition on fields; then no more than an hour without renewal.
	a = watch("PATCH", `{"channel_id":"1000000068001","channel_expiry":"2026-03-01T12:30:00Z","notification_condition":[{"type":"field_selection","module":{"api_name":"Leads"},"field_selection":{"field":{"api_name":"Email"}}}]}`)
	if a.status != 200 || a.at("watch", 0, "details", "events", 0, "channel_expiry") != "2026-03-01T12:30:00+00:00" {
		t.Errorf("renew: %d %s", a.status, a.text)
	}
	other := ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email", access, ""), "data")[0]
	api(t, s, "PUT", "/crm/v8/Leads/"+other, access, `{"data":[{"Phone":"6"}]}`) // not among the fields
	api(t, s, "PUT", "/crm/v8/Leads/"+other, access, `{"data":[{"Email":"e@x.example"}]}`)
	if p := next(t, posts); fmt.Sprint(p["affected_fields"]) != "[map["+other+":[Email]]]" {
		t.Errorf("condition: %v", p)
	}
	a = api(t, s, "GET", "/crm/v8/actions/watch?module=Deals", access, "")
	if a.len("watch") != 1 || a.at("watch", 0, "notify_url") != url || a.at("watch", 0, "events", 0) != "Deals.all" {
		t.Errorf("list: %s", a.text)
	}
	s.Advance(30 * time.Minute)
	if a := api(t, s, "GET", "/crm/v8/actions/watch", access, ""); a.status != 204 {
		t.Errorf("expired: %d %s", a.status, a.text)
	}
	if a := watch("PATCH", `{"channel_id":1000000068001}`); a.status != 202 || a.at("watch", 0, "code") != "NOT_SUBSCRIBED" {
		t.Errorf("renew too late: %d %s", a.status, a.text)
	}

	for item, field := range map[string]string{
		`{"events":["Leads.all"]}`:                                                                                     "channel_id",
		`{"channel_id":"x","events":["Leads.all"]}`:                                                                    "channel_id",
		`{"channel_id":1,"notify_url":"` + url + `"}`:                                                                  "events",
		`{"channel_id":1,"events":["Leads.all"]}`:                                                                      "notify_url",
		`{"channel_id":1,"events":["Leads.move"],"notify_url":"` + url + `"}`:                                          "events",
		`{"channel_id":1,"events":["Leads.all"],"notify_url":"ftp://x"}`:                                               "notify_url",
		`{"channel_id":1,"events":["Leads.all"],"notify_url":"` + url + `","channel_expiry":"2026-03-01T12:00:00Z"}`:   "channel_expiry",
		`{"channel_id":1,"events":["Leads.all"],"notify_url":"` + url + `","token":"` + strings.Repeat("x", 51) + `"}`: "token",
	} {
		if a := watch("POST", item); a.at("watch", 0, "details", "api_name") != field {
			t.Errorf("%s: %d %s", item, a.status, a.text)
		}
	}
	far := `{"channel_id":9,"events":["Leads.create"],"notify_url":"https://far.example/hook","channel_expiry":"2026-03-20T00:00:00Z"}`
	if a := watch("POST", far); a.at("watch", 0, "details", "events", 0, "channel_expiry") != "2026-03-01T13:30:00+00:00" {
		t.Errorf("longer than a week: %s", a.text)
	}
	insert(t, s, access, "Leads", `{"Last_Name":"B"}`)
	if n := s.Counters().Unsent; n != 1 { // strangers are not called
		t.Errorf("%d unsent", n)
	}
	if a := watch("PATCH", `{"channel_id":9,"_delete_events":true,"events":["Leads.create"]}`); a.status != 200 {
		t.Errorf("without events: %s", a.text)
	}
	if a := api(t, s, "DELETE", "/crm/v8/actions/watch?channel_ids=9", access, ""); a.at("watch", 0, "code") != "NOT_SUBSCRIBED" {
		t.Errorf("a channel without events: %s", a.text)
	}
	want(t, api(t, s, "DELETE", "/crm/v8/actions/watch", access, ""), 400, "REQUIRED_PARAM_MISSING")
	want(t, api(t, s, "GET", "/crm/v8/actions/watch", scoped(t, s, "ZohoCRM.notifications.CREATE"), ""), 401, "OAUTH_SCOPE_MISMATCH")
}

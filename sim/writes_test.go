package sim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// result is one entry of a write's answer.
func result(t *testing.T, a answer, i int) (code, message string, details map[string]any) {
	t.Helper()
	r := a.item(t, "data", i)
	details, _ = r["details"].(map[string]any)
	code, _ = r["code"].(string)
	message, _ = r["message"].(string)
	return code, message, details
}

// insert adds one record and returns its ID.
func insert(t *testing.T, s *simtest.Server, access, module, fields string) string {
	t.Helper()
	a := api(t, s, "POST", "/crm/v8/"+module, access, `{"data":[`+fields+`]}`)
	code, _, details := result(t, a, 0)
	if a.status != 201 || code != "SUCCESS" {
		t.Fatalf("insert: %d %s", a.status, a.text)
	}
	return details["id"].(string)
}

func TestInsert(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	account := insert(t, s, access, "Accounts", `{"Account_Name":"Firm"}`)
	a := api(t, s, "POST", "/crm/v8/Contacts", access, fmt.Sprintf(
		`{"data":[{"Last_Name":"A","Account_Name":{"id":%q},"Unknown":1,"Created_Time":"x","Date_of_Birth":"1990-02-03"},{"Last_Name":"B","Account_Name":null}],"trigger":[]}`, account))
	code, message, details := result(t, a, 0)
	if a.status != 201 || code != "SUCCESS" || message != "record added" || details["Created_Time"] != "2026-03-01T12:00:00+00:00" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	row := api(t, s, "GET", "/crm/v8/Contacts/"+details["id"].(string), access, "").item(t, "data", 0)
	if lookup := row["Account_Name"].(map[string]any); lookup["name"] != "Firm" || lookup["id"] != account {
		t.Errorf("%v", row)
	}
	if row["Full_Name"] != "A" || row["Email"] != nil || row["Modified_By"].(map[string]any)["name"] != "Alice Example" {
		t.Errorf("%v", row)
	}
	if _, kept := row["Unknown"]; kept {
		t.Error("an unknown field was kept")
	}
	if a := api(t, s, "GET", "/crm/v8/Contacts/4150869000000999999", access, ""); a.status != 204 {
		t.Errorf("unknown ID: %d", a.status)
	}
}

func TestBodyMistakes(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	many := strings.TrimSuffix(strings.Repeat(`{"Last_Name":"X"},`, 101), ",")
	for body, code := range map[string]string{
		``:                        "UNABLE_TO_PARSE_DATA_TYPE",
		`{"data":[{"a":1}]} {}`:   "UNABLE_TO_PARSE_DATA_TYPE",
		`[]`:                      "UNABLE_TO_PARSE_DATA_TYPE",
		`{}`:                      "MANDATORY_NOT_FOUND",
		`{"data":{}}`:             "INVALID_DATA",
		`{"data":[]}`:             "INVALID_DATA",
		`{"data":[null]}`:         "INVALID_DATA",
		`{"data":[1]}`:            "INVALID_DATA",
		`{"data":[` + many + `]}`: "LIMIT_EXCEEDED",
	} {
		for _, call := range [][2]string{{"POST", "/crm/v8/Leads"}, {"PUT", "/crm/v8/Leads"}, {"POST", "/crm/v8/Leads/upsert"}} {
			want(t, api(t, s, call[0], call[1], access, body), 400, code)
		}
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/actions/count", access, ""); a.text != `{"count":25}` {
		t.Error(a.text)
	}
}

func TestFieldMistakes(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	for fields, wanted := range map[string]string{
		`{"First_Name":"A"}`: "MANDATORY_NOT_FOUND Last_Name",
		`{"Last_Name":""}`:   "MANDATORY_NOT_FOUND Last_Name",
		`{"Last_Name":7}`:    "INVALID_DATA Last_Name",
		`{"Last_Name":"` + strings.Repeat("é", 81) + `"}`: "INVALID_DATA Last_Name",
		`{"Last_Name":"A","Email":"nobody"}`:              "INVALID_DATA Email",
		`{"Last_Name":"A","No_of_Employees":1.5}`:         "INVALID_DATA No_of_Employees",
		`{"Last_Name":"A","Annual_Revenue":"much"}`:       "INVALID_DATA Annual_Revenue",
		`{"Last_Name":"A","Email_Opt_Out":"no"}`:          "INVALID_DATA Email_Opt_Out",
		`{"Last_Name":"A","Owner":{"id":"1"}}`:            "INVALID_DATA Owner",
	} {
		a := api(t, s, "POST", "/crm/v8/Leads", access, `{"data":[`+fields+`]}`)
		code, _, details := result(t, a, 0)
		if a.status != 400 || fmt.Sprint(code, " ", details["api_name"]) != wanted || details["json_path"] != "$.data[0]."+fmt.Sprint(details["api_name"]) {
			t.Errorf("%s: %d %s", fields, a.status, a.text)
		}
	}
	for fields, name := range map[string]string{
		`{"Last_Name":"A","Date_of_Birth":"3.2.1990"}`:                  "Date_of_Birth",
		`{"Last_Name":"A","Account_Name":{"id":"4150869000000999999"}}`: "Account_Name",
		`{"Last_Name":"A","Account_Name":7}`:                            "Account_Name",
	} {
		a := api(t, s, "POST", "/crm/v8/Contacts", access, `{"data":[`+fields+`]}`)
		if code, _, details := result(t, a, 0); code != "INVALID_DATA" || details["api_name"] != name {
			t.Errorf("%s: %d %s", fields, a.status, a.text)
		}
	}
}

func TestMixedResults(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	a := api(t, s, "POST", "/crm/v8/Leads", access, `{"data":[{"Last_Name":"A"},{"First_Name":"B"},{"Last_Name":"C"}]}`)
	var codes []string
	for i := range 3 {
		code, _, _ := result(t, a, i)
		codes = append(codes, code)
	}
	if a.status != 207 || strings.Join(codes, " ") != "SUCCESS MANDATORY_NOT_FOUND SUCCESS" {
		t.Errorf("%d %s", a.status, a.text)
	}
	_, _, details := result(t, a, 1)
	if details["json_path"] != "$.data[1].Last_Name" {
		t.Errorf("%v", details)
	}
	_, _, first := result(t, a, 0)
	a = api(t, s, "PUT", "/crm/v8/Leads", access, fmt.Sprintf(`{"data":[{"id":%q,"Phone":"1"},{"id":"4150869000000999999"},{"Phone":"2"}]}`, first["id"]))
	if a.status != 207 || a.item(t, "data", 0)["message"] != "record updated" {
		t.Errorf("%d %s", a.status, a.text)
	}
	if code, _, _ := result(t, a, 2); code != "MANDATORY_NOT_FOUND" {
		t.Errorf("no ID: %s", code)
	}
	a = api(t, s, "DELETE", fmt.Sprintf("/crm/v8/Leads?ids=%s,4150869000000999999", first["id"]), access, "")
	if a.status != 207 || a.item(t, "data", 0)["message"] != "record deleted" || a.item(t, "data", 1)["code"] != "INVALID_DATA" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestUpdate(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A","Phone":"1","No_of_Employees":12345678901}`)
	s.Advance(time.Minute)
	a := api(t, s, "PUT", "/crm/v8/Leads/"+id, access, `{"data":[{"Phone":null,"First_Name":"F"}]}`)
	_, message, details := result(t, a, 0)
	if a.status != 200 || message != "record updated" || details["Modified_Time"] != "2026-03-01T12:01:00+00:00" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	row := api(t, s, "GET", "/crm/v8/Leads/"+id+"?fields=Phone,Full_Name,No_of_Employees,Created_Time", access, "").item(t, "data", 0)
	text, _ := json.Marshal(row)
	if string(text) != `{"Created_Time":"2026-03-01T12:00:00+00:00","Full_Name":"F A","No_of_Employees":12345678901,"Phone":null,"id":"`+id+`"}` {
		t.Error(string(text))
	}
	if a := api(t, s, "PUT", "/crm/v8/Leads/"+id, access, `{"data":[{"Last_Name":null}]}`); a.status != 400 {
		t.Errorf("a mandatory field was emptied: %s", a.text)
	}
}

func TestUnmodifiedSince(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A"}`)
	put := func(at time.Time) answer {
		return api(t, s, "PUT", "/crm/v8/Leads/"+id, access, `{"data":[{"Phone":"1"}]}`, "If-Unmodified-Since", at.Format(time.RFC3339))
	}
	a := put(start().Add(-time.Second))
	if code, _, _ := result(t, a, 0); a.status != 412 || code != "ALREADY_MODIFIED" {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := put(start()); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
	want(t, api(t, s, "PUT", "/crm/v8/Leads/"+id, access, `{"data":[{"Phone":"1"}]}`, "If-Unmodified-Since", "now"), 400, "INVALID_REQUEST")
}

func TestUpsert(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A","Email":"a@x.example","Phone":"5","External_Key":"K1"}`)
	upsert := func(body string) (answer, map[string]any) {
		a := api(t, s, "POST", "/crm/v8/Leads/upsert", access, body)
		return a, a.item(t, "data", 0)
	}
	for _, c := range []struct{ name, body, action, field string }{
		{"system field", `{"data":[{"Last_Name":"A","Email":"A@X.example"}]}`, "update", "Email"},
		{"unique field", `{"data":[{"Last_Name":"A","External_Key":"k1"}]}`, "update", "External_Key"},
		{"given field", `{"data":[{"Last_Name":"A","Phone":"5"}],"duplicate_check_fields":["Phone"]}`, "update", "Phone"},
		{"no match", `{"data":[{"Last_Name":"A","Email":"b@x.example"}]}`, "insert", ""},
		{"given field has no match", `{"data":[{"Last_Name":"A","Email":"a@x.example","Phone":"6"}],"duplicate_check_fields":["Phone"]}`, "insert", ""},
	} {
		a, r := upsert(c.body)
		field, _ := r["duplicate_field"].(string)
		same := r["details"].(map[string]any)["id"] == id
		if a.status != 200 || r["action"] != c.action || field != c.field || same != (c.action == "update") {
			t.Errorf("%s: %d %s", c.name, a.status, a.text)
		}
	}
	a := api(t, s, "POST", "/crm/v8/Leads/upsert", access, `{"data":[{"Last_Name":"A"}],"duplicate_check_fields":["Nothing"]}`)
	want(t, a, 400, "INVALID_DATA")
}

func TestUniqueField(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	id := insert(t, s, access, "Leads", `{"Last_Name":"A","External_Key":"K1"}`)
	a := api(t, s, "POST", "/crm/v8/Leads", access, `{"data":[{"Last_Name":"B","External_Key":"k1"}]}`)
	code, _, details := result(t, a, 0)
	if a.status != 400 || code != "DUPLICATE_DATA" || details["duplicate_record"].(map[string]any)["id"] != id {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := api(t, s, "PUT", "/crm/v8/Leads/"+id, access, `{"data":[{"External_Key":"K1"}]}`); a.status != 200 {
		t.Errorf("its own value again: %s", a.text)
	}
	insert(t, s, access, "Contacts", `{"Last_Name":"B","External_Key":"K1"}`)
}

func TestDelete(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	one := insert(t, s, access, "Leads", `{"Last_Name":"One"}`)
	two := insert(t, s, access, "Leads", `{"Last_Name":"Two"}`)
	if a := api(t, s, "DELETE", "/crm/v8/Leads/"+one, access, ""); a.status != 200 || a.item(t, "data", 0)["message"] != "record deleted" {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/"+one, access, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := api(t, s, "DELETE", "/crm/v8/Leads/"+one, access, ""); a.status != 400 {
		t.Errorf("again: %d %s", a.status, a.text)
	}
	if a := api(t, s, "DELETE", "/crm/v8/Leads?ids="+two, access, ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
	want(t, api(t, s, "DELETE", "/crm/v8/Leads", access, ""), 400, "REQUIRED_PARAM_MISSING")
	want(t, api(t, s, "DELETE", "/crm/v8/Leads?ids="+strings.Repeat("1,", 100)+"1", access, ""), 400, "LIMIT_EXCEEDED")
	a := api(t, s, "GET", "/crm/v8/Leads/deleted?type=all&per_page=1", access, "")
	if a.len("data") != 1 || a.item(t, "data", 0)["display_name"] != "Two" || a.json["info"].(map[string]any)["more_records"] != true {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/deleted?type=permanent", access, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/deleted?type=lost", access, ""), 400, "INVALID_DATA")
	fresh := insert(t, s, access, "Leads", `{"Last_Name":"Three"}`)
	if fresh == one || fresh == two {
		t.Error("an ID was used again")
	}
}

func TestWriteCost(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.CreditsHeaderAlways = true
	s := stopped(t, sim.Config{Limits: &limits})
	access, _ := connect(t, s, "alice", "")
	left := 51_000
	for _, c := range []struct {
		method, path  string
		records, cost int
	}{
		{"POST", "/crm/v8/Leads", 1, 1}, {"POST", "/crm/v8/Leads", 10, 1}, {"POST", "/crm/v8/Leads", 11, 2},
		{"POST", "/crm/v8/Leads/upsert", 100, 10}, {"GET", "/crm/v8/Leads?fields=Email&cvid=1", 0, 3},
		{"DELETE", "/crm/v8/Leads?ids=1", 0, 1}, {"PUT", "/crm/v8/Leads", 21, 3},
	} {
		body := `{"data":[` + strings.TrimSuffix(strings.Repeat(`{"Last_Name":"X"},`, c.records), ",") + `]}`
		left -= c.cost
		if got := api(t, s, c.method, c.path, access, body).header.Get("X-API-CREDITS-REMAINING"); got != fmt.Sprint(left) {
			t.Errorf("%s %s with %d records: left %s, want %d", c.method, c.path, c.records, got, left)
		}
	}
}

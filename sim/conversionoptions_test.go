package sim_test

import (
	"testing"

	"zohocrm/sim"
)

// What a lead could be merged with: nothing, a contact of its email, an account
// of its company's name.
func TestConversionOptions(t *testing.T) {
	s := stopped(t, sim.Config{Records: -1})
	access := every(t, s, "alice")
	add := func(module, body string) string {
		t.Helper()
		a := api(t, s, "POST", "/crm/v8/"+module, access, `{"data":[`+body+`]}`)
		id, ok := a.at("data", 0, "details", "id").(string)
		if !ok {
			t.Fatalf("%s: %s", module, a.text)
		}
		return id
	}
	path := "/crm/v8/Leads/" + add("Leads", `{"Last_Name":"Haydn","Company":"Esterházy","Email":"haydn@example.org"}`) + "/__conversion_options"
	if a := api(t, s, "GET", path, access, ""); a.status != 204 || a.text != "" {
		t.Errorf("nothing to merge with: %d %s", a.status, a.text)
	}
	account := add("Accounts", `{"Account_Name":"Esterházy"}`)
	a := api(t, s, "GET", path, access, "")
	if a.at("__conversion_options", "module_preference", "api_name") != "Accounts" || a.at("__conversion_options", "Accounts", 0, "id") != account {
		t.Errorf("an account: %s", a.text)
	}
	contact := add("Contacts", `{"Last_Name":"Haydn","Email":"haydn@example.org"}`)
	add("Contacts", `{"Last_Name":"Haydn","Email":"michael@example.org"}`)
	a = api(t, s, "GET", path, access, "")
	list, _ := a.at("__conversion_options", "Contacts").([]any)
	if a.at("__conversion_options", "module_preference", "api_name") != "Contacts" || len(list) != 1 || a.at("__conversion_options", "Contacts", 0, "id") != contact ||
		a.at("__conversion_options", "preference_field_matched_value", "Contacts", 0, "matched_lead_value") != "haydn@example.org" {
		t.Errorf("a contact: %s", a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/Leads/4150869000009999999/__conversion_options", access, ""), 400, "INVALID_DATA")
	want(t, api(t, s, "POST", path, access, "{}"), 400, "INVALID_REQUEST_METHOD")
}

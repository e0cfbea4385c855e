package sim_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
)

func TestConvert(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	lead := insert(t, s, access, "Leads", `{"Last_Name":"New","First_Name":"Nora","Company":"Acme","Email":"n@acme.example","Tag":[{"name":"hot"}]}`)
	api(t, s, "POST", "/crm/v8/Leads/"+lead+"/Notes", access, `{"data":[{"Note_Content":"first call"}]}`)
	upload(t, s, "/crm/v8/Leads/"+lead+"/Attachments", access, "a.txt", []byte("hello"))
	path := "/crm/v8/Leads/" + lead + "/actions/convert"

	a := api(t, s, "POST", path, access, `{"data":[{"Deals":{"Deal_Name":"Big"}}]}`)
	if a.status != 400 || a.at("data", 0, "code") != "MANDATORY_NOT_FOUND" || a.at("data", 0, "details", "json_path") != "$.data[0].Deals.Stage" {
		t.Errorf("a deal without a stage: %d %s", a.status, a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Contacts/actions/count", access, ""); a.at("count") != 5.0 {
		t.Errorf("a failed conversion left something: %s", a.text)
	}
	a = api(t, s, "POST", path, access, `{"data":[{"Deals":{"Deal_Name":"Big","Stage":"Qualification","Amount":5},"carry_over_tags":true}]}`)
	details, _ := a.at("data", 0, "details").(map[string]any)
	if a.status != 200 || a.at("data", 0, "message") != "The record has been converted successfully" ||
		a.at("data", 0, "details", "Contacts", "name") != "Nora New" || a.at("data", 0, "details", "Accounts", "name") != "Acme" || details["Deals"] == nil {
		t.Fatalf("%d %s", a.status, a.text)
	}
	contact := fmt.Sprint(a.at("data", 0, "details", "Contacts", "id"))
	row := api(t, s, "GET", "/crm/v8/Contacts/"+contact, access, "")
	if row.at("data", 0, "Account_Name", "name") != "Acme" || row.at("data", 0, "Email") != "n@acme.example" || row.at("data", 0, "Tag", 0, "name") != "hot" {
		t.Errorf("contact: %s", row.text)
	}
	for _, list := range []string{"Notes?fields=Note_Content", "Attachments?fields=File_Name", "Deals?fields=Deal_Name"} {
		if a := api(t, s, "GET", "/crm/v8/Contacts/"+contact+"/"+list, access, ""); a.len("data") != 1 {
			t.Errorf("%s: %d %s", list, a.status, a.text)
		}
	}
	want(t, api(t, s, "POST", path, access, `{"data":[{}]}`), 400, "ID_ALREADY_CONVERTED")
	want(t, api(t, s, "POST", "/crm/v8/Leads/4150869000000999999/actions/convert", access, `{"data":[{}]}`), 400, "INVALID_DATA")
	other := insert(t, s, access, "Leads", `{"Last_Name":"Other"}`)
	a = api(t, s, "POST", "/crm/v8/Leads/"+other+"/actions/convert", access, `{"data":[{"Contacts":"`+contact+`","Accounts":{"id":"1"}}]}`)
	if a.at("data", 0, "code") != "INVALID_DATA" {
		t.Errorf("an unknown account: %s", a.text)
	}
	a = api(t, s, "POST", "/crm/v8/Leads/"+other+"/actions/convert", access, `{"data":[{"Contacts":{"id":"`+contact+`"}}]}`)
	if a.at("data", 0, "details", "Contacts", "id") != contact || a.at("data", 0, "details", "Deals") != nil {
		t.Errorf("into an existing contact: %s", a.text)
	}
}

func TestTags(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	leads := ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email", access, ""), "data")
	a := api(t, s, "POST", "/crm/v8/settings/tags?module=Leads", access, `{"tags":[{"name":"hot","color_code":"#F17574"},{"name":"cold"}]}`)
	hot, cold := fmt.Sprint(a.at("tags", 0, "details", "id")), fmt.Sprint(a.at("tags", 1, "details", "id"))
	if a.status != 201 || a.at("tags", 0, "details", "color_code") != "#F17574" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	a = api(t, s, "POST", "/crm/v8/settings/tags?module=Leads", access, `{"tags":[{"name":"HOT"},{"name":"warm"}]}`)
	if a.status != 207 || a.at("tags", 0, "code") != "DUPLICATE_DATA" {
		t.Errorf("a name twice: %d %s", a.status, a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/settings/tags", access, ""), 400, "REQUIRED_PARAM_MISSING")
	want(t, api(t, s, "GET", "/crm/v8/settings/tags?module=Nothing", access, ""), 400, "INVALID_MODULE")

	a = api(t, s, "POST", "/crm/v8/Leads/actions/add_tags", access, body(t, anyMap{"tags": []any{anyMap{"name": "hot"}, anyMap{"name": "fresh"}}, "ids": append(leads[:2:2], "4150869000000999999")}))
	if a.status != 207 || a.at("success_count") != "2" || a.at("data", 2, "code") != "INVALID_DATA" {
		t.Errorf("add: %d %s", a.status, a.text)
	}
	names := func(id string) string {
		a := api(t, s, "GET", "/crm/v8/Leads/"+id+"?fields=Tag", access, "")
		var out []string
		list, _ := a.at("data", 0, "Tag").([]any)
		for i := range list {
			out = append(out, fmt.Sprint(a.at("data", 0, "Tag", i, "name")))
		}
		return strings.Join(out, " ")
	}
	if got := names(leads[0]); got != "hot fresh" {
		t.Errorf("after adding: %q", got)
	}
	if a := api(t, s, "GET", page("/crm/v8/Leads/search", "criteria", "(Tag:equals:Fresh)"), access, ""); a.len("data") != 2 {
		t.Errorf("search by tag: %s", a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/settings/tags/"+hot+"/actions/records_count?module=Leads", access, ""); a.at("count") != "2" {
		t.Errorf("count: %s", a.text)
	}
	api(t, s, "POST", "/crm/v8/Leads/"+leads[0]+"/actions/remove_tags", access, `{"tags":[{"name":"fresh"}]}`)
	api(t, s, "POST", "/crm/v8/Leads/"+leads[1]+"/actions/add_tags?over_write=true", access, `{"tags":[{"name":"cold"}]}`)
	if got := names(leads[0]) + "|" + names(leads[1]); got != "hot|cold" {
		t.Errorf("after removing: %q", got)
	}
	api(t, s, "PUT", "/crm/v8/settings/tags/"+cold+"?module=Leads", access, `{"tags":[{"name":"chilly"}]}`)
	if got := names(leads[1]); got != "chilly" {
		t.Errorf("after renaming: %q", got)
	}
	if a := api(t, s, "POST", "/crm/v8/settings/tags/"+hot+"/actions/merge", access, `{"tags":[{"conflict_id":"`+cold+`"}]}`); a.status != 200 {
		t.Errorf("merge: %s", a.text)
	}
	if got := names(leads[1]); got != "hot" {
		t.Errorf("after merging: %q", got)
	}
	if a := api(t, s, "DELETE", "/crm/v8/settings/tags/"+hot, access, ""); a.status != 200 || names(leads[0]) != "" {
		t.Errorf("delete: %s, %q", a.text, names(leads[0]))
	}
	want(t, api(t, s, "DELETE", "/crm/v8/settings/tags/"+hot, access, ""), 400, "INVALID_DATA")
	eleven := strings.TrimSuffix(strings.Repeat(`{"name":"t%d"},`, 11), ",")
	var n []any
	for i := range 11 {
		n = append(n, i)
	}
	a = api(t, s, "POST", "/crm/v8/Leads/"+leads[0]+"/actions/add_tags", access, `{"tags":[`+fmt.Sprintf(eleven, n...)+`]}`)
	if a.at("data", 0, "code") != "LIMIT_EXCEEDED" {
		t.Errorf("eleven tags: %s", a.text)
	}
}

func TestRelatedRecords(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	account := ids(t, api(t, s, "GET", "/crm/v8/Accounts?fields=Account_Name", access, ""), "data")[0]
	a := api(t, s, "GET", "/crm/v8/Accounts/"+account+"/Contacts?fields=Last_Name,Account_Name", access, "")
	if a.len("data") != 1 || a.at("data", 0, "Account_Name", "id") != account || a.at("info", "more_records") != false {
		t.Errorf("by lookup: %s", a.text)
	}
	contact := ids(t, a, "data")[0]
	want(t, api(t, s, "GET", "/crm/v8/Accounts/"+account+"/Contacts", access, ""), 400, "REQUIRED_PARAM_MISSING")
	want(t, api(t, s, "GET", "/crm/v8/Accounts/"+account+"/Nothing?fields=id", access, ""), 400, "INVALID_DATA")
	want(t, api(t, s, "GET", "/crm/v8/Accounts/4150869000000999999/Contacts?fields=id", access, ""), 400, "INVALID_DATA")
	if a := api(t, s, "DELETE", "/crm/v8/Accounts/"+account+"/Contacts/"+contact, access, ""); a.at("data", 0, "message") != "relation removed" {
		t.Errorf("remove by lookup: %s", a.text)
	}
	product := insert(t, s, access, "Products", `{"Product_Name":"P"}`)
	link := "/crm/v8/Contacts/" + contact + "/Products"
	if a := api(t, s, "PUT", link+"/"+product, access, `{"data":[{}]}`); a.at("data", 0, "message") != "relation added" {
		t.Errorf("relate: %s", a.text)
	}
	a = api(t, s, "PUT", link, access, `{"data":[{"id":"`+product+`"},{"id":"1"}]}`)
	if a.status != 207 || a.at("data", 0, "message") != "relation updated" || a.at("data", 1, "code") != "INVALID_DATA" {
		t.Errorf("relate again: %d %s", a.status, a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/Products/"+product+"/Contacts?fields=Last_Name", access, ""); !slices.Equal(ids(t, a, "data"), []string{contact}) {
		t.Errorf("from the other side: %s", a.text)
	}
	if a := api(t, s, "DELETE", link+"?ids="+product, access, ""); a.at("data", 0, "message") != "relation removed" {
		t.Errorf("unrelate: %s", a.text)
	}
	if a := api(t, s, "GET", link+"?fields=Product_Name", access, ""); a.status != 204 {
		t.Errorf("after that: %d %s", a.status, a.text)
	}
}

func TestNotes(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{{Email: "alice@x.example", ZGID: "1"}, {Email: "bob@x.example", ZGID: "1"}}})
	access := every(t, s, "alice")
	lead := ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email", access, ""), "data")[0]
	a := api(t, s, "POST", "/crm/v8/Leads/"+lead+"/Notes", access, `{"data":[{"Note_Title":"T","Note_Content":"C"},{"Note_Title":"empty"}]}`)
	if a.status != 207 || a.at("data", 1, "code") != "MANDATORY_NOT_FOUND" {
		t.Errorf("%d %s", a.status, a.text)
	}
	a = api(t, s, "POST", "/crm/v8/Notes", access, `{"data":[{"Note_Content":"D","Parent_Id":{"id":"`+lead+`","module":{"api_name":"Deals"}}},{"Note_Content":"E","Parent_Id":"`+lead+`","se_module":"Leads"}]}`)
	if a.status != 207 || a.at("data", 0, "code") != "INVALID_DATA" || a.at("data", 1, "code") != "SUCCESS" {
		t.Errorf("by module: %d %s", a.status, a.text)
	}
	a = api(t, s, "GET", "/crm/v8/Leads/"+lead+"/Notes?fields=Note_Content,Parent_Id", access, "")
	if a.len("data") != 2 || a.at("data", 0, "Parent_Id", "id") != lead || a.at("data", 0, "Parent_Id", "module", "api_name") != "Leads" {
		t.Errorf("list: %s", a.text)
	}
	note := ids(t, a, "data")[0]
	if a := api(t, s, "DELETE", "/crm/v8/Leads/"+lead+"/Notes/"+note, access, ""); a.at("data", 0, "message") != "record deleted" {
		t.Errorf("delete: %s", a.text)
	}
	bob := every(t, s, "bob")
	want(t, api(t, s, "GET", "/crm/v8/Notes?fields=Note_Content", bob, ""), 403, "NO_PERMISSION")
	if a := api(t, s, "GET", "/crm/v8/Leads/"+lead+"/Notes?fields=Note_Content", bob, ""); a.len("data") != 1 {
		t.Errorf("of one record: %s", a.text)
	}
}

// tinyPNG begins as PNG files do.
func tinyPNG() []byte { return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 40)...) }

func TestAttachmentsAndPhotos(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.AttachmentSize, limits.PhotoSize, limits.FilesSize = 1000, 100, 50
	s := stopped(t, sim.Config{Limits: &limits})
	access := every(t, s, "alice")
	lead := "/crm/v8/Leads/" + ids(t, api(t, s, "GET", "/crm/v8/Leads?fields=Email", access, ""), "data")[0]
	content := bytes.Repeat([]byte("x"), 1000)
	a := upload(t, s, lead+"/Attachments", access, "Über uns.txt", content)
	id := fmt.Sprint(a.at("data", 0, "details", "id"))
	if a.status != 200 || a.at("data", 0, "message") != "attachment uploaded successfully" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	want(t, upload(t, s, lead+"/Attachments", access, "big", append(content, 'x')), 413, "BODY_SIZE_REACHED")
	want(t, api(t, s, "POST", lead+"/Attachments", access, ""), 400, "REQUIRED_PARAM_MISSING")
	api(t, s, "POST", page(lead+"/Attachments", "attachmentUrl", "https://a.example/x", "title", "X"), access, "")
	a = api(t, s, "GET", lead+"/Attachments?fields=File_Name,Size", access, "")
	if a.len("data") != 2 || a.at("data", 0, "$link_url") != "https://a.example/x" || a.at("data", 1, "File_Name") != "Über uns.txt" || a.at("data", 1, "Size") != "1000" {
		t.Errorf("list: %s", a.text)
	}
	a = api(t, s, "GET", lead+"/Attachments/"+id, access, "")
	if a.text != string(content) || a.header.Get("Content-Disposition") != "attachment; filename*=UTF-8''%C3%9Cber%20uns.txt" {
		t.Errorf("download: %d bytes, %v", len(a.text), a.header)
	}
	if a := api(t, s, "DELETE", lead+"/Attachments?ids="+id+",1", access, ""); a.status != 207 || a.at("data", 1, "code") != "INVALID_DATA" {
		t.Errorf("delete: %d %s", a.status, a.text)
	}
	want(t, api(t, s, "GET", lead+"/Attachments/"+id, access, ""), 400, "INVALID_DATA")
	want(t, api(t, s, "GET", "/crm/v8/Leads/4150869000000999999/Attachments?fields=Size", access, ""), 400, "INVALID_DATA")

	if a := api(t, s, "GET", lead+"/photo", access, ""); a.status != 204 {
		t.Errorf("no photo: %d", a.status)
	}
	if a := upload(t, s, lead+"/photo", access, "p.png", tinyPNG()); a.at("message") != "photo uploaded successfully" {
		t.Errorf("photo: %d %s", a.status, a.text)
	}
	want(t, upload(t, s, lead+"/photo", access, "p.png", append(tinyPNG(), make([]byte, 100)...)), 413, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE")
	want(t, upload(t, s, lead+"/photo", access, "p.txt", []byte("text")), 400, "INVALID_DATA")
	if a := api(t, s, "GET", lead+"/photo", access, ""); a.text != string(tinyPNG()) || a.header.Get("Content-Type") != "image/png" {
		t.Errorf("photo again: %d %v", a.status, a.header)
	}
	if a := api(t, s, "DELETE", lead+"/photo", access, ""); a.at("message") != "Photo deleted" {
		t.Errorf("delete photo: %s", a.text)
	}

	a = upload(t, s, "/crm/v8/files", access, "f.bin", content[:50])
	file := fmt.Sprint(a.at("data", 0, "details", "id"))
	if a := api(t, s, "GET", "/crm/v8/files?id="+file, access, ""); a.text != string(content[:50]) {
		t.Errorf("file: %d %s", a.status, a.text)
	}
	want(t, upload(t, s, "/crm/v8/files", access, "f.bin", content[:51]), 400, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE")
	want(t, api(t, s, "GET", "/crm/v8/files?id=1", access, ""), 400, "INVALID_DATA")
	want(t, upload(t, s, "/crm/v8/files", scoped(t, s, "ZohoCRM.modules.ALL"), "f", nil), 401, "OAUTH_SCOPE_MISMATCH")
}

func TestMetadata(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	for _, path := range []string{"modules", "fields?module=Leads", "layouts?module=Leads", "related_lists?module=Leads", "custom_views?module=Leads"} {
		path = "/crm/v8/settings/" + path
		for _, since := range []string{s.Now().Format(time.RFC3339), s.Now().UTC().Format(http.TimeFormat)} {
			if a := api(t, s, "GET", path, access, "", "If-Modified-Since", since); a.status != 304 || a.text != "" {
				t.Errorf("%s since %s: %d", path, since, a.status)
			}
		}
		if a := api(t, s, "GET", path, access, "", "If-Modified-Since", start().Add(-time.Second).Format(time.RFC3339)); a.status != 200 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	a := api(t, s, "GET", "/crm/v8/settings/fields?module=Deals", access, "")
	var stage string
	for i := range a.len("fields") {
		f := a.item(t, "fields", i)
		switch f["api_name"] {
		case "Stage":
			stage = f["id"].(string)
			if f["system_mandatory"] != true || a.at("fields", i, "pick_list_values", 1, "actual_value") != "Qualification" {
				t.Errorf("%v", f)
			}
		case "Account_Name":
			if a.at("fields", i, "lookup", "module", "api_name") != "Accounts" || f["json_type"] != "jsonobject" {
				t.Errorf("%v", f)
			}
		}
	}
	if a := api(t, s, "GET", "/crm/v8/settings/fields/"+stage+"?module=Deals", access, ""); a.at("fields", 0, "api_name") != "Stage" {
		t.Errorf("one field: %s", a.text)
	}
	a = api(t, s, "GET", "/crm/v8/settings/layouts?module=Leads", access, "")
	fields, _ := a.at("layouts", 0, "sections", 0, "fields").([]any)
	if a.len("layouts") != 1 || len(fields) < 20 {
		t.Errorf("%d fields in the layout", len(fields))
	}
	if a := api(t, s, "GET", "/crm/v8/settings/related_lists?module=Accounts", access, ""); a.at("related_lists", 0, "api_name") != "Contacts" {
		t.Errorf("related lists: %s", a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/settings/layouts?module=Leads", scoped(t, s, "ZohoCRM.settings.fields.ALL"), ""), 401, "OAUTH_SCOPE_MISMATCH")
}

func TestUserWrites(t *testing.T) {
	s := stopped(t, sim.Config{})
	access := every(t, s, "alice")
	a := api(t, s, "POST", "/crm/v8/users", access, `{"users":[{"first_name":"Nina","last_name":"New","email":"nina@x.example","role":"1","profile":"2"}]}`)
	id := fmt.Sprint(a.at("users", 0, "details", "id"))
	if a.status != 201 || a.at("users", 0, "message") != "User added" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	lead := insert(t, s, access, "Leads", `{"Last_Name":"A","Owner":{"id":"`+id+`"}}`)
	if a := api(t, s, "GET", "/crm/v8/Leads/"+lead+"?fields=Owner", access, ""); a.at("data", 0, "Owner", "name") != "Nina New" {
		t.Errorf("owner: %s", a.text)
	}
	for body, code := range map[string]string{
		`{"users":[{"last_name":"A","email":"ALICE@example.com","role":"1","profile":"2"}]}`: "DUPLICATE_DATA",
		`{"users":[{"last_name":"A","role":"1","profile":"2"}]}`:                             "MANDATORY_NOT_FOUND",
	} {
		if a := api(t, s, "POST", "/crm/v8/users", access, body); a.at("users", 0, "code") != code || a.status != 400 {
			t.Errorf("%s: %d %s", body, a.status, a.text)
		}
	}
	api(t, s, "PUT", "/crm/v8/users/"+id, access, `{"users":[{"phone":"5"}]}`)
	if a := api(t, s, "GET", "/crm/v8/users/"+id, access, ""); a.at("users", 0, "phone") != "5" || a.at("users", 0, "confirm") != false {
		t.Errorf("changed: %s", a.text)
	}
	if a := api(t, s, "GET", "/crm/v8/users?type=AllUsers&per_page=1&page=2", access, ""); !slices.Equal(ids(t, a, "users"), []string{id}) {
		t.Errorf("second page: %s", a.text)
	}
	api(t, s, "DELETE", "/crm/v8/users/"+id, access, "")
	for kind, n := range map[string]int{"DeletedUsers": 1, "ActiveUsers": 1, "AllUsers": 2} {
		if a := api(t, s, "GET", "/crm/v8/users?type="+kind, access, ""); a.len("users") != n {
			t.Errorf("%s: %s", kind, a.text)
		}
	}
	self := ids(t, api(t, s, "GET", "/crm/v8/users?type=CurrentUser", access, ""), "users")[0]
	want(t, api(t, s, "DELETE", "/crm/v8/users/"+self, access, ""), 403, "NO_PERMISSION")
	want(t, api(t, s, "DELETE", "/crm/v8/users/1", access, ""), 400, "INVALID_DATA")
}

// A sandbox is an organisation of its own under a path of its own; its tokens
// count nowhere else.
func TestEnvironments(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{
		{Email: "alice@x.example"}, {Email: "sandy@x.example", Environment: "sandbox"}, {Email: "erik@x.example", Location: "eu", Environment: "developer"},
	}})
	a := post(t, s, "/oauth/v2/token", exchangeForm(s.Grant("sandy")))
	if a.str("api_domain") != s.URL+"/sandbox" {
		t.Errorf("api_domain %s", a.str("api_domain"))
	}
	sandy := a.str("access_token")
	if a := api(t, s, "GET", "/sandbox/crm/v8/org", sandy, ""); a.at("org", 0, "type") != "Sandbox" {
		t.Errorf("%d %s", a.status, a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/org", sandy, ""), 401, "INVALID_TOKEN")
	alice, _ := connect(t, s, "alice", "")
	want(t, api(t, s, "GET", "/sandbox/crm/v8/org", alice, ""), 401, "INVALID_TOKEN")
	a = post(t, s, "/eu/oauth/v2/token", exchangeForm(s.Grant("erik")))
	if a.str("api_domain") != s.URL+"/eu/developer" {
		t.Errorf("api_domain %s", a.str("api_domain"))
	}
	if a := api(t, s, "GET", "/eu/developer/crm/v8/org", a.str("access_token"), ""); a.at("org", 0, "type") != "Developer" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

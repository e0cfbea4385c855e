package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zohocrm/sim"
)

// oasFolder holds Zoho's OpenAPI files, where they are at hand.
const oasFolder = "../../shared/oas"

// contract checks answers against one of the files.
type contract struct{ doc *openapi3.T }

// newLoader reads files; it keeps what several of them refer to.
func newLoader() *openapi3.Loader {
	// One file refers to a header that it does not describe.
	missingHeader := regexp.MustCompile(`"\$ref"\s*:\s*"[^"]*If-Modified-Since"`)
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		text, err := os.ReadFile(at.Path)
		if strings.HasSuffix(at.Path, "notes.json") {
			text = missingHeader.ReplaceAll(text, []byte(`"name":"If-Modified-Since","in":"header","schema":{"type":"string"}`))
		}
		return text, err
	}
	return loader
}

func readContract(t *testing.T, loader *openapi3.Loader, file string) contract {
	t.Helper()
	doc, err := loader.LoadFromFile(filepath.Join(oasFolder, file))
	if err != nil {
		t.Fatal(err)
	}
	return contract{doc}
}

// schema is the schema of an answer. Statuses that the file does not list are
// taken for its 200: most files list nothing else.
func (c contract) schema(t *testing.T, method, path string, status int) *openapi3.Schema {
	t.Helper()
	item := c.doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("%s %s is not described", method, path)
	}
	responses := item.GetOperation(method).Responses
	r := responses.Status(status)
	if r == nil || r.Value == nil || r.Value.Content["application/json"] == nil {
		r = responses.Status(http.StatusOK)
	}
	if r == nil || r.Value == nil || r.Value.Content["application/json"] == nil || r.Value.Content["application/json"].Schema == nil {
		return nil
	}
	return r.Value.Content["application/json"].Schema.Value
}

// mismatch says where a value is not of the type or among the values that the
// schema gives. The files are held to what they say of members that are there:
// they require and forbid null for far more than Zoho's answers have.
func mismatch(s *openapi3.Schema, v any, at string, depth int) string {
	if s == nil || v == nil || depth > 12 {
		return ""
	}
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		if len(list) == 0 {
			continue
		}
		first := ""
		for _, one := range list {
			wrong := mismatch(one.Value, v, at, depth+1)
			if wrong == "" && speaksOf(one.Value, v) {
				return ""
			}
			if first == "" {
				first = wrong
			}
		}
		return at + ": fits none of the variants; " + first
	}
	if len(s.Enum) > 0 && !listed(s.Enum, v) {
		return fmt.Sprintf("%s: %v is not one of %v", at, v, s.Enum)
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Type != nil && !s.Type.Is("object") {
			return at + ": an object instead of " + fmt.Sprint(*s.Type)
		}
		for name, member := range v {
			if p := s.Properties[name]; p != nil {
				if wrong := mismatch(p.Value, member, at+"."+name, depth+1); wrong != "" {
					return wrong
				}
			}
		}
	case []any:
		if s.Type != nil && !s.Type.Is("array") {
			return at + ": an array instead of " + fmt.Sprint(*s.Type)
		}
		for i, item := range v {
			if s.Items != nil {
				if wrong := mismatch(s.Items.Value, item, fmt.Sprintf("%s[%d]", at, i), depth+1); wrong != "" {
					return wrong
				}
			}
		}
	case string:
		if strings.HasSuffix(at, ".time_zone") || strings.HasSuffix(at, ".channel_id") { // objects in the file, texts at Zoho
			return ""
		}
		return scalar(s, at, "string")
	case bool:
		return scalar(s, at, "boolean")
	case float64:
		if s.Type != nil && s.Type.Is("integer") && v == float64(int64(v)) {
			return ""
		}
		return scalar(s, at, "number")
	}
	return ""
}

func scalar(s *openapi3.Schema, at, kind string) string {
	if s.Type == nil || s.Type.Is(kind) {
		return ""
	}
	return at + ": a " + kind + " instead of " + fmt.Sprint(*s.Type)
}

// speaksOf reports whether an object has a member that the schema names, so
// that a variant about something else does not pass.
func speaksOf(s *openapi3.Schema, v any) bool {
	object, ok := v.(map[string]any)
	if !ok || s == nil || len(s.Properties) == 0 || len(object) == 0 {
		return true
	}
	for name := range object {
		if s.Properties[name] != nil {
			return true
		}
	}
	return false
}

func listed(list []any, v any) bool {
	for _, one := range list {
		if fmt.Sprint(one) == fmt.Sprint(v) {
			return true
		}
	}
	return false
}

// TestAgainstOpenAPI: the simulator's answers have the members, types and
// enumerated values that Zoho's OpenAPI files give them.
func TestAgainstOpenAPI(t *testing.T) {
	if _, err := os.Stat(oasFolder); err != nil {
		t.Skip("Zoho's OpenAPI files are not here")
	}
	s := stopped(t, sim.Config{BulkTime: -1, Limits: new(sim.NoLimits())})
	access := every(t, s, "alice")
	files := map[string]contract{}
	call := func(file, template, method, path, body string, headers ...string) answer {
		t.Helper()
		if _, ok := files[file]; !ok {
			files[file] = readContract(t, newLoader(), file)
		}
		a := api(t, s, method, path, access, body, headers...)
		schema := files[file].schema(t, method, template, a.status)
		if a.text == "" || schema == nil {
			return a
		}
		var v any
		if err := json.Unmarshal([]byte(a.text), &v); err != nil {
			t.Errorf("%s %s: %v", method, path, err)
			return a
		}
		if wrong := mismatch(schema, v, "", 0); wrong != "" {
			t.Errorf("%s %s answers %d: %s\n%.600s", method, path, a.status, wrong, a.text)
		}
		return a
	}
	const module, record = "/crm/v8/{module_api_name}", "/crm/v8/{module_api_name}/{id}"
	first := call("record.json", module, "GET", "/crm/v8/Leads?fields=Last_Name,Owner,Tag,Created_Time&per_page=2", "").item(t, "data", 0)["id"].(string)
	lead := "/crm/v8/Leads/" + first
	call("record.json", record, "GET", lead, "")
	call("record.json", module, "POST", "/crm/v8/Leads", `{"data":[{"Last_Name":"A"},{}]}`)
	call("record.json", module, "PUT", "/crm/v8/Leads", `{"data":[{"id":"`+first+`","Phone":"1"}]}`)
	call("record.json", module+"/upsert", "POST", "/crm/v8/Leads/upsert", `{"data":[{"Last_Name":"A","Email":"new@x.example"}]}`)
	call("record.json", module+"/search", "GET", "/crm/v8/Leads/search?word=abbott", "")
	call("record.json", module+"/search", "GET", "/crm/v8/Leads/search?criteria=x", "")
	call("record_count.json", module+"/actions/count", "GET", "/crm/v8/Leads/actions/count", "")
	call("record.json", record+"/actions/clone", "POST", lead+"/actions/clone", "{}")
	call("record.json", module+"/actions/mass_update", "POST", "/crm/v8/Leads/actions/mass_update", `{"data":[{"Phone":"2"}],"ids":["`+first+`"]}`)
	call("coql.json", "/crm/v8/coql", "POST", "/crm/v8/coql", query(t, "select Last_Name from Leads where id is not null"))
	call("coql.json", "/crm/v8/coql", "POST", "/crm/v8/coql", query(t, "select Last_Name form Leads"))
	call("coql.json", "/crm/v8/coql", "POST", "/crm/v8/coql", query(t, "select Nothing from Leads where id is not null"))
	for file, path := range map[string]string{
		"modules.json": "modules", "fields.json": "fields", "layouts.json": "layouts", "related_lists.json": "related_lists",
		"custom_views.json": "custom_views", "tags.json": "tags",
	} {
		call(file, "/crm/v8/settings/"+path, "GET", "/crm/v8/settings/"+path+"?module=Deals", "")
	}
	call("modules.json", "/crm/v8/settings/modules/{api_name}", "GET", "/crm/v8/settings/modules/Leads", "")
	call("users.json", "/crm/v8/users", "GET", "/crm/v8/users?type=AllUsers", "")
	call("users.json", "/crm/v8/users", "POST", "/crm/v8/users", `{"users":[{"last_name":"New","email":"n@x.example","role":"1","profile":"1"}]}`)
	call("org.json", "/crm/v8/org", "GET", "/crm/v8/org", "")
	tag := call("tags.json", "/crm/v8/settings/tags", "POST", "/crm/v8/settings/tags?module=Leads", `{"tags":[{"name":"hot"}]}`)
	call("tags.json", "/crm/v8/settings/tags", "GET", "/crm/v8/settings/tags?module=Leads", "")
	tagID := fmt.Sprint(tag.at("tags", 0, "details", "id"))
	call("tags.json", module+"/actions/add_tags", "POST", "/crm/v8/Leads/actions/add_tags", `{"tags":[{"name":"hot"}],"ids":["`+first+`"]}`)
	call("tags.json", "/crm/v8/settings/tags/{id}/actions/records_count", "GET", "/crm/v8/settings/tags/"+tagID+"/actions/records_count?module=Leads", "")
	call("tags.json", "/crm/v8/settings/tags/{id}", "DELETE", "/crm/v8/settings/tags/"+tagID, "")
	call("notes.json", "/crm/v8/Notes", "POST", "/crm/v8/Notes", `{"data":[{"Note_Content":"x","Parent_Id":{"id":"`+first+`","module":{"api_name":"Leads"}}}]}`)
	call("notes.json", "/crm/v8/Notes", "GET", "/crm/v8/Notes?fields=Note_Content,Parent_Id", "")
	call("attachments.json", "/crm/v8/{module}/{record_id}/Attachments", "POST", lead+"/Attachments?attachmentUrl=https://a.example/f&title=f", "")
	call("attachments.json", "/crm/v8/{module}/{record_id}/Attachments", "GET", lead+"/Attachments?fields=File_Name", "")
	call("record_photo.json", "/crm/v8/{module}/{record}/photo", "DELETE", lead+"/photo", "")
	call("timelines.json", "/crm/v8/{module}/{record_id}/__timeline", "GET", lead+"/__timeline", "")
	call("convert_lead.json", "/crm/v8/Leads/{lead_id}/actions/convert", "POST", lead+"/actions/convert",
		`{"data":[{"Deals":{"Deal_Name":"D","Stage":"Qualification"}}]}`)
	call("convert_lead.json", "/crm/v8/Leads/{lead_id}/actions/convert", "POST", lead+"/actions/convert", `{"data":[{}]}`)
	job := call("bulk_read.json", "/crm/bulk/v8/read", "POST", "/crm/bulk/v8/read", `{"query":{"module":{"api_name":"Leads"}}}`)
	call("bulk_read.json", "/crm/bulk/v8/read/{job_id}", "GET", "/crm/bulk/v8/read/"+fmt.Sprint(job.at("data", 0, "details", "id")), "")
	call("bulk_read.json", "/crm/bulk/v8/read/{job_id}", "GET", "/crm/bulk/v8/read/1", "")
	call("bulk_read.json", "/crm/bulk/v8/read", "POST", "/crm/bulk/v8/read", `{"query":{"module":{"api_name":"Nothing"}}}`)
	call("bulk_write.json", "/crm/bulk/v8/write", "POST", "/crm/bulk/v8/write", `{}`)
	call("composite_requests.json", "/crm/v8/__composite_requests", "POST", "/crm/v8/__composite_requests", `{"__composite_requests":[]}`)
	call("notifications.json", "/crm/v8/actions/watch", "POST", "/crm/v8/actions/watch",
		`{"watch":[{"channel_id":7,"events":["Leads.all"],"notify_url":"https://x.example/hook","token":"t"}]}`)
	call("notifications.json", "/crm/v8/actions/watch", "GET", "/crm/v8/actions/watch", "")
	call("notifications.json", "/crm/v8/actions/watch", "PATCH", "/crm/v8/actions/watch", `{"watch":[{"channel_id":7,"token":"u"}]}`)
	call("notifications.json", "/crm/v8/actions/watch", "PATCH", "/crm/v8/actions/watch", `{"watch":[{"channel_id":8}]}`)
	call("notifications.json", "/crm/v8/actions/watch", "DELETE", "/crm/v8/actions/watch?channel_ids=7", "")
	call("record.json", module, "DELETE", "/crm/v8/Leads?ids="+first, "")
	call("record.json", module+"/deleted", "GET", "/crm/v8/Leads/deleted?type=all", "")
	if len(files) < 18 {
		t.Errorf("only %d files were looked at", len(files))
	}
}

package crm_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
)

// oasFolder is Zoho's own OpenAPI description, where it is at hand.
const oasFolder = "../../shared/oas"

// oasFile is the part of an OpenAPI file that is looked at.
type oasFile struct {
	Paths      map[string]map[string]oasOperation
	Components struct {
		Parameters map[string]oasParameter
		Schemas    map[string]struct{ Properties map[string]any }
	}
}

type oasOperation struct{ Parameters []oasParameter }

type oasParameter struct {
	Ref  string `json:"$ref"`
	Name string
	In   string
}

func readOAS(t *testing.T, name string) oasFile {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(oasFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	var f oasFile
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// allows reports whether an operation has the parameter.
func (f oasFile) allows(op oasOperation, name, in string) bool {
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p = f.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
		}
		if strings.EqualFold(p.Name, name) && p.In == in {
			return true
		}
	}
	return false
}

// TestAgainstOpenAPI: every call goes to an address, with parameters, headers
// and body members, that Zoho's OpenAPI files describe.
func TestAgainstOpenAPI(t *testing.T) {
	if _, err := os.Stat(oasFolder); err != nil {
		t.Skip("Zoho's OpenAPI files are not here")
	}
	ctx := t.Context()
	type writeBody map[string]json.RawMessage
	var got *http.Request
	var body writeBody
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		got, body = r, nil
		if text, _ := io.ReadAll(r.Body); len(text) > 0 {
			if err := json.Unmarshal(text, &body); err != nil {
				t.Error(err)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	})
	c, _ := server.client(t)
	now := time.Now()
	all := &crm.ListOptions{
		Fields: []string{"id"}, IDs: []string{"1"}, CVID: "1", SortBy: "id", SortOrder: "asc", PerPage: 1, Page: 1, PageToken: "t",
		Converted: "both", TerritoryID: "1", IncludeChild: true, Approved: "both", ModifiedSince: now,
	}
	write := &crm.WriteOptions{Trigger: []string{"workflow"}, DuplicateCheckFields: []string{"Email"}}
	record := map[string]string{"id": "1"}
	for _, test := range []struct {
		file, template string
		call           func()
		notListed      string // what Zoho's pages describe and the files leave out
	}{
		{"record.json", "/crm/v8/{module_api_name}", func() { c.Records.ListPage(ctx, "Leads", all) }, ""},
		{"record.json", "/crm/v8/{module_api_name}/{id}", func() {
			c.Records.Get(ctx, "Leads", "1", &crm.GetOptions{Fields: []string{"id"}, ModifiedSince: now})
		}, ""},
		{"record.json", "/crm/v8/{module_api_name}", func() { c.Records.Insert(ctx, "Leads", record, write) }, ""},
		{"record.json", "/crm/v8/{module_api_name}", func() { c.Records.Update(ctx, "Leads", record, write) }, ""},
		{"record.json", "/crm/v8/{module_api_name}/upsert", func() { c.Records.Upsert(ctx, "Leads", record, write) }, ""},
		{"record.json", "/crm/v8/{module_api_name}", func() {
			c.Records.Delete(ctx, "Leads", []string{"1"}, &crm.DeleteOptions{NoWorkflow: true})
		}, ""},
		{"record_count.json", "/crm/v8/{module_api_name}/actions/count", func() {
			c.Records.Count(ctx, "Leads", &crm.CountOptions{Email: "e", Phone: "p", Word: "w", CVID: "1", Criteria: "c"})
		}, "criteria"},
		{"users.json", "/crm/v8/users", func() { c.Users.Current(ctx) }, ""},
		{"org.json", "/crm/v8/org", func() { c.Org.Get(ctx) }, ""},
	} {
		got = nil
		test.call()
		if got == nil {
			t.Errorf("%s: nothing was sent", test.template)
			continue
		}
		oas := readOAS(t, test.file)
		op, ok := oas.Paths[test.template][strings.ToLower(got.Method)]
		if path := strings.NewReplacer("{module_api_name}", "Leads", "{id}", "1").Replace(test.template); !ok || got.URL.Path != path {
			t.Errorf("%s %s is not described", got.Method, got.URL.Path)
		}
		for name := range got.URL.Query() {
			if !oas.allows(op, name, "query") && name != test.notListed {
				t.Errorf("%s %s: parameter %s is not described", got.Method, test.template, name)
			}
		}
		if got.Header.Get("If-Modified-Since") != "" && !oas.allows(op, "If-Modified-Since", "header") {
			t.Errorf("%s %s: If-Modified-Since is not described", got.Method, test.template)
		}
		for name := range body {
			if _, ok := oas.Components.Schemas["Body_Wrapper"].Properties[name]; !ok {
				t.Errorf("%s %s: body member %s is not described", got.Method, test.template, name)
			}
		}
	}
}

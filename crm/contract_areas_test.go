package crm_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// operation is one operation of Zoho's OpenAPI files.
type operation struct {
	file     string
	method   string
	path     *regexp.Regexp
	literals int // segments without braces: more of them is a better match
	query    []string
	body     []string // top-level members; nil: none are listed
}

// operations reads all of them. References are followed inside a file.
func operations(t *testing.T) (list []operation) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(oasFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	braces := regexp.MustCompile(`\\\{[^/]*\\\}`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var root any
		if err := json.Unmarshal(text, &root); err != nil {
			t.Fatal(err)
		}
		follow := func(node any) map[string]any {
			for range 10 {
				m, _ := node.(map[string]any)
				ref, _ := m["$ref"].(string)
				inside, ok := strings.CutPrefix(ref, "#/")
				if !ok {
					return m
				}
				node = root
				for part := range strings.SplitSeq(inside, "/") {
					m, _ := node.(map[string]any)
					node = m[part]
				}
			}
			return nil
		}
		paths, _ := root.(map[string]any)["paths"].(map[string]any)
		for template, node := range paths {
			for method, node := range follow(node) {
				op := operation{file: filepath.Base(name), method: strings.ToUpper(method)}
				op.path = regexp.MustCompile("^" + braces.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+") + "$")
				for segment := range strings.SplitSeq(template, "/") {
					if !strings.Contains(segment, "{") {
						op.literals++
					}
				}
				spec := follow(node)
				parameters, _ := spec["parameters"].([]any)
				for _, p := range parameters {
					if p := follow(p); p["in"] == "query" {
						name, _ := p["name"].(string)
						op.query = append(op.query, name)
					}
				}
				content, _ := follow(spec["requestBody"])["content"].(map[string]any)
				if kind, ok := content["application/json"].(map[string]any); ok {
					members, _ := follow(kind["schema"])["properties"].(map[string]any)
					for name := range members {
						op.body = append(op.body, name)
					}
				}
				list = append(list, op)
			}
		}
	}
	return list
}

// TestEveryCallIsDescribed: what the methods of all areas send has an operation
// in Zoho's OpenAPI files, with these parameters and members of the body.
func TestEveryCallIsDescribed(t *testing.T) {
	if _, err := os.Stat(oasFolder); err != nil {
		t.Skip("Zoho's OpenAPI files are not here")
	}
	all := operations(t)
	if len(all) != 423 {
		t.Errorf("%d operations, want 423", len(all))
	}
	ctx := t.Context()
	seen := 0
	c := carried(t, crm.Config{Retries: -1, MetadataLife: -1}, func(r *http.Request) (*http.Response, error) {
		seen++
		checkCall(t, all, r)
		if r.URL.Path == "/crm/v8/org" {
			return answer(200, myOrg), nil
		}
		return answer(400, `{"code":"INVALID_REQUEST","status":"error","message":"x","details":{}}`), nil
	})
	file := crm.File{Name: "a.zip", Body: bytes.NewReader([]byte("x"))}
	watch := crm.Watch{ChannelID: "1", Events: []string{"Leads.all"}, NotifyURL: "https://example.org", Token: oauth.NewSecret("t"), Expiry: time.Now().Add(time.Hour), FieldValues: true, RelatedAction: true}
	query := crm.WriteQuery{Operation: "insert", Module: "Leads", Fields: []crm.FieldMapping{{APIName: "a", FindBy: "b", Format: "c", Default: "d"}}, FindBy: "a", IgnoreEmpty: true, CallbackURL: "https://example.org"}
	where := crm.And(crm.Equal("a", 1), crm.Equal("b", "x"))
	for i, call := range []func(){
		func() { one(c.Records.Deleted(ctx, "Leads", &crm.DeletedOptions{ModifiedSince: time.Now()})) },
		func() {
			one(c.Records.Timeline(ctx, "Leads", "1", &crm.TimelineOptions{Filters: "{}", SortOrder: "asc"}))
		},
		func() {
			one(c.Records.Search(ctx, "Leads", &crm.SearchOptions{Where: where, Fields: []string{"a"}, Converted: "both", Approved: "both", Page: 2}))
		},
		func() { c.Records.Clone(ctx, "Leads", "1") },
		func() { c.Records.MassUpdate(ctx, "Leads", crm.MassUpdate{Field: "a", CVID: "1", Where: where}) },
		func() { c.Records.MassUpdateStatus(ctx, "Leads", "1") },
		func() { c.Records.Update(ctx, "Leads", map[string]string{"E": "x"}, &crm.WriteOptions{External: "E"}) },
		func() {
			c.Records.Delete(ctx, "Leads", []string{"x"}, &crm.DeleteOptions{External: "E", NoWorkflow: true})
		},
		func() { one(c.Related.List(ctx, "Leads", "1", "Products", &crm.RelatedOptions{Fields: []string{"a"}})) },
		func() { c.Related.Get(ctx, "Leads", "1", "Products", "2", []string{"a"}) },
		func() { c.Related.Link(ctx, "Leads", "1", "Products", map[string]string{"id": "2"}) },
		func() { c.Related.Unlink(ctx, "Leads", "1", "Products", "2") },
		func() { c.Leads.Convert(ctx, "1", crm.Conversion{}) },
		func() { c.Leads.ConversionOptions(ctx, "1") },
		func() { one(c.Notes.List(ctx, "Leads", "1", nil)) },
		func() { one(c.Notes.All(ctx, nil)) },
		func() { c.Notes.Get(ctx, "1") },
		func() { c.Notes.Add(ctx, "Leads", "1", crm.Note{Title: "a", Content: "b"}) },
		func() { c.Notes.Update(ctx, "1", crm.Note{Title: "a"}) },
		func() { c.Notes.Delete(ctx, "1") },
		func() { one(c.Attachments.List(ctx, "Leads", "1")) },
		func() { c.Attachments.Upload(ctx, "Leads", "1", file) },
		func() { c.Attachments.Link(ctx, "Leads", "1", "https://example.org", "t") },
		func() { c.Attachments.Download(ctx, "Leads", "1", "2", io.Discard) },
		func() { c.Attachments.Delete(ctx, "Leads", "1", "2") },
		func() { c.Photos.Upload(ctx, "Leads", "1", file) },
		func() { c.Photos.Download(ctx, "Leads", "1", io.Discard) },
		func() { c.Photos.Delete(ctx, "Leads", "1") },
		func() { c.Files.Upload(ctx, file) },
		func() { c.Files.Download(ctx, "1", io.Discard) },
		func() { c.Tags.List(ctx, "Leads") },
		func() { c.Tags.Create(ctx, "Leads", crm.Tag{Name: "a"}) },
		func() { c.Tags.Update(ctx, "Leads", crm.Tag{ID: "1", Name: "a"}) },
		func() { c.Tags.Delete(ctx, "1") },
		func() { c.Tags.Merge(ctx, "1", "2") },
		func() { c.Tags.Count(ctx, "Leads", "1") },
		func() {
			c.Tags.Add(ctx, "Leads", []string{"1"}, []crm.Tag{{Name: "a"}}, &crm.TagOptions{Overwrite: true})
		},
		func() { c.Tags.Remove(ctx, "Leads", []string{"1"}, []crm.Tag{{ID: "1"}}) },
		func() { c.Query.Run(ctx, "select id from Leads") },
		func() { c.Metadata.Modules(ctx) },
		func() { c.Metadata.Module(ctx, "Leads") },
		func() { c.Metadata.Fields(ctx, "Leads") },
		func() { c.Metadata.Field(ctx, "Leads", "1") },
		func() { c.Metadata.Layouts(ctx, "Leads") },
		func() { c.Metadata.Layout(ctx, "Leads", "1") },
		func() { c.Metadata.RelatedLists(ctx, "Leads") },
		func() { one(c.Metadata.CustomViews(ctx, "Leads")) },
		func() { c.Metadata.CustomView(ctx, "Leads", "1") },
		func() { one(c.Users.List(ctx, &crm.UsersOptions{Type: "ActiveUsers", IDs: []string{"1"}})) },
		func() { c.Users.Get(ctx, "1") },
		func() { c.Users.Add(ctx, map[string]string{}) },
		func() { c.Users.Update(ctx, "1", map[string]string{}) },
		func() { c.Users.Delete(ctx, "1") },
		func() {
			c.Bulk.StartRead(ctx, crm.ReadQuery{Module: "Leads", Fields: []string{"a"}, Where: where, CVID: "1", Page: 1, FileType: "csv", CallbackURL: "https://example.org"})
		},
		func() { c.Bulk.ReadJob(ctx, "1") },
		func() { c.Bulk.DownloadRead(ctx, "1", io.Discard) },
		func() { c.Bulk.StartWrite(ctx, "1", query) },
		func() { c.Bulk.WriteJob(ctx, "1") },
		func() { c.Bulk.Upload(ctx, file) },
		func() { c.Composite.Run(ctx, []crm.SubRequest{{Path: "/crm/v8/org"}}, nil) },
		func() { c.Notifications.Enable(ctx, watch) },
		func() { c.Notifications.Update(ctx, watch) },
		func() { c.Notifications.Renew(ctx, watch) },
		func() { c.Notifications.Disable(ctx, "1") },
		func() { one(c.Notifications.List(ctx, &crm.WatchOptions{ChannelID: "1", Module: "Leads"})) },
	} {
		before := seen
		if call(); seen == before {
			t.Errorf("call %d sent nothing", i)
		}
	}
}

// one asks for the first page of a list.
func one[T any](list func(func(T, error) bool)) {
	for range list {
		break
	}
}

// notListed are parameters and members that Zoho's pages describe and the
// OpenAPI files of 2025-06 leave out.
var notListed = []string{"parallel_execution", "over_write", "cvid"}

func checkCall(t *testing.T, all []operation, r *http.Request) {
	t.Helper()
	var best *operation
	for i, op := range all {
		// The same operation may stand in two files: the one that lists more.
		if op.method == r.Method && op.path.MatchString(r.URL.EscapedPath()) &&
			(best == nil || op.literals > best.literals || op.literals == best.literals && len(op.query)+len(op.body) > len(best.query)+len(best.body)) {
			best = &all[i]
		}
	}
	if best == nil {
		t.Errorf("%s %s is not described", r.Method, r.URL.Path)
		return
	}
	for name := range r.URL.Query() {
		if !slices.Contains(best.query, name) && !slices.Contains(notListed, name) {
			t.Errorf("%s %s: %s does not list parameter %s", r.Method, r.URL.Path, best.file, name)
		}
	}
	if r.Body == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return
	}
	var body map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	for name := range body {
		if best.body != nil && !slices.Contains(best.body, name) && !slices.Contains(notListed, name) {
			t.Errorf("%s %s: %s does not list body member %s", r.Method, r.URL.Path, best.file, name)
		}
	}
}

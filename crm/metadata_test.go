package crm_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/sim"
)

func TestMetadata(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: 5})
	ctx := t.Context()
	modules, err := c.Metadata.Modules(ctx)
	if err != nil || len(modules) < 4 {
		t.Fatalf("%+v, %v", modules, err)
	}
	module, err := c.Metadata.Module(ctx, "Leads")
	if err != nil || module.APIName != "Leads" || module.ID == "" || module.PluralLabel == "" {
		t.Errorf("%+v, %v", module, err)
	}
	fields, err := c.Metadata.Fields(ctx, "Leads")
	if err != nil || len(fields) < 10 {
		t.Fatalf("%d fields, %v", len(fields), err)
	}
	var last, source crm.Field
	for _, f := range fields {
		switch f.APIName {
		case "Last_Name":
			last = f
		case "Lead_Source":
			source = f
		}
	}
	if !last.Mandatory || last.DataType != "text" || last.Length == 0 || last.Label == "" || len(source.Values) == 0 {
		t.Errorf("%+v\n%+v", last, source)
	}
	if f, err := c.Metadata.Field(ctx, "Leads", last.ID); err != nil || f.APIName != "Last_Name" {
		t.Errorf("%+v, %v", f, err)
	}
	layouts, err := c.Metadata.Layouts(ctx, "Leads")
	if err != nil || len(layouts) == 0 || len(layouts[0].Sections) == 0 || len(layouts[0].Sections[0].Fields) == 0 {
		t.Fatalf("%+v, %v", layouts, err)
	}
	if l, err := c.Metadata.Layout(ctx, "Leads", layouts[0].ID); err != nil || l.Name != layouts[0].Name {
		t.Errorf("%+v, %v", l, err)
	}
	if lists, err := c.Metadata.RelatedLists(ctx, "Leads"); err != nil || len(lists) == 0 || lists[0].APIName == "" {
		t.Errorf("%+v, %v", lists, err)
	}
	n := 0
	for v, err := range c.Metadata.CustomViews(ctx, "Leads") {
		if err != nil {
			t.Fatal(err)
		}
		if one, err := c.Metadata.CustomView(ctx, "Leads", v.ID); err != nil || one.Name != v.Name {
			t.Errorf("%+v, %v", one, err)
		}
		n++
	}
	if n == 0 {
		t.Error("no views")
	}

	// All of it is remembered, but for the list of views.
	before := server.Counters().APICalls
	again, err := c.Metadata.Fields(ctx, "Leads")
	if err != nil || len(again) != len(fields) || server.Counters().APICalls != before {
		t.Errorf("%d fields, %v, %d calls", len(again), err, server.Counters().APICalls-before)
	}
	c.Metadata.Forget()
	if _, err := c.Metadata.Fields(ctx, "Leads"); err != nil || server.Counters().APICalls != before+1 {
		t.Errorf("%v, %d calls", err, server.Counters().APICalls-before)
	}
	if _, err := c.Metadata.Fields(ctx, ""); err == nil {
		t.Error("no module was asked for")
	}
}

// TestMetadataIsAskedAgain: after its life, with If-Modified-Since of Zoho's clock.
func TestMetadataIsAskedAgain(t *testing.T) {
	var since []string
	answer := http.StatusOK
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		since = append(since, r.Header.Get("If-Modified-Since"))
		w.Header().Set("Date", "Mon, 02 Mar 2026 10:00:00 GMT")
		if answer == http.StatusNotModified {
			w.WriteHeader(answer)
			return
		}
		says(answer, jsonType, `{"modules":[{"api_name":"Leads"}]}`)(w, r)
	})
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := newClient(t, crm.Config{
		Source: tokensFor(server.URL, "1000.x"), Directory: directory(t, server.URL), Retries: -1,
		MetadataLife: time.Minute, Now: func() time.Time { return now },
	})
	ask := func(wantErr bool) {
		t.Helper()
		modules, err := c.Metadata.Modules(t.Context())
		if (err != nil) != wantErr || !wantErr && (len(modules) != 1 || modules[0].APIName != "Leads") {
			t.Errorf("%+v, %v", modules, err)
		}
	}
	ask(false)
	now = now.Add(59 * time.Second)
	ask(false)
	now = now.Add(time.Second)
	answer = http.StatusNotModified
	ask(false)
	now = now.Add(time.Minute)
	answer = http.StatusInternalServerError
	ask(true)
	answer = http.StatusOK
	ask(false)
	const first = "2026-03-02T10:00:00+00:00"
	if got := strings.Join(since, ","); got != ","+first+","+first+","+first {
		t.Errorf("asked since %q", got)
	}
}

// TestMetadataForMany: who asks at the same time waits for one call.
func TestMetadataForMany(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: -1})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if fields, err := c.Metadata.Fields(t.Context(), "Leads"); err != nil || len(fields) == 0 {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := server.Counters().APICalls; n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestSuggestions(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: 5})
	ctx := t.Context()
	wrong := func() (err error) {
		_, err = c.Records.Count(ctx, "Contcats", nil)
		return err
	}
	var e *crm.Error
	if err := wrong(); !errors.As(err, &e) || e.Nearest != "Contacts" || !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("%v", err)
	}
	before := server.Counters().APICalls
	if err := wrong(); !errors.As(err, &e) || e.Nearest != "Contacts" || server.Counters().APICalls != before+1 {
		t.Errorf("%v, %d calls", err, server.Counters().APICalls-before)
	}
	// Do asks nothing for it, but knows by now.
	if _, err := c.Do(ctx, crm.Request{Path: "/crm/v8/Acounts?fields=id"}, nil); !errors.As(err, &e) || e.Nearest != "Accounts" {
		t.Errorf("%v", err)
	}
	if _, err := c.Records.Count(ctx, "Zzzzzzzzz", nil); !errors.As(err, &e) || e.Nearest != "" {
		t.Errorf("%v", err)
	}
	for _, err := range c.Records.Search(ctx, "Leads", &crm.SearchOptions{Where: crm.Equal("Last_Nmae", "x")}) {
		if !errors.As(err, &e) || e.Nearest != "Last_Name" {
			t.Errorf("%v", err)
		}
	}
	if _, err := c.Metadata.Fields(ctx, "Laeds"); !errors.As(err, &e) || e.Nearest != "Leads" {
		t.Errorf("%v", err)
	}

	// Without the scope there is no suggestion, and no call for it a second time.
	src := connect(t, server, "alice", "", "ZohoCRM.modules.ALL")
	narrow := newClient(t, crm.Config{Source: src, Directory: directory(t, server.URL)})
	for i, want := range []int64{2, 1} {
		before = server.Counters().APICalls
		if _, err := narrow.Records.Count(ctx, "Contcats", nil); !errors.As(err, &e) || e.Nearest != "" || server.Counters().APICalls-before != want {
			t.Errorf("%d: %v, %d calls", i, err, server.Counters().APICalls-before)
		}
	}
}

package crm_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/sim"
)

func TestDeletedAndTimeline(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	added, err := c.Records.Insert(ctx, "Leads", leads(250), nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range added {
		ids = append(ids, r.ID)
	}
	if _, err := c.Records.Update(ctx, "Leads", lead{ID: ids[0], Company: "Changed"}, nil); err != nil {
		t.Fatal(err)
	}
	var actions []string
	for e, err := range c.Records.Timeline(ctx, "Leads", ids[0], &crm.TimelineOptions{SortOrder: "desc"}) {
		if err != nil {
			t.Fatal(err)
		}
		actions = append(actions, e.Action)
		if e.Time.IsZero() || e.By.ID == "" {
			t.Errorf("%+v", e)
		}
	}
	if len(actions) < 2 {
		t.Errorf("timeline %q", actions)
	}
	if _, err := c.Records.Delete(ctx, "Leads", ids, nil); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for d, err := range c.Records.Deleted(ctx, "Leads", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Type != "recycle" || d.DeletedTime.IsZero() {
			t.Errorf("%+v", d)
		}
		seen[d.ID] = true
	}
	if len(seen) != 250 {
		t.Errorf("%d deleted records, want 250", len(seen))
	}
	for _, err := range c.Records.Deleted(ctx, "Leads", &crm.DeletedOptions{Type: "recycle", ModifiedSince: server.Now().Add(time.Hour)}) {
		if !errors.Is(err, crm.ErrNotModified) {
			t.Errorf("ModifiedSince: %v", err)
		}
	}
}

func TestSearch(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	names := []string{"Bach, J.S. (the old)", `back\slash`, "Bach: K", "Händel"}
	for _, name := range names {
		insertOne(t, c, "Leads", lead{LastName: name, Company: "Example", Email: fmt.Sprintf("x%d@example.org", len(name))})
	}
	find := func(opts crm.SearchOptions) (found []string) {
		t.Helper()
		for r, err := range c.Records.Search(ctx, "Leads", &opts) {
			if err != nil {
				t.Fatalf("%+v: %v", opts, err)
			}
			found = append(found, r.Text("Last_Name"))
		}
		return found
	}
	for _, name := range names {
		if got := find(crm.SearchOptions{Where: crm.Equal("Last_Name", name), Fields: []string{"Last_Name"}}); len(got) != 1 || got[0] != name {
			t.Errorf("%q found %q", name, got)
		}
	}
	if got := find(crm.SearchOptions{Where: crm.In("Last_Name", names...)}); len(got) != 4 {
		t.Errorf("In found %q", got)
	}
	where := crm.And(crm.StartsWith("Last_Name", "Bach"), crm.Equal("Company", "Example"), crm.Condition{})
	if got := find(crm.SearchOptions{Where: where}); len(got) != 2 {
		t.Errorf("And found %q", got)
	}
	if n, err := c.Records.Count(ctx, "Leads", &crm.CountOptions{Where: where}); n != 2 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
	if got := find(crm.SearchOptions{Email: "x7@example.org"}); len(got) != 2 { // two names of seven bytes
		t.Errorf("Email found %q", got)
	}
	if got := find(crm.SearchOptions{Where: crm.Equal("Last_Name", "nobody")}); len(got) != 0 {
		t.Errorf("nobody is %q", got)
	}
	for _, opts := range []*crm.SearchOptions{
		nil, {}, {Email: "a", Phone: "b"}, {Where: crm.Equal("a", "b"), Criteria: "(a:equals:b)"}, {Where: crm.Equal("a) or (b", 1)},
		{Where: crm.Equal("Last_Name", "a\nb")}, {Where: crm.Equal("Last_Name", struct{}{})}, {Where: crm.IsNull("Last_Name")}, {Where: crm.In[string]("Last_Name")},
	} {
		for _, err := range c.Records.Search(ctx, "Leads", opts) {
			if err == nil || errors.Is(err, crm.ErrRequest) {
				t.Errorf("%+v was sent: %v", opts, err)
			}
		}
	}
}

// TestSearchEndsAt2000: what was found stays found, and the end is told.
func TestSearchEndsAt2000(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: 2100})
	n := 0
	var last error
	for _, err := range c.Records.Search(t.Context(), "Leads", &crm.SearchOptions{Where: crm.StartsWith("Email", "lead"), Fields: []string{"Email"}}) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 2000 || !errors.Is(last, crm.ErrLimit) || !strings.Contains(last.Error(), "after 2000 records") {
		t.Errorf("%d records, then %v", n, last)
	}
}

func TestCloneMassUpdateExternal(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	id := insertOne(t, c, "Contacts", map[string]any{"Last_Name": "Bach", "External_Key": "BWV 1"})
	record, err := c.Records.Get(ctx, "Contacts", "BWV 1", &crm.GetOptions{External: "External_Key"})
	if err != nil || record.ID() != id {
		t.Errorf("by external ID: %v, %v", record, err)
	}
	changed, err := c.Records.Update(ctx, "Contacts", map[string]any{"External_Key": "BWV 1", "Last_Name": "Bach the elder"}, &crm.WriteOptions{External: "External_Key"})
	if err != nil || changed[0].ID != id {
		t.Errorf("update by external ID: %+v, %v", changed, err)
	}
	if _, err := c.Records.Update(ctx, "Contacts", map[string]any{"id": id}, &crm.WriteOptions{External: "External_Key"}); err == nil {
		t.Error("an update without the external field was sent")
	}

	first := insertOne(t, c, "Leads", lead{LastName: "One"})
	second, err := c.Records.Clone(ctx, "Leads", first)
	if err != nil || second.ID == "" || second.ID == first {
		t.Fatalf("Clone: %+v, %v", second, err)
	}
	results, err := c.Records.MassUpdate(ctx, "Leads", crm.MassUpdate{Field: "Company", Value: "Same", IDs: []string{first, second.ID}, Overwrite: true})
	if err != nil || len(results) == 0 {
		t.Errorf("MassUpdate: %+v, %v", results, err)
	}
	if record, err := c.Records.Get(ctx, "Leads", second.ID, nil); err != nil || record.Text("Company") != "Same" {
		t.Errorf("%v, %v", record, err)
	}
	for _, wrong := range []crm.MassUpdate{{}, {Field: "a"}, {Field: "a", IDs: []string{"1"}, CVID: "2"}} {
		if _, err := c.Records.MassUpdate(ctx, "Leads", wrong); err == nil {
			t.Errorf("%+v was sent", wrong)
		}
	}
	if deleted, err := c.Records.Delete(ctx, "Contacts", []string{"BWV 1"}, &crm.DeleteOptions{External: "External_Key"}); err != nil || len(deleted) != 1 {
		t.Errorf("delete by external ID: %+v, %v", deleted, err)
	}
}

// TestMassUpdateStatus reads the answers of OpenAPI's record.json.
func TestMassUpdateStatus(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{"data":[{"Status":"RUNNING","Failed_Count":1,"Updated_Count":2,"Not_Updated_Count":3,"Total_Count":6}]}`))
	c, _ := server.client(t)
	job, err := c.Records.MassUpdateStatus(t.Context(), "Leads", "77")
	if err != nil || *job != (crm.MassUpdateJob{Status: "RUNNING", Total: 6, Updated: 2, NotUpdated: 3, Failed: 1}) {
		t.Errorf("%+v, %v", job, err)
	}
}

func TestPageTokenOfAnotherQuery(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: 500})
	ctx := t.Context()
	page, err := c.Records.ListPage(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}})
	if err != nil {
		t.Fatal(err)
	}
	other := &crm.ListOptions{Fields: []string{"Email"}, PageToken: page.Info.NextPageToken}
	if _, err := c.Records.ListPage(ctx, "Leads", other); !errors.Is(err, crm.ErrPageToken) || !errors.Is(err, crm.ErrRequest) {
		t.Errorf("a token of another query: %v", err)
	}
	server.Advance(25 * time.Hour)
	same := &crm.ListOptions{Fields: []string{"Last_Name"}, PageToken: page.Info.NextPageToken}
	if _, err := c.Records.ListPage(ctx, "Leads", same); !errors.Is(err, crm.ErrPageToken) {
		t.Errorf("a token that has ended: %v", err)
	}
}

// Test101Records: Do sends what it is given, and Zoho's error comes back.
func Test101Records(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	_, err := c.Do(t.Context(), crm.Request{Method: "POST", Path: "/crm/v8/Leads", Body: map[string]any{"data": leads(101)}}, nil)
	if !errors.Is(err, crm.ErrLimit) && !errors.Is(err, crm.ErrInvalidData) {
		t.Errorf("101 records by hand: %v", err)
	}
}

// TestPartialList: an error in the middle comes after what was read, and says how much that was.
func TestPartialList(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: 500})
	server.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "api"})
	server.Inject(sim.Fault{Kind: sim.FaultHTML, Match: "api", Status: 200})
	n := 0
	var last error
	for _, err := range c.Records.List(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}}) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 200 || !errors.Is(last, crm.ErrProtocol) || !strings.Contains(last.Error(), "after 200 records") || !strings.Contains(last.Error(), "text/html") {
		t.Errorf("%d records, then %v", n, last)
	}
}

func TestTable(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	type Person struct {
		LastName string `json:"Last_Name"`
		Email    string `json:"Email,omitempty"`
	}
	type Lead struct {
		ID string `json:"id,omitempty"`
		Person
		Company string       `json:"Company,omitempty"`
		Revenue float64      `json:"Annual_Revenue,omitempty"`
		Staff   *int         `json:"No_of_Employees,omitempty"`
		Opt     bool         `json:"Email_Opt_Out"`
		Created crm.DateTime `json:"Created_Time,omitzero"`
		Owner   crm.Record   `json:"Owner,omitzero"`
		Secret  string       `json:"-"`
	}
	table, err := crm.TableOf[Lead](c, "Leads")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(table.Fields(), ","); got != "Last_Name,Email,Company,Annual_Revenue,No_of_Employees,Email_Opt_Out,Created_Time,Owner" {
		t.Errorf("fields %s", got)
	}
	staff := 7
	in := Lead{Person: Person{LastName: "Bach", Email: "j@example.org"}, Company: "Thomas", Revenue: 12.5, Staff: &staff, Opt: true}
	added, err := table.Insert(ctx, []Lead{in, {Person: Person{LastName: "Händel"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := table.Get(ctx, added[0].ID, nil)
	if err != nil || got.LastName != "Bach" || got.Revenue != 12.5 || *got.Staff != 7 || !got.Opt || got.Created.IsZero() || got.Owner.Text("name") == "" {
		t.Errorf("%+v, %v", got, err)
	}
	got = Lead{ID: added[1].ID, Person: Person{LastName: "Handel"}}
	if _, err := table.Update(ctx, []Lead{got}, nil); err != nil {
		t.Error(err)
	}
	if both, err := table.Upsert(ctx, []Lead{{Person: Person{LastName: "Bach", Email: "j@example.org"}}}, &crm.WriteOptions{DuplicateCheckFields: []string{"Email"}}); err != nil || both[0].Action != "update" {
		t.Errorf("%+v, %v", both, err)
	}
	for name, list := range map[string]func(func(Lead, error) bool){
		"List": table.List(ctx, nil), "Search": table.Search(ctx, &crm.SearchOptions{Where: crm.In("Last_Name", "Bach", "Handel")}),
		"Select": table.Select(ctx, crm.Select{Where: crm.NotNull("Last_Name")}),
	} {
		seen := map[string]bool{}
		for l, err := range list {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			seen[l.LastName] = l.ID != ""
		}
		if len(seen) != 2 || !seen["Bach"] || !seen["Handel"] {
			t.Errorf("%s: %v", name, seen)
		}
	}
	if _, err := table.Get(ctx, "4150869000009999999", nil); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a record that is not there: %v (%d calls)", err, server.Counters().APICalls)
	}
}

func TestTableOfWrongTypes(t *testing.T) {
	c, _ := newStub(t, says(200, jsonType, `{}`)).client(t)
	_, number := crm.TableOf[int](c, "Leads")
	_, empty := crm.TableOf[struct{}](c, "Leads")
	_, twice := crm.TableOf[struct {
		lead
		Name string `json:"Last_Name"`
	}](c, "Leads")
	_, text := crm.TableOf[struct {
		A int `json:"x,string"`
	}](c, "Leads")
	_, pointer := crm.TableOf[struct{ *lead }](c, "Leads")
	_, module := crm.TableOf[lead](c, "")
	for i, err := range []error{number, empty, twice, text, pointer, module} {
		if err == nil {
			t.Errorf("type %d was taken", i)
		}
	}
}

// TestMisfit: a record that does not fit is told, and the others come.
func TestMisfit(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{"data":[{"id":"1","N":1},{"id":"2","N":"secret"},{"id":"3","N":"3"},{"N":4,"id":"4"}],"info":{"more_records":false}}`))
	c, _ := server.client(t)
	type row struct {
		ID string `json:"id"`
		N  int    `json:"N"`
	}
	table, err := crm.TableOf[row](c, "Things")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r, err := range table.List(t.Context(), nil) {
		if err != nil {
			if !strings.Contains(err.Error(), "record 2 of Things") || !strings.Contains(err.Error(), "field N: text does not fit into int") || strings.Contains(err.Error(), "secret") {
				t.Error(err)
			}
			got = append(got, "misfit")
			continue
		}
		got = append(got, fmt.Sprint(r))
	}
	if fmt.Sprint(got) != "[{1 1} misfit {3 3} {4 4}]" {
		t.Errorf("%v", got)
	}
}

package crm_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/sim"
)

type lead struct {
	ID       string `json:"id,omitempty"`
	LastName string `json:"Last_Name,omitempty"`
	Company  string `json:"Company,omitempty"`
	Email    string `json:"Email,omitempty"`
}

func leads(n int) []lead {
	list := make([]lead, n)
	for i := range list {
		list[i] = lead{LastName: fmt.Sprintf("Lead %03d", i), Company: "Example", Email: fmt.Sprintf("lead%03d@example.org", i)}
	}
	return list
}

// TestRecordsLife is every method on records against the simulator.
func TestRecordsLife(t *testing.T) {
	ctx := t.Context()
	c, server, _ := newSim(t, sim.Config{Records: -1}, "alice", "")

	added, err := c.Records.Insert(ctx, "Leads", leads(250), nil)
	if err != nil || len(added) != 250 {
		t.Fatalf("Insert: %d results, %v", len(added), err)
	}
	if calls := server.Counters().APICalls; calls != 3 {
		t.Errorf("250 records took %d calls, want 3", calls)
	}
	for _, i := range []int{0, 99, 100, 249} {
		record, err := c.Records.Get(ctx, "Leads", added[i].ID, nil)
		if err != nil || record.Text("Last_Name") != fmt.Sprintf("Lead %03d", i) {
			t.Errorf("result %d belongs to %q (%v)", i, record.Text("Last_Name"), err)
		}
	}
	if n, err := c.Records.Count(ctx, "Leads", nil); n != 250 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
	if n, err := c.Records.Count(ctx, "Leads", &crm.CountOptions{Email: "lead007@example.org"}); n != 1 || err != nil {
		t.Errorf("Count of an email = %d, %v", n, err)
	}
	if n, err := c.Records.Count(ctx, "Leads", &crm.CountOptions{Criteria: "(Last_Name:equals:Lead 008)"}); n != 1 || err != nil {
		t.Errorf("Count of a criterion = %d, %v", n, err)
	}

	updated, err := c.Records.Update(ctx, "Leads", []any{
		lead{ID: added[0].ID, Company: "Changed"}, map[string]any{"id": added[1].ID, "Company": "Changed too"},
	}, &crm.WriteOptions{Trigger: []string{}})
	if err != nil || len(updated) != 2 || updated[1].ID != added[1].ID {
		t.Fatalf("Update: %+v, %v", updated, err)
	}
	record, err := c.Records.Get(ctx, "Leads", added[1].ID, &crm.GetOptions{Fields: []string{"Company"}})
	if err != nil || record.Text("Company") != "Changed too" {
		t.Errorf("after Update: %v, %v", record, err)
	}

	both, err := c.Records.Upsert(ctx, "Leads", []lead{
		{LastName: "Old", Company: "Upserted", Email: "lead005@example.org"}, {LastName: "New", Company: "Upserted", Email: "new@example.org"},
	}, &crm.WriteOptions{DuplicateCheckFields: []string{"Email"}})
	if err != nil || both[0].Action != "update" || both[0].ID != added[5].ID || both[0].DuplicateField != "Email" || both[1].Action != "insert" {
		t.Fatalf("Upsert: %+v, %v", both, err)
	}

	var ids []string
	for _, r := range added[:150] {
		ids = append(ids, r.ID)
	}
	deleted, err := c.Records.Delete(ctx, "Leads", ids, &crm.DeleteOptions{NoWorkflow: true})
	if err != nil || len(deleted) != 150 || deleted[149].ID != ids[149] {
		t.Fatalf("Delete: %d results, %v", len(deleted), err)
	}
	if _, err := c.Records.Get(ctx, "Leads", ids[0], nil); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("Get of a deleted record: %v", err)
	}
	if n, err := c.Records.Count(ctx, "Leads", nil); n != 101 || err != nil {
		t.Errorf("Count after Delete = %d, %v", n, err)
	}
}

// TestListAllPages lists more than page numbers reach.
func TestListAllPages(t *testing.T) {
	c, server, _ := newSim(t, sim.Config{Records: 2500}, "alice", "")
	opts := &crm.ListOptions{Fields: []string{"Last_Name"}}
	seen := map[string]bool{}
	for record, err := range c.Records.List(t.Context(), "Leads", opts) {
		if err != nil {
			t.Fatal(err)
		}
		seen[record.ID()] = true
	}
	if len(seen) != 2500 {
		t.Errorf("%d different records, want 2500", len(seen))
	}
	if calls := server.Counters().APICalls; calls != 13 {
		t.Errorf("%d calls, want 13", calls)
	}
	if opts.PageToken != "" || opts.Page != 0 {
		t.Error("List changed the caller's options")
	}
	_, err := c.Records.ListPage(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}, Page: 11})
	var e *crm.Error
	if !errors.As(err, &e) || e.Code != "DISCRETE_PAGINATION_LIMIT_EXCEEDED" || !errors.Is(err, crm.ErrRequest) {
		t.Errorf("page 11: %v", err)
	}
}

func TestListStopsWhenTheLoopDoes(t *testing.T) {
	c, server, _ := newSim(t, sim.Config{Records: 500}, "alice", "")
	for range c.Records.List(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}}) {
		break
	}
	if calls := server.Counters().APICalls; calls != 1 {
		t.Errorf("%d calls for one record", calls)
	}
}

func TestListOptions(t *testing.T) {
	ctx := t.Context()
	c, server, _ := newSim(t, sim.Config{Records: 30}, "alice", "")
	page, err := c.Records.ListPage(ctx, "Leads", &crm.ListOptions{
		Fields: []string{"Last_Name", "Created_Time"}, PerPage: 10, Page: 2, SortBy: "Created_Time", SortOrder: "asc",
	})
	if err != nil {
		t.Fatal(err)
	}
	info := page.Info
	if len(page.Records) != 10 || info.Page != 2 || info.Count != 10 || info.PerPage != 10 || !info.MoreRecords ||
		info.NextPageToken == "" || info.PreviousPageToken == "" || info.SortBy != "Created_Time" || info.SortOrder != "asc" ||
		!info.PageTokenExpiry.After(server.Now()) {
		t.Errorf("%d records, info %+v", len(page.Records), info)
	}
	wanted := []string{page.Records[3].ID(), page.Records[1].ID()}
	var got []string
	for record, err := range c.Records.List(ctx, "Leads", &crm.ListOptions{IDs: wanted}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, record.ID())
	}
	slices.Sort(wanted)
	slices.Sort(got)
	if !slices.Equal(got, wanted) {
		t.Errorf("by IDs %v, want %v", got, wanted)
	}
	for _, err := range c.Records.List(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}, ModifiedSince: server.Now().Add(time.Hour)}) {
		if !errors.Is(err, crm.ErrNotModified) {
			t.Errorf("ModifiedSince: %v", err)
		}
	}
	if _, err := c.Records.ListPage(ctx, "Leads", nil); err == nil || !strings.Contains(err.Error(), "Fields") {
		t.Errorf("without fields: %v", err)
	}
}

func TestEmptyListIsNoError(t *testing.T) {
	c, _, _ := newSim(t, sim.Config{Records: -1}, "alice", "")
	for record, err := range c.Records.List(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}}) {
		t.Errorf("yielded %v, %v", record, err)
	}
	page, err := c.Records.ListPage(t.Context(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}})
	if err != nil || len(page.Records) != 0 || page.Response.Status != 204 {
		t.Errorf("page %+v, %v", page, err)
	}
}

// TestOtherDataCentre: the token decides the host and the path before /crm.
func TestOtherDataCentre(t *testing.T) {
	c, _, _ := newSim(t, sim.Config{}, "erik@example.eu", "/eu")
	name, err := crm.UserName(t.Context(), c)
	if name != "erik@example.eu:20001" || err != nil {
		t.Errorf("UserName = %q, %v", name, err)
	}
}

func TestUserAndOrg(t *testing.T) {
	ctx := t.Context()
	c, _, _ := newSim(t, sim.Config{}, "alice", "")
	user, err := c.Users.Current(ctx)
	if err != nil || user.Email != "alice@example.com" || user.ID == "" || user.Profile.Name != "Administrator" || user.Record.Text("locale") != "en_US" {
		t.Errorf("Current = %+v, %v", user, err)
	}
	org, err := c.Org.Get(ctx)
	if err != nil || org.ZGID != "10001" || org.Type != "Production" {
		t.Errorf("Org = %+v, %v", org, err)
	}
	if name, err := crm.UserName(ctx, c); name != "alice@example.com:10001" || err != nil {
		t.Errorf("UserName = %q, %v", name, err)
	}
}

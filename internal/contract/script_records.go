package contract

import (
	"time"

	"zohocrm/crm"
)

// lead is a typed record.
type lead struct {
	ID       string `json:"id,omitempty"`
	LastName string `json:"Last_Name,omitempty"`
	Company  string `json:"Company,omitempty"`
	Email    string `json:"Email,omitempty"`
}

func records(do *caller, c *crm.Client) {
	id := first(do.do(c.Records.Insert, "Leads", []lead{{LastName: "Bach", Company: "Thomas Church", Email: "bach@example.org"}, {LastName: "Reger"}},
		&crm.WriteOptions{Trigger: []string{"workflow"}}))
	do.do(c.Records.Get, "Leads", id, &crm.GetOptions{Fields: []string{"Last_Name", "Owner", "Tag", "Created_Time"}})
	do.do(c.Records.Get, "Leads", id, nil)
	do.do(c.Records.List, "Leads", &crm.ListOptions{Fields: []string{"Last_Name", "Email", "Owner"}, SortBy: "Modified_Time", SortOrder: "asc"})
	do.do(c.Records.List, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}, IDs: []string{id}, Converted: "both", Approved: "both"})
	do.do(c.Records.ListPage, "Leads", &crm.ListOptions{Fields: []string{"Last_Name"}, PerPage: 10, Page: 2, ModifiedSince: time.Unix(1, 0)})
	do.do(c.Records.Update, "Leads", lead{ID: id, Company: "St Thomas"}, nil)
	do.do(c.Records.Upsert, "Leads", []lead{{LastName: "Bach", Email: "bach@example.org"}, {LastName: "New", Email: "new@example.org"}},
		&crm.WriteOptions{DuplicateCheckFields: []string{"Email"}})
	do.do(c.Records.Count, "Leads", &crm.CountOptions{Email: "bach@example.org"})
	do.do(c.Records.Timeline, "Leads", id, &crm.TimelineOptions{SortOrder: "asc"})
	external := map[string]string{"Last_Name": "Telemann", "External_Key": "TWV 1"}
	do.do(c.Records.Insert, "Contacts", external, nil)
	do.do(c.Records.Get, "Contacts", "TWV 1", &crm.GetOptions{External: "External_Key"})
	do.do(c.Records.Update, "Contacts", external, &crm.WriteOptions{External: "External_Key"})
	do.do(c.Records.Delete, "Contacts", []string{"TWV 1"}, &crm.DeleteOptions{External: "External_Key"})
	do.do(c.Records.Delete, "Leads", []string{id}, &crm.DeleteOptions{NoWorkflow: true})
	do.do(c.Records.Deleted, "Leads", &crm.DeletedOptions{Type: "recycle", ModifiedSince: time.Unix(1, 0)})
}

func searches(do *caller, c *crm.Client) {
	where := crm.And(crm.StartsWith("Last_Name", "A"), crm.NotEqual("Company", "X (Y), \\Z"))
	do.do(c.Records.Search, "Leads", &crm.SearchOptions{Where: where, Fields: []string{"Last_Name", "Company"}, Converted: "both", Approved: "both"})
	do.do(c.Records.SearchPage, "Leads", &crm.SearchOptions{Word: "abbott", Page: 1, PerPage: 5})
	do.do(c.Records.SearchPage, "Leads", &crm.SearchOptions{Email: "lead1@example.com"})
	do.do(c.Records.SearchPage, "Leads", &crm.SearchOptions{Phone: "1"})
}

func actions(do *caller, c *crm.Client) {
	id := first(do.do(c.Records.Insert, "Leads", lead{LastName: "Original"}, nil))
	do.do(c.Records.Clone, "Leads", id)
	do.do(c.Records.MassUpdate, "Leads", crm.MassUpdate{Field: "Company", Value: "Same", IDs: []string{id}, Overwrite: true})
	view := ""
	if views, _ := do.do(c.Metadata.CustomViews, "Leads").([]crm.CustomView); len(views) > 0 {
		view = views[0].ID
	}
	results, _ := do.do(c.Records.MassUpdate, "Leads", crm.MassUpdate{Field: "Company", Value: "Same", CVID: view}).([]crm.Result)
	if len(results) > 0 {
		do.do(c.Records.MassUpdateStatus, "Leads", results[0].ID)
	}
}

// refusals are calls that are answered with an error.
func refusals(do *caller, c *crm.Client) {
	do.fail(c.Records.Insert, "Leads", []lead{{Company: "no name"}, {LastName: "Fine"}}, nil)
	do.fail(c.Records.Insert, "Leads", map[string]any{"Last_Name": "X", "Email": "no address"}, nil)
	do.fail(c.Records.Update, "Leads", lead{ID: unknown, LastName: "Nobody"}, nil)
	do.fail(c.Records.Get, "Leads", unknown, nil)
	do.fail(c.Records.Delete, "Leads", []string{unknown}, nil)
	do.fail(c.Records.ListPage, "Leads", &crm.ListOptions{Fields: []string{"id"}, Page: 11, PerPage: 200})
	do.fail(c.Records.ListPage, "Leads", &crm.ListOptions{Fields: []string{"id"}, SortBy: "Nonsense"})
	do.fail(c.Records.ListPage, "Laeds", &crm.ListOptions{Fields: []string{"id"}})
	do.fail(c.Records.SearchPage, "Leads", &crm.SearchOptions{Criteria: "Last_Name is what"})
	do.fail(c.Query.Run, "select Last_Name form Leads")
	do.fail(c.Query.Run, "select Nothing from Leads where id is not null")
	do.fail(c.Leads.Convert, unknown, crm.Conversion{})
	do.fail(c.Bulk.ReadJob, "1")
	do.fail(c.Bulk.StartRead, crm.ReadQuery{Module: "Nonsense"})
	do.fail(c.Tags.Create, "Laeds", crm.Tag{Name: "x"})
	do.fail(c.Users.Get, "1")
	do.fail(c.Notes.Get, unknown)
	do.fail(c.Photos.Delete, "Leads", unknown)
	do.fail(c.Attachments.Delete, "Leads", unknown, "1")
}

package contract

import (
	"net/url"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// unknown is an ID that no record has.
const unknown = "4150868000000999999"

// options sends every parameter and member that the options of methods can make.
func options(do *caller, c *crm.Client) {
	then := time.Unix(1, 0)
	do.try(c.Records.ListPage, "Leads", &crm.ListOptions{
		Fields: []string{"id"}, IDs: []string{"1"}, CVID: "1", SortBy: "id", SortOrder: "asc", PerPage: 1, Page: 1, PageToken: "t",
		Converted: "both", TerritoryID: "1", IncludeChild: true, Approved: "both", ModifiedSince: then,
	})
	do.try(c.Records.Get, "Leads", "1", &crm.GetOptions{Fields: []string{"id"}, ModifiedSince: then})
	do.try(c.Records.Update, "Leads", lead{ID: "1"}, &crm.WriteOptions{Trigger: []string{"approval", "blueprint"}, UnmodifiedSince: then})
	do.try(c.Records.Upsert, "Leads", lead{ID: "1"}, &crm.WriteOptions{Trigger: []string{}, DuplicateCheckFields: []string{"Email"}})
	do.try(c.Records.Count, "Leads", &crm.CountOptions{Email: "e", Phone: "p", Word: "w", CVID: "1", Criteria: "c"})
	do.try(c.Records.Timeline, "Leads", unknown, &crm.TimelineOptions{Filters: "{}", SortOrder: "asc", PerPage: 1, Extra: url.Values{"include": {"type"}}})
	do.try(c.Records.MassUpdate, "Leads", crm.MassUpdate{Field: "Company", CVID: "1", Where: crm.Equal("City", "Oslo"), Overwrite: true})
	do.try(c.Related.List, "Leads", "1", "Products", &crm.RelatedOptions{Fields: []string{"id"}, PerPage: 1, ModifiedSince: then})
	do.try(c.Related.List, "Contacts", "key", "Products", &crm.RelatedOptions{Fields: []string{"id"}, External: "External_Key"})
	do.try(c.Users.List, &crm.UsersOptions{Type: "ActiveUsers", IDs: []string{"1"}, PerPage: 1, ModifiedSince: then})
	do.try(c.Notes.All, &crm.NotesOptions{Fields: []string{"Note_Title"}, PerPage: 1})
	do.try(c.Leads.Convert, unknown, crm.Conversion{
		AccountID: "1", ContactID: "2", Deal: map[string]string{"Deal_Name": "D"}, AssignTo: "3", Overwrite: true, NotifyLeadOwner: true,
		NotifyNewOwner: true, MoveAttachmentsTo: "Deals", CarryOverTags: map[string][]string{"Deals": {"hot"}},
	})
	do.try(c.Bulk.StartRead, crm.ReadQuery{
		Module: "Leads", Fields: []string{"id"}, Where: crm.Equal("City", "Oslo"), CVID: "1", Page: 1, FileType: "csv", CallbackURL: "https://example.org",
	})
	do.try(c.Bulk.StartWrite, "1", crm.WriteQuery{
		Operation: "insert", Module: "Leads", Fields: []crm.FieldMapping{{APIName: "a", FindBy: "b", Format: "c", Default: "d"}},
		FindBy: "a", IgnoreEmpty: true, CallbackURL: "https://example.org",
	})
	do.try(c.Composite.Run, []crm.SubRequest{{Path: "/crm/v8/org"}}, &crm.CompositeOptions{RollbackOnFail: true, Parallel: true})
	do.try(c.Notifications.Enable, crm.Watch{
		ChannelID: "1", Events: []string{"Leads.all"}, NotifyURL: "https://example.org", Token: oauth.NewSecret("t"),
		Expiry: time.Now().Add(time.Hour), FieldValues: true, RelatedAction: true,
	})
	do.try(c.Notifications.List, &crm.WatchOptions{ChannelID: "1", Module: "Leads"})
}

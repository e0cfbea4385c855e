package contract

import (
	"io"
	"strings"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// soon waits for nothing: the simulator's jobs take no time.
func soon() *crm.WaitOptions {
	return &crm.WaitOptions{First: time.Millisecond, Most: time.Millisecond}
}

func bulkRead(do *caller, c *crm.Client) {
	where := crm.And(crm.StartsWith("Email", "lead"), crm.NotEqual("Last_Name", "x"))
	job, _ := do.do(c.Bulk.StartRead, crm.ReadQuery{Module: "Leads", Fields: []string{"Last_Name", "Email"}, Where: where, Page: 1, FileType: "csv"}).(*crm.ReadJob)
	if job == nil {
		return // the script has failed
	}
	do.do(c.Bulk.ReadJob, job.ID)
	do.do(c.Bulk.WaitRead, job.ID, soon())
	do.do(c.Bulk.DownloadRead, job.ID, io.Discard)
	if result, _ := do.do(c.Bulk.OpenRead, job.ID).(*crm.BulkResult); result != nil {
		do.errs = append(do.errs, closed(result)...)
	}
	do.do(c.Bulk.Export, crm.ReadQuery{Module: "Leads", Fields: []string{"Last_Name"}}, soon())
}

func bulkWrite(do *caller, c *crm.Client) {
	const csv = "Last_Name,Email\nLiszt,liszt@example.org\nWagner,wagner@example.org\n"
	query := crm.WriteQuery{Operation: "insert", Module: "Leads", Fields: []crm.FieldMapping{{APIName: "Last_Name"}, {APIName: "Email", Index: 1}}}
	do.do(c.Bulk.UploadCSV, strings.NewReader(csv))
	id, _ := do.do(c.Bulk.Upload, crm.File{Name: "leads.zip", Body: zipped("leads.csv", csv)}).(string)
	job, _ := do.do(c.Bulk.StartWrite, id, query).(*crm.WriteJob)
	if job == nil {
		return // the script has failed
	}
	do.do(c.Bulk.WriteJob, job.ID)
	done, _ := do.do(c.Bulk.WaitWrite, job.ID, soon()).(*crm.WriteJob)
	if result, _ := do.do(c.Bulk.OpenWrite, done).(*crm.BulkResult); result != nil {
		do.errs = append(do.errs, closed(result)...)
	}
	do.do(c.Bulk.Import, crm.WriteQuery{Operation: "upsert", Module: "Leads", FindBy: "Email"}, strings.NewReader(csv), soon())
}

func closed(result *crm.BulkResult) []error {
	if err := result.Close(); err != nil {
		return []error{err}
	}
	return nil
}

func composite(do *caller, c *crm.Client) {
	do.do(c.Composite.Run, []crm.SubRequest{
		{ID: "one", Method: "POST", Path: "/crm/v8/Leads", Body: map[string]any{"data": []any{lead{LastName: "Verdi"}}}},
		{ID: "two", Path: "/crm/v8/org"},
	}, nil)
	do.fail(c.Composite.Run, []crm.SubRequest{{Path: "/crm/v8/Nonsense", Query: map[string]string{"fields": "id"}}}, nil)
}

func watches(do *caller, c *crm.Client) {
	watch := crm.Watch{
		ChannelID: "1000000068001", Events: []string{"Leads.all"}, NotifyURL: "https://example.org/notify",
		Token: oauth.NewSecret("secret of the channel"), Expiry: time.Now().Add(time.Hour).Truncate(time.Second),
	}
	do.fail(c.Notifications.Renew, watch)
	do.do(c.Notifications.Enable, watch)
	do.do(c.Notifications.Renew, watch)
	do.do(c.Notifications.Update, watch)
	do.do(c.Notifications.List, &crm.WatchOptions{ChannelID: watch.ChannelID})
	do.do(c.Notifications.Disable, watch.ChannelID)
	do.endless(c.Notifications.Keep, func(stop func()) any {
		return crm.RenewalConfig{Watches: []crm.Watch{watch}, Renewed: func(time.Time) { stop() }}
	})
}

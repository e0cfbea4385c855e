package contract

import (
	"bytes"
	"io"

	"zohocrm/crm"
)

func related(do *caller, c *crm.Client) {
	lead := first(do.do(c.Records.Insert, "Leads", lead{LastName: "Handel"}, nil))
	product := first(do.do(c.Records.Insert, "Products", map[string]string{"Product_Name": "Organ"}, nil))
	do.do(c.Related.Link, "Leads", lead, "Products", map[string]string{"id": product})
	do.do(c.Related.List, "Leads", lead, "Products", &crm.RelatedOptions{Fields: []string{"Product_Name"}})
	do.do(c.Related.Get, "Leads", lead, "Products", product, []string{"Product_Name"})
	do.do(c.Related.Unlink, "Leads", lead, "Products", product)
}

func leads(do *caller, c *crm.Client) {
	do.do(c.Records.Insert, "Contacts", map[string]string{"Last_Name": "Haydn", "Email": "haydn@example.org"}, nil)
	id := first(do.do(c.Records.Insert, "Leads", lead{LastName: "Haydn", Company: "Esterházy", Email: "haydn@example.org"}, nil))
	do.do(c.Leads.ConversionOptions, id)
	deal := map[string]any{"Deal_Name": "The Creation", "Closing_Date": crm.Date{Year: 2030, Month: 1, Day: 2}, "Stage": "Qualification", "Pipeline": "Standard (Standard)"}
	do.do(c.Leads.Convert, id, crm.Conversion{Deal: deal, Overwrite: true, NotifyLeadOwner: true})
	do.fail(c.Leads.Convert, id, crm.Conversion{})
}

func notes(do *caller, c *crm.Client) {
	lead := first(do.do(c.Records.Insert, "Leads", lead{LastName: "Mozart"}, nil))
	id := first(do.do(c.Notes.Add, "Leads", lead, crm.Note{Title: "Call", Content: "He sings"}))
	do.do(c.Notes.Update, id, crm.Note{Title: "Called"})
	do.do(c.Notes.Get, id)
	do.do(c.Notes.List, "Leads", lead, nil)
	do.do(c.Notes.All, nil)
	do.do(c.Notes.Delete, id)
}

func files(do *caller, c *crm.Client) {
	lead := first(do.do(c.Records.Insert, "Leads", lead{LastName: "Schubert"}, nil))
	id := first(do.do(c.Attachments.Upload, "Leads", lead, text("mass in b.txt", "Kyrie")))
	do.do(c.Attachments.Link, "Leads", lead, "https://example.org/schubert", "A page")
	do.do(c.Attachments.List, "Leads", lead)
	do.do(c.Attachments.Download, "Leads", lead, id, io.Discard)
	do.do(c.Attachments.Delete, "Leads", lead, id)
	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 500)...)
	do.do(c.Photos.Upload, "Leads", lead, crm.File{Name: "schubert.png", Body: bytes.NewReader(png)})
	do.do(c.Photos.Download, "Leads", lead, io.Discard)
	do.do(c.Photos.Delete, "Leads", lead)
	file := first(do.do(c.Files.Upload, text("a.txt", "first"), text("b.txt", "second")))
	do.do(c.Files.Download, file, io.Discard)
}

func tags(do *caller, c *crm.Client) {
	ids := []string{first(do.do(c.Records.Insert, "Leads", lead{LastName: "Weber"}, nil))}
	made, _ := do.do(c.Tags.Create, "Leads", crm.Tag{Name: "early"}, crm.Tag{Name: "late", Color: "#57B1FD"}).([]crm.Result)
	if len(made) < 2 {
		return // the script has failed
	}
	do.do(c.Tags.Update, "Leads", crm.Tag{ID: made[0].ID, Name: "earlier"})
	do.do(c.Tags.Add, "Leads", ids, []crm.Tag{{Name: "earlier"}}, &crm.TagOptions{Overwrite: true})
	do.do(c.Tags.Count, "Leads", made[0].ID)
	do.do(c.Tags.List, "Leads")
	do.do(c.Tags.Remove, "Leads", ids, []crm.Tag{{Name: "earlier"}})
	do.do(c.Tags.Merge, made[0].ID, made[1].ID)
	do.do(c.Tags.Delete, made[0].ID)
}

func queries(do *caller, c *crm.Client) {
	do.do(c.Query.Run, "select Last_Name, Company from Leads where Last_Name like 'A%' limit 5")
	do.do(c.Query.Rows, "select Last_Name from Leads where id is not null")
	do.do(c.Query.Select, crm.Select{Columns: []string{"Last_Name", "Owner"}, From: "Leads", Where: crm.Equal("Last_Name", "Abbott")})
}

func metadata(do *caller, c *crm.Client) {
	do.do(c.Metadata.Modules)
	do.do(c.Metadata.Modules) // with If-Modified-Since, as are the fields
	do.do(c.Metadata.Fields, "Leads")
	do.do(c.Metadata.Module, "Leads")
	if list, _ := do.do(c.Metadata.Fields, "Leads").([]crm.Field); len(list) > 0 {
		do.do(c.Metadata.Field, "Leads", list[0].ID)
	}
	if list, _ := do.do(c.Metadata.Layouts, "Leads").([]crm.Layout); len(list) > 0 {
		do.do(c.Metadata.Layout, "Leads", list[0].ID)
	}
	do.do(c.Metadata.RelatedLists, "Leads")
	if list, _ := do.do(c.Metadata.CustomViews, "Leads").([]crm.CustomView); len(list) > 0 {
		do.do(c.Metadata.CustomView, "Leads", list[0].ID)
	}
}

func people(do *caller, c *crm.Client) {
	do.do(c.Org.Get)
	me, _ := do.do(c.Users.Current).(*crm.User)
	do.do(c.Users.List, &crm.UsersOptions{Type: "ActiveUsers"})
	if me == nil {
		return // the script has failed
	}
	do.do(c.Users.Get, me.ID)
	id := first(do.do(c.Users.Add, map[string]any{
		"first_name": "Clara", "last_name": "Schumann", "email": "clara@example.com", "role": me.Role.ID, "profile": me.Profile.ID,
	}))
	do.do(c.Users.Update, id, map[string]any{"first_name": "C."})
	do.do(c.Users.Delete, id)
}

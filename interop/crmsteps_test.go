package interop

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// nobody is an ID that no record has.
const nobody = "4150869000009999999"

func shown() []string { return []string{"Last_Name", "Company", "Email", "City"} }

func (s *crmScript) records() {
	r := s.c.Records
	added, err := r.Insert(s.ctx, "Leads", []map[string]string{
		{"Last_Name": "Bach", "Company": "Thomas Church", "Email": "bach@example.org", "City": "Leipzig"},
		{"Last_Name": "Reger", "Company": "Thomas Church", "Email": "reger@example.org"},
		{"Last_Name": "Händel, G. \"F\"", "Company": "Esterházy & Sons", "Email": "handel@example.org"},
	}, nil)
	s.results("insert", added, err)
	for _, a := range added {
		s.leads = append(s.leads, a.ID)
	}
	one, err := r.Get(s.ctx, "Leads", s.leads[0], &crm.GetOptions{Fields: shown()})
	s.step("get", row(one), err)
	one, err = r.Get(s.ctx, "Leads", s.leads[2], nil)
	s.step("get whole", row(one), err)
	if _, err = r.Get(s.ctx, "Leads", nobody, nil); errors.Is(err, crm.ErrNotFound) {
		err = nil // Zoho answers with nothing
	}
	s.step("get nobody", []any{}, err)
}

func (s *crmScript) lists() {
	r := s.c.Records
	list := func(name string, o crm.ListOptions) {
		p, err := r.ListPage(s.ctx, "Leads", &o)
		s.page(name, p, err)
	}
	list("list", crm.ListOptions{Fields: shown(), PerPage: 7, Page: 2})
	list("list sorted", crm.ListOptions{Fields: shown(), SortBy: "Created_Time", SortOrder: "asc", PerPage: 5})
	list("list by IDs", crm.ListOptions{Fields: []string{"Last_Name"}, IDs: s.leads})
	list("list page 11", crm.ListOptions{Fields: []string{"Last_Name"}, Page: 11, PerPage: 200})
	changed, err := r.Update(s.ctx, "Leads", map[string]string{"id": s.leads[0], "Company": "St Thomas"}, nil)
	s.results("update", changed, err)
	changed, err = r.Update(s.ctx, "Leads", []map[string]string{{"id": s.leads[1], "City": "Weiden"}, {"id": nobody, "City": "X"}}, nil)
	s.results("update one of two", changed, err)
	changed, err = r.Upsert(s.ctx, "Leads", []map[string]string{
		{"Last_Name": "Bach the Elder", "Email": "bach@example.org"}, {"Last_Name": "Telemann", "Email": "telemann@example.org"},
	}, &crm.WriteOptions{DuplicateCheckFields: []string{"Email"}})
	s.results("upsert", changed, err)
	search := func(name string, o crm.SearchOptions) {
		p, err := r.SearchPage(s.ctx, "Leads", &o)
		s.page(name, p, err)
	}
	search("search criteria", crm.SearchOptions{Where: crm.Or(crm.Equal("Company", "St Thomas"), crm.StartsWith("City", "Wei")), Fields: shown()})
	search("search word", crm.SearchOptions{Word: "handel", Fields: shown()})
	search("search nobody", crm.SearchOptions{Email: "nobody@example.org"})
	p, err := s.c.Query.Run(s.ctx, "select Last_Name, Company, Email, City from Leads where Last_Name like 'B%' order by id limit 5")
	s.page("query", p, err)
	p, err = s.c.Query.Run(s.ctx, "select Last_Name form Leads")
	s.page("query in error", p, err)
}

func (s *crmScript) writes() {
	r := s.c.Records
	n, err := r.Count(s.ctx, "Leads", &crm.CountOptions{Email: "reger@example.org"})
	s.step("count", n, err)
	copied, err := r.Clone(s.ctx, "Leads", s.leads[0])
	s.results("clone", []crm.Result{copied}, err)
	changed, err := r.MassUpdate(s.ctx, "Leads", crm.MassUpdate{Field: "City", Value: "Halle", IDs: s.leads, Overwrite: true})
	s.results("mass update", changed, err)
}

func (s *crmScript) tags() {
	t := s.c.Tags
	made, err := t.Create(s.ctx, "Leads", crm.Tag{Name: "early"}, crm.Tag{Name: "late"})
	s.results("make tags", made, err)
	tagged, err := t.Add(s.ctx, "Leads", s.leads, []crm.Tag{{Name: "early"}}, nil)
	s.results("tag leads", tagged, err)
	list, err := t.List(s.ctx, "Leads")
	names := []map[string]string{}
	for _, tag := range list {
		names = append(names, map[string]string{"id": tag.ID, "name": tag.Name})
	}
	s.step("list tags", names, err)
	n, err := t.Count(s.ctx, "Leads", made[0].ID)
	s.step("count tagged", n, err)
	gone, err := t.Delete(s.ctx, made[1].ID)
	s.results("delete tag", []crm.Result{gone}, err)
}

func (s *crmScript) notes() {
	n := s.c.Notes
	added, err := n.Add(s.ctx, "Leads", s.leads[0], crm.Note{Title: "Call", Content: `He plays, and "sings"`})
	s.step("add note", short(added)[0], err)
	changed, err := n.Update(s.ctx, added.ID, crm.Note{Title: "Called", Content: "Twice"})
	s.results("change note", []crm.Result{changed}, err)
	note, err := n.Get(s.ctx, added.ID)
	if note == nil {
		note = new(crm.Note)
	}
	s.step("get note", map[string]string{"id": note.ID, "title": note.Title, "content": note.Content, "parent": note.Parent.ID}, err)
	all, err := collected(n.List(s.ctx, "Leads", s.leads[0], nil), func(n crm.Note) any {
		return map[string]string{"id": n.ID, "title": n.Title, "content": n.Content}
	})
	s.step("notes of lead", all, err)
	gone, err := n.Delete(s.ctx, added.ID)
	s.results("delete note", gone, err)
}

func (s *crmScript) files() {
	id := s.leads[0]
	up, err := s.c.Attachments.Upload(s.ctx, "Leads", id, crm.File{Name: "score.txt", Body: strings.NewReader("Kyrie eleison")})
	s.step("attach", short(up)[0], err)
	link, err := s.c.Attachments.Link(s.ctx, "Leads", id, "https://example.org/bach", "A page")
	s.results("attach link", []crm.Result{link}, err)
	list, err := collected(s.c.Attachments.List(s.ctx, "Leads", id), func(a crm.Attachment) any {
		return map[string]string{"id": a.ID, "name": a.FileName}
	})
	s.step("attachments", list, err)
	file := new(bytes.Buffer)
	_, err = s.c.Attachments.Download(s.ctx, "Leads", id, up.ID, file)
	s.content("get attachment", file, err)
	gone, err := s.c.Attachments.Delete(s.ctx, "Leads", id, up.ID)
	s.results("detach", gone, err)

	loose, err := s.c.Files.Upload(s.ctx, crm.File{Name: "note.txt", Body: strings.NewReader("Gloria")})
	s.step("upload file", codes(loose), err)
	file = new(bytes.Buffer)
	_, err = s.c.Files.Download(s.ctx, loose[0].ID, file)
	s.content("get file", file, err)

	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 64)...)
	s.step("give photo", "SUCCESS", s.c.Photos.Upload(s.ctx, "Leads", id, crm.File{Name: "bach.png", Body: bytes.NewReader(png)}))
	file = new(bytes.Buffer)
	_, err = s.c.Photos.Download(s.ctx, "Leads", id, file)
	s.content("get photo", file, err)
	s.step("take photo", "SUCCESS", s.c.Photos.Delete(s.ctx, "Leads", id))
}

func (s *crmScript) links() {
	id := s.leads[0]
	product, err := s.c.Records.Insert(s.ctx, "Products", map[string]string{"Product_Name": "Organ"}, nil)
	s.step("product", short(product...)[0], err)
	linked, err := s.c.Related.Link(s.ctx, "Leads", id, "Products", map[string]string{"id": product[0].ID})
	s.results("link", linked, err)
	list, err := collected(s.c.Related.List(s.ctx, "Leads", id, "Products", &crm.RelatedOptions{Fields: []string{"Product_Name"}}), func(r crm.Record) any {
		return map[string]string{"id": r.ID(), "name": r.Text("Product_Name")}
	})
	s.step("linked", list, err)
	gone, err := s.c.Related.Unlink(s.ctx, "Leads", id, "Products", product[0].ID)
	s.results("unlink", gone, err)
	deal := map[string]any{"Deal_Name": "The Creation", "Closing_Date": crm.Date{Year: 2030, Month: 1, Day: 2}, "Stage": "Qualification", "Pipeline": "Standard (Standard)"}
	became, err := s.c.Leads.Convert(s.ctx, s.leads[2], crm.Conversion{Deal: deal, Overwrite: true})
	if became == nil {
		became = new(crm.Converted)
	}
	s.step("convert", map[string]string{"code": "SUCCESS", "contact": became.Contact.ID, "account": became.Account.ID, "deal": became.Deal.ID}, err)
	events, err := collected(s.c.Records.Timeline(s.ctx, "Leads", s.leads[1], &crm.TimelineOptions{SortOrder: "asc"}), func(e crm.TimelineEvent) any { return e.Action })
	s.step("timeline", events, err)
}

func (s *crmScript) bulk() {
	b := s.c.Bulk
	job, err := b.StartRead(s.ctx, crm.ReadQuery{Module: "Leads", Fields: []string{"Last_Name", "Email"}})
	s.step("export", map[string]string{"code": "ADDED_SUCCESSFULLY", "id": job.ID}, err)
	job, err = b.ReadJob(s.ctx, job.ID)
	s.step("export's state", map[string]any{"state": job.State, "count": job.Count}, err)
	file := new(bytes.Buffer)
	_, err = b.DownloadRead(s.ctx, job.ID, file)
	s.content("export's rows", file, err)
	id, err := b.Upload(s.ctx, crm.File{Name: "leads.zip", Body: bytes.NewReader(s.day.archive)})
	s.step("import's file", map[string]string{"code": "FILE_UPLOAD_SUCCESS"}, err)
	write, err := b.StartWrite(s.ctx, id, crm.WriteQuery{
		Operation: "insert", Module: "Leads", Fields: []crm.FieldMapping{{APIName: "Last_Name"}, {APIName: "Email", Index: 1}},
	})
	s.step("import", map[string]string{"code": "SUCCESS", "id": write.ID}, err)
	write, err = b.WriteJob(s.ctx, write.ID)
	s.step("import's state", map[string]any{"state": write.Status, "total": write.File.Total, "added": write.File.Added, "skipped": write.File.Skipped}, err)
}

func (s *crmScript) metadata() {
	list, err := s.c.Metadata.Modules(s.ctx)
	names := []string{}
	for _, m := range list {
		names = append(names, m.APIName)
	}
	s.step("modules", slices.Sorted(slices.Values(names)), err)
	module, err := s.c.Metadata.Module(s.ctx, "Leads")
	s.step("module", map[string]string{"id": module.ID, "name": module.APIName, "plural": module.PluralLabel}, err)
	fields, err := s.c.Metadata.Fields(s.ctx, "Leads")
	names = nil
	for _, f := range fields {
		names = append(names, f.APIName+":"+f.DataType)
	}
	s.step("fields", slices.Sorted(slices.Values(names)), err)
	me, err := s.c.Users.Current(s.ctx)
	s.step("me", map[string]string{"id": me.ID, "email": me.Email, "profile": me.Profile.Name}, err)
	people, err := collected(s.c.Users.List(s.ctx, nil), func(u crm.User) any { return u.Email })
	s.step("users", people, err)
	org, err := s.c.Org.Get(s.ctx)
	s.step("org", map[string]string{"id": org.ID, "zgid": org.ZGID, "name": org.Record.Text("company_name")}, err)
	watch := crm.Watch{ChannelID: "1000000068001", Events: []string{"Leads.all"}, NotifyURL: "https://example.org/notify", Token: oauth.NewSecret("told"), Expiry: s.day.expiry}
	done, err := s.c.Notifications.Enable(s.ctx, watch)
	s.step("watch", codes(done), err)
	watched, err := collected(s.c.Notifications.List(s.ctx, &crm.WatchOptions{ChannelID: watch.ChannelID}), func(w crm.WatchedEvent) any {
		return map[string]string{"channel": w.ChannelID, "url": w.NotifyURL, "expires": w.Expiry.UTC().Format("2006-01-02T15:04:05Z")}
	})
	s.step("watched", watched[0], err)
	done, err = s.c.Notifications.Disable(s.ctx, watch.ChannelID)
	s.step("unwatch", codes(done), err)
}

func (s *crmScript) end() {
	r := s.c.Records
	gone, err := r.Delete(s.ctx, "Leads", s.leads[:2], nil)
	s.results("delete", gone, err)
	list, err := collected(r.Deleted(s.ctx, "Leads", &crm.DeletedOptions{Type: "recycle"}), func(d crm.DeletedRecord) any {
		return map[string]string{"id": d.ID, "name": d.DisplayName, "by": d.DeletedBy.Name}
	})
	s.step("deleted", list, err)
	n, err := r.Count(s.ctx, "Leads", nil)
	s.step("count at the end", n, err)
}

func codes(list []crm.Result) []map[string]string {
	out := []map[string]string{}
	for _, r := range list {
		out = append(out, map[string]string{"code": r.Code})
	}
	return out
}

// collected reads a list to its end.
func collected[T any](list iter.Seq2[T, error], of func(T) any) ([]any, error) {
	out := []any{}
	for v, err := range list {
		if err != nil {
			return out, err
		}
		out = append(out, of(v))
	}
	return out, nil
}

// packed is a ZIP file with one file in it.
func packed(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

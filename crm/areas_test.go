package crm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// newFullSim is newSim for a user who has consented to everything.
func newFullSim(t testing.TB, cfg sim.Config) (*crm.Client, *simtest.Server) {
	t.Helper()
	server := simtest.New(t, cfg)
	src := connect(t, server, "alice", "", sim.EveryScope)
	return newClient(t, crm.Config{Source: src, Directory: directory(t, server.URL), RetryWait: time.Millisecond}), server
}

// insertOne adds a record and gives its ID.
func insertOne(t testing.TB, c *crm.Client, module string, record any) string {
	t.Helper()
	results, err := c.Records.Insert(t.Context(), module, record, nil)
	if err != nil {
		t.Fatal(err)
	}
	return results[0].ID
}

func TestNotes(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	id := insertOne(t, c, "Leads", lead{LastName: "Bach"})
	added, err := c.Notes.Add(ctx, "Leads", id, crm.Note{Title: "Call", Content: "He (Bach) plays, and \"sings\""})
	if err != nil || added.ID == "" {
		t.Fatalf("%+v, %v", added, err)
	}
	if _, err := c.Notes.Update(ctx, added.ID, crm.Note{Title: "Called"}); err != nil {
		t.Error(err)
	}
	note, err := c.Notes.Get(ctx, added.ID)
	if err != nil || note.Title != "Called" || note.Content != "He (Bach) plays, and \"sings\"" || note.Parent.ID != id {
		t.Errorf("%+v, %v", note, err)
	}
	n := 0
	for note, err := range c.Notes.List(ctx, "Leads", id, nil) {
		if err != nil || note.ID != added.ID {
			t.Errorf("%+v, %v", note, err)
		}
		n++
	}
	for _, err := range c.Notes.All(ctx, nil) {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d notes were listed, want the same one twice", n)
	}
	if results, err := c.Notes.Delete(ctx, added.ID); err != nil || len(results) != 1 {
		t.Errorf("%+v, %v", results, err)
	}
	if _, err := c.Notes.Get(ctx, added.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a deleted note: %v", err)
	}
	if _, err := c.Notes.Add(ctx, "Leads", id, crm.Note{Title: "empty"}); err == nil {
		t.Error("a note without content was sent")
	}
}

func TestAttachments(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	id := insertOne(t, c, "Leads", lead{LastName: "Bach"})
	content := strings.Repeat("0123456789abcdef", 20_000)
	up, err := c.Attachments.Upload(ctx, "Leads", id, crm.File{Name: `mass "in" b.txt`, Body: strings.NewReader(content)})
	if err != nil || up.ID == "" {
		t.Fatalf("%+v, %v", up, err)
	}
	// A reader of unknown size goes up in chunks.
	if _, err := c.Attachments.Upload(ctx, "Leads", id, crm.File{Name: "stream.bin", Body: io.LimitReader(strings.NewReader(content), 1000)}); err != nil {
		t.Error(err)
	}
	if _, err := c.Attachments.Link(ctx, "Leads", id, "https://example.org/bach", "A page"); err != nil {
		t.Error(err)
	}
	var names []string
	for a, err := range c.Attachments.List(ctx, "Leads", id) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%s:%d", a.FileName, a.Size))
	}
	if len(names) != 3 || !strings.Contains(strings.Join(names, " "), fmt.Sprintf("b.txt:%d", len(content))) {
		t.Errorf("attachments %q", names)
	}
	var file bytes.Buffer
	info, err := c.Attachments.Download(ctx, "Leads", id, up.ID, &file)
	if err != nil || file.String() != content || info.Size != int64(len(content)) || !strings.HasSuffix(info.Name, "b.txt") {
		t.Errorf("%+v, %d bytes, %v", info, file.Len(), err)
	}
	if _, err := c.Attachments.Download(ctx, "Leads", id, "999", &file); err == nil {
		t.Error("an attachment that is not there was downloaded")
	}
	if results, err := c.Attachments.Delete(ctx, "Leads", id, up.ID); err != nil || len(results) != 1 {
		t.Errorf("%+v, %v", results, err)
	}

	// What is too large is not sent at all, if that can be known.
	before := server.Counters().APICalls
	_, err = c.Attachments.Upload(ctx, "Leads", id, crm.File{Name: "large", Body: largeFile{size: 101 << 20}})
	if !errors.Is(err, crm.ErrTooLarge) || server.Counters().APICalls != before {
		t.Errorf("%v, %d calls", err, server.Counters().APICalls-before)
	}
}

// largeFile says that it is large, and is never read.
type largeFile struct{ size int64 }

func (f largeFile) Read([]byte) (int, error)          { panic("it was read") }
func (f largeFile) ReadAt([]byte, int64) (int, error) { panic("it was read") }
func (f largeFile) Seek(_ int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return f.size, nil
	}
	return 0, nil
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestPhotos(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	id := insertOne(t, c, "Contacts", lead{LastName: "Bach"})
	if _, err := c.Photos.Download(ctx, "Contacts", id, io.Discard); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("no photo: %v", err)
	}
	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 500)...)
	if err := c.Photos.Upload(ctx, "Contacts", id, crm.File{Name: "bach.png", Body: bytes.NewReader(png)}); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if info, err := c.Photos.Download(ctx, "Contacts", id, &got); err != nil || !bytes.Equal(got.Bytes(), png) {
		t.Errorf("%+v, %d bytes, %v", info, got.Len(), err)
	}
	if err := c.Photos.Delete(ctx, "Contacts", id); err != nil {
		t.Error(err)
	}
	if err := c.Photos.Upload(ctx, "Contacts", id, crm.File{Name: "x.png", Body: largeFile{size: 11 << 20}}); !errors.Is(err, crm.ErrTooLarge) {
		t.Errorf("large photo: %v", err)
	}
	if err := c.Photos.Upload(ctx, "Contacts", id, crm.File{Name: "x.png", Body: endless{}}); !errors.Is(err, crm.ErrTooLarge) || errors.Is(err, crm.ErrUnavailable) {
		t.Errorf("an endless reader: %v", err)
	}
}

func TestFiles(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	results, err := c.Files.Upload(ctx,
		crm.File{Name: "a.txt", Body: strings.NewReader("first")}, crm.File{Name: "b.txt", Body: strings.NewReader("second")})
	if err != nil || len(results) != 2 || results[0].ID == results[1].ID {
		t.Fatalf("%+v, %v", results, err)
	}
	for i, want := range []string{"first", "second"} {
		var got bytes.Buffer
		if _, err := c.Files.Download(ctx, results[i].ID, &got); err != nil || got.String() != want {
			t.Errorf("%q, %v", got.String(), err)
		}
	}
	half := crm.File{Name: "half", Body: largeFile{size: 11 << 20}}
	if _, err := c.Files.Upload(ctx, half, half); !errors.Is(err, crm.ErrTooLarge) {
		t.Errorf("two files of 11 MB: %v", err)
	}
	if _, err := c.Files.Upload(ctx); err == nil {
		t.Error("no files were uploaded")
	}
	for _, name := range []string{"", "..", "a/b", `a\b`, "a\r\nX: y", "\xff"} {
		if _, err := c.Files.Upload(ctx, crm.File{Name: name, Body: strings.NewReader("x")}); err == nil {
			t.Errorf("name %q was sent", name)
		}
	}
}

func TestTags(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	made, err := c.Tags.Create(ctx, "Leads", crm.Tag{Name: "baroque"}, crm.Tag{Name: "classic", Color: "#57B1FD"})
	if err != nil || len(made) != 2 {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := c.Tags.Update(ctx, "Leads", crm.Tag{ID: made[0].ID, Name: "early"}); err != nil {
		t.Error(err)
	}
	added, err := c.Records.Insert(ctx, "Leads", leads(120), nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range added {
		ids = append(ids, r.ID)
	}
	if results, err := c.Tags.Add(ctx, "Leads", ids, []crm.Tag{{Name: "early"}}, nil); err != nil || len(results) != 120 || results[119].ID != ids[119] {
		t.Errorf("%d results, %v", len(results), err)
	}
	if n, err := c.Tags.Count(ctx, "Leads", made[0].ID); n != 120 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
	if _, err := c.Tags.Remove(ctx, "Leads", ids[:1], []crm.Tag{{Name: "early"}}); err != nil {
		t.Error(err)
	}
	if _, err := c.Tags.Merge(ctx, made[0].ID, made[1].ID); err != nil {
		t.Error(err)
	}
	tags, err := c.Tags.List(ctx, "Leads")
	if err != nil || len(tags) != 1 || tags[0].Name != "early" {
		t.Errorf("%+v, %v", tags, err)
	}
	if _, err := c.Tags.Delete(ctx, made[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := c.Tags.Create(ctx, "Laeds", crm.Tag{Name: "x"}); !errors.Is(err, crm.ErrNotFound) || !strings.Contains(err.Error(), "did you mean Leads?") {
		t.Errorf("a module that does not exist: %v", err)
	}
}

func TestRelated(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	id := insertOne(t, c, "Leads", lead{LastName: "Bach"})
	product := insertOne(t, c, "Products", map[string]any{"Product_Name": "Organ"})
	linked, err := c.Related.Link(ctx, "Leads", id, "Products", map[string]string{"id": product})
	if err != nil || len(linked) != 1 {
		t.Fatalf("%+v, %v", linked, err)
	}
	n := 0
	for r, err := range c.Related.List(ctx, "Leads", id, "Products", &crm.RelatedOptions{Fields: []string{"Product_Name"}}) {
		if err != nil || r.ID() != product {
			t.Errorf("%v, %v", r, err)
		}
		n++
	}
	if results, err := c.Related.Unlink(ctx, "Leads", id, "Products", product); n != 1 || err != nil || len(results) != 1 {
		t.Errorf("%d listed; %+v, %v", n, results, err)
	}
	for _, err := range c.Related.List(ctx, "Leads", id, "Products", nil) {
		if err == nil || !strings.Contains(err.Error(), "Fields") {
			t.Errorf("without fields: %v", err)
		}
	}
}

func TestConvert(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	id := insertOne(t, c, "Leads", lead{LastName: "Bach", Company: "Thomas Church"})
	deal := map[string]any{"Deal_Name": "Cantata", "Closing_Date": crm.Date{Year: 2030, Month: 1, Day: 2}, "Stage": "Qualification", "Pipeline": "Standard (Standard)"}
	became, err := c.Leads.Convert(ctx, id, crm.Conversion{Deal: deal, Overwrite: true})
	if err != nil || became.Contact.ID == "" || became.Account.ID == "" || became.Deal.ID == "" {
		t.Fatalf("%+v, %v", became, err)
	}
	var e *crm.Error
	if _, err := c.Leads.Convert(ctx, id, crm.Conversion{}); !errors.As(err, &e) || e.Code != "ID_ALREADY_CONVERTED" {
		t.Errorf("converted twice: %v", err)
	}
}

func TestConversionOptions(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{"__conversion_options":{"Contacts":[{"id":"7","name":"Bach"}],"Deals":[]}}`))
	c, _ := server.client(t)
	options, err := c.Leads.ConversionOptions(t.Context(), "1")
	if err != nil || options.Subs("Contacts")[0].ID() != "7" {
		t.Errorf("%v, %v", options, err)
	}
}

func TestComposite(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	answers, err := c.Composite.Run(ctx, []crm.SubRequest{
		{ID: "one", Method: "POST", Path: "/crm/v8/Leads", Body: map[string]any{"data": []any{lead{LastName: "Bach"}}}},
		{ID: "two", Method: "GET", Path: "/crm/v8/org"},
		{ID: "three", Path: "/crm/v8/Nonsense", Query: map[string]string{"fields": "id"}},
	}, nil)
	var failed *crm.RecordsError
	if len(answers) != 3 || !errors.As(err, &failed) || failed.Failures[0].Index != 2 || !errors.Is(err, crm.ErrNotFound) {
		t.Fatalf("%+v, %v", answers, err)
	}
	if answers[0].Status != 201 || answers[0].Err() != nil || answers[0].Body.Subs("data")[0].Text("code") != "SUCCESS" || answers[2].Err() == nil {
		t.Errorf("%+v", answers)
	}
	for _, calls := range [][]crm.SubRequest{nil, make([]crm.SubRequest, 6), {{Path: "crm"}}, {{Path: "/crm/v8/Leads?x=1"}}} {
		if _, err := c.Composite.Run(ctx, calls, nil); err == nil {
			t.Errorf("%d calls were made", len(calls))
		}
	}
}

func TestUsers(t *testing.T) {
	c, _ := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	var ids []string
	for u, err := range c.Users.List(ctx, &crm.UsersOptions{Type: "ActiveUsers"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
	}
	if len(ids) == 0 {
		t.Fatal("no users")
	}
	user, err := c.Users.Get(ctx, ids[0])
	if err != nil || user.ID != ids[0] || user.Email == "" {
		t.Errorf("%+v, %v", user, err)
	}
	added, err := c.Users.Add(ctx, map[string]any{
		"first_name": "Clara", "last_name": "Schumann", "email": "clara@example.com", "role": user.Role.ID, "profile": user.Profile.ID,
	})
	if err != nil || added.ID == "" {
		t.Fatalf("%+v, %v", added, err)
	}
	if _, err := c.Users.Update(ctx, added.ID, map[string]any{"first_name": "C."}); err != nil {
		t.Error(err)
	}
	if _, err := c.Users.Delete(ctx, added.ID); err != nil {
		t.Error(err)
	}
}

func TestWatches(t *testing.T) {
	c, server := newFullSim(t, sim.Config{Records: -1})
	ctx := t.Context()
	watch := crm.Watch{
		ChannelID: "1000000068001", Events: []string{"Leads.all"}, NotifyURL: "https://example.org/notify",
		Token: oauth.NewSecret("secret of the channel"), Expiry: server.Now().Add(time.Hour).Truncate(time.Second),
	}
	if results, err := c.Notifications.Enable(ctx, watch); err != nil || len(results) != 1 {
		t.Fatalf("%+v, %v", results, err)
	}
	watch.Expiry = watch.Expiry.Add(time.Hour)
	if _, err := c.Notifications.Renew(ctx, watch); err != nil {
		t.Error(err)
	}
	if _, err := c.Notifications.Update(ctx, watch); err != nil {
		t.Error(err)
	}
	n := 0
	for w, err := range c.Notifications.List(ctx, &crm.WatchOptions{ChannelID: watch.ChannelID}) {
		if err != nil || w.ChannelID != watch.ChannelID || !w.Expiry.Equal(watch.Expiry) || strings.Contains(w.Record.String(), "secret of") {
			t.Errorf("%+v, %v", w, err)
		}
		n++
	}
	if n == 0 {
		t.Error("no watch is listed")
	}
	server.Advance(3 * time.Hour)
	watch.Expiry = server.Now().Add(time.Hour)
	if _, err := c.Notifications.Renew(ctx, watch); !errors.Is(err, crm.ErrNotSubscribed) {
		t.Errorf("an expired watch: %v", err)
	}
	if _, err := c.Notifications.Enable(ctx, watch); err != nil {
		t.Error(err)
	}
	if results, err := c.Notifications.Disable(ctx, watch.ChannelID); err != nil || len(results) == 0 {
		t.Errorf("%+v, %v", results, err)
	}
	for _, wrong := range []crm.Watch{
		{}, {ChannelID: "x"}, {ChannelID: "1", Events: watch.Events, NotifyURL: "nowhere", Token: watch.Token},
		{ChannelID: "1", Events: watch.Events, NotifyURL: watch.NotifyURL, Token: oauth.NewSecret(strings.Repeat("x", 51))},
		{ChannelID: "1", Events: watch.Events, NotifyURL: watch.NotifyURL, Token: watch.Token, Expiry: time.Now().Add(-time.Hour)},
		{ChannelID: "1", Events: watch.Events, NotifyURL: watch.NotifyURL, Token: watch.Token, Expiry: time.Now().Add(8 * 24 * time.Hour)},
	} {
		if _, err := c.Notifications.Enable(ctx, wrong); err == nil || strings.Contains(err.Error(), "xxx") {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

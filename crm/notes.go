package crm

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Note is a note on a record.
type Note struct {
	ID           string
	Title        string
	Content      string
	Parent       Named  // the record it belongs to
	ParentModule string // its module's API name; "": not said
	CreatedTime  time.Time
	ModifiedTime time.Time
	Owner        Named
	Record       Record // all that Zoho sent
}

// NotesOptions says what a list of notes brings.
type NotesOptions struct {
	// Fields are the API names of the fields wanted. nil: those of [Note].
	Fields []string
	// PerPage is the number of notes a call brings, at most 200. 0: 200.
	PerPage int
}

// List goes through the notes of one record.
//
// GET /crm/v8/{module}/{id}/Notes, scopes ZohoCRM.modules.READ and
// ZohoCRM.modules.notes.READ (Zoho: get-notes).
func (s *NotesService) List(ctx context.Context, module, id string, opts *NotesOptions) iter.Seq2[Note, error] {
	path, err := recordsPath(module, id, "Notes")
	return s.list(ctx, path, err, opts)
}

// All goes through the notes of all records. Zoho may refuse it to people who
// are no administrators ([ErrPermission]).
//
// GET /crm/v8/Notes, scope ZohoCRM.modules.notes.READ (Zoho: get-notes).
func (s *NotesService) All(ctx context.Context, opts *NotesOptions) iter.Seq2[Note, error] {
	return s.list(ctx, notesPath, nil, opts)
}

const notesPath = "/crm/v8/Notes"

func (s *NotesService) list(ctx context.Context, path string, pathErr error, opts *NotesOptions) iter.Seq2[Note, error] {
	here := NotesOptions{}
	if opts != nil {
		here = *opts
	}
	return each(through(ctx, path, place{}, func(at place) (*Page, error) {
		if pathErr != nil {
			return nil, pathErr
		}
		r := Request{Path: path, Query: url.Values{"fields": {noteFields(here.Fields)}}}
		perPage(r.Query, here.PerPage)
		at.set(r.Query)
		return s.client.page(ctx, r, "data")
	}), newNote)
}

func noteFields(names []string) string {
	if len(names) == 0 {
		return "id,Note_Title,Note_Content,Parent_Id,Created_Time,Modified_Time,Owner"
	}
	return strings.Join(names, ",")
}

// Get reads one note.
//
// GET /crm/v8/Notes/{id}, scope ZohoCRM.modules.notes.READ (Zoho: get-notes).
func (s *NotesService) Get(ctx context.Context, id string) (*Note, error) {
	path, err := recordsPath("Notes", id)
	if err != nil {
		return nil, err
	}
	r, err := s.client.one(ctx, Request{Path: path, Query: url.Values{"fields": {noteFields(nil)}}}, "data")
	if err != nil {
		return nil, err
	}
	n := newNote(r)
	return &n, nil
}

// Add puts a note with Title and Content on a record.
//
// POST /crm/v8/Notes, scope ZohoCRM.modules.notes.CREATE (Zoho: create-notes).
func (s *NotesService) Add(ctx context.Context, module, id string, note Note) (Result, error) {
	if module == "" || id == "" || note.Content == "" {
		return Result{}, errors.New("crm: a note needs a module, a record's ID and Note.Content")
	}
	fields := note.fields()
	fields["Parent_Id"] = map[string]any{"module": map[string]string{"api_name": module}, "id": id}
	r := Request{Method: http.MethodPost, Path: notesPath, Body: map[string]any{"data": []any{fields}}, about: module}
	return s.client.writeOne(ctx, r, "data")
}

// Update changes a note's Title and Content, as far as they are not empty.
//
// PUT /crm/v8/Notes/{id}, scope ZohoCRM.modules.notes.UPDATE (Zoho: update-notes).
func (s *NotesService) Update(ctx context.Context, id string, note Note) (Result, error) {
	path, err := recordsPath("Notes", id)
	if err != nil {
		return Result{}, err
	}
	return s.client.writeOne(ctx, Request{Method: http.MethodPut, Path: path, Body: map[string]any{"data": []any{note.fields()}}}, "data")
}

// Delete removes notes. Results, errors and batches of 100 are as with
// [RecordsService.Delete].
//
// DELETE /crm/v8/Notes?ids=, scope ZohoCRM.modules.notes.DELETE (Zoho: delete-notes).
func (s *NotesService) Delete(ctx context.Context, ids ...string) ([]Result, error) {
	return s.client.deleteAll(ctx, Request{Path: notesPath}, ids)
}

func (n Note) fields() map[string]any {
	fields := map[string]any{}
	if n.Title != "" {
		fields["Note_Title"] = n.Title
	}
	if n.Content != "" {
		fields["Note_Content"] = n.Content
	}
	return fields
}

func newNote(r Record) Note {
	parent := r.Sub("Parent_Id")
	return Note{
		ID: r.ID(), Title: r.Text("Note_Title"), Content: r.Text("Note_Content"), Parent: named(parent),
		ParentModule: parent.Sub("module").Text("api_name"), CreatedTime: r.at("Created_Time"), ModifiedTime: r.at("Modified_Time"),
		Owner: named(r.Sub("Owner")), Record: r,
	}
}

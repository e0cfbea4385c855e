package crm

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// maxAttachment is the largest attachment, in bytes (Zoho: upload-attachment).
const maxAttachment = 100 << 20

// Attachment is a file or a link attached to a record.
type Attachment struct {
	ID           string
	FileName     string
	Size         int64  // bytes; 0: a link
	Type         string // Attachment, Link URL, ...
	LinkURL      string // of a link
	FileID       string
	Parent       Named // the record it belongs to
	CreatedTime  time.Time
	ModifiedTime time.Time
	CreatedBy    Named
	Record       Record // all that Zoho sent
}

// List goes through the attachments of a record.
//
// GET /crm/v8/{module}/{id}/Attachments, scopes ZohoCRM.modules.READ and
// ZohoCRM.modules.attachments.READ (Zoho: get-attachments).
func (s *AttachmentsService) List(ctx context.Context, module, id string) iter.Seq2[Attachment, error] {
	path, pathErr := recordsPath(module, id, "Attachments")
	return each(through(ctx, path, place{}, func(at place) (*Page, error) {
		if pathErr != nil {
			return nil, pathErr
		}
		const fields = "id,File_Name,Size,Owner,Parent_Id,Created_By,Created_Time,Modified_By,Modified_Time,$type,$link_url,$file_id"
		r := Request{Path: path, Query: url.Values{"fields": {fields}}}
		perPage(r.Query, 0)
		at.set(r.Query)
		return s.client.page(ctx, r, "data")
	}), newAttachment)
}

// Upload attaches a file, of at most 100 MB. The Result's ID is the
// attachment's. An upload is not repeated if no answer came: look with
// [AttachmentsService.List] first.
//
// POST /crm/v8/{module}/{id}/Attachments, scope ZohoCRM.modules.attachments.CREATE (Zoho: upload-attachment).
func (s *AttachmentsService) Upload(ctx context.Context, module, id string, file File) (Result, error) {
	path, err := recordsPath(module, id, "Attachments")
	if err != nil {
		return Result{}, err
	}
	return s.client.uploadOne(ctx, Request{Method: http.MethodPost, Path: path}, maxAttachment, file)
}

// uploadOne sends one file where a single result in "data" is the answer.
func (c *Client) uploadOne(ctx context.Context, r Request, limit int64, file File) (Result, error) {
	form, kind, err := multipartBody(limit, file)
	if err != nil {
		return Result{}, err
	}
	r.Body, r.Header, r.file = form, http.Header{"Content-Type": {kind}}, true
	return c.writeOne(ctx, r, "data")
}

// Link attaches a link. title may be empty.
//
// POST /crm/v8/{module}/{id}/Attachments?attachmentUrl=, scope
// ZohoCRM.modules.attachments.CREATE (Zoho: upload-attachment).
func (s *AttachmentsService) Link(ctx context.Context, module, id, address, title string) (Result, error) {
	path, err := recordsPath(module, id, "Attachments")
	if err != nil {
		return Result{}, err
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" {
		return Result{}, errors.New("crm: the address of a link must be a whole URL")
	}
	query := url.Values{"attachmentUrl": {address}}
	set(query, "title", title)
	return s.client.writeOne(ctx, Request{Method: http.MethodPost, Path: path, Query: query}, "data")
}

// Download writes an attached file to w as it comes. After an error, w may hold
// a part of it.
//
// GET /crm/v8/{module}/{id}/Attachments/{attachment}, scope
// ZohoCRM.modules.attachments.READ (Zoho: download-attachments).
func (s *AttachmentsService) Download(ctx context.Context, module, id, attachmentID string, w io.Writer) (FileInfo, error) {
	path, err := recordsPath(module, id, "Attachments", attachmentID)
	if err != nil {
		return FileInfo{}, err
	}
	return s.client.download(ctx, Request{Path: path}, w)
}

// Delete removes attachments of a record. Results, errors and batches of 100
// are as with [RecordsService.Delete].
//
// DELETE /crm/v8/{module}/{id}/Attachments?ids=, scope
// ZohoCRM.modules.attachments.DELETE (Zoho: delete-attachments).
func (s *AttachmentsService) Delete(ctx context.Context, module, id string, attachmentIDs ...string) ([]Result, error) {
	path, err := recordsPath(module, id, "Attachments")
	if err != nil {
		return nil, err
	}
	return s.client.deleteAll(ctx, Request{Path: path}, attachmentIDs)
}

func newAttachment(r Record) Attachment {
	size, _ := r.Int("Size")
	return Attachment{
		ID: r.ID(), FileName: r.Text("File_Name"), Size: size, Type: r.Text("$type"), LinkURL: r.Text("$link_url"), FileID: r.Text("$file_id"),
		Parent: named(r.Sub("Parent_Id")), CreatedTime: r.at("Created_Time"), ModifiedTime: r.at("Modified_Time"),
		CreatedBy: named(r.Sub("Created_By")), Record: r,
	}
}

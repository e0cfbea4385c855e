package crm

import (
	"context"
	"net/http"
)

// The limits of a file for a bulk write (Zoho: bulk-write overview).
const (
	maxArchive = 25 << 20 // bytes of the ZIP
	maxRows    = 25_000
	maxColumns = 200
)

// Upload brings a ZIP file with one CSV file in it, at most 25 MB, 25,000 rows
// and 200 columns, to the upload host of the token's data centre, and gives the
// file's ID for [BulkService.StartWrite]. [BulkService.UploadCSV] makes the ZIP.
//
// POST {upload host}/crm/v8/upload, scopes ZohoFiles.files.ALL and
// ZohoCRM.bulk.ALL; the organisation's number comes from [OrgService.Get]
// (Zoho: bulk-write/upload-file).
func (s *BulkService) Upload(ctx context.Context, archive File) (fileID string, err error) {
	form, kind, err := multipartBody(maxArchive, archive)
	if err != nil {
		return "", err
	}
	org, err := s.client.Org.Get(ctx)
	if err != nil {
		return "", err
	}
	r := Request{Method: http.MethodPost, Path: "/crm/v8/upload", Body: form, upload: true, file: true}
	r.Header = http.Header{"Content-Type": {kind}, "Feature": {"bulk-write"}, "X-Crm-Org": {org.ZGID}}
	var answer Record
	resp, err := s.client.call(ctx, r, &answer)
	if err != nil {
		return "", err
	}
	if fileID = answer.Sub("details").Text("file_id"); fileID == "" {
		return "", &Error{Status: resp.Status, Method: r.Method, Path: r.Path, foreign: "the answer names no file"}
	}
	return fileID, nil
}

package crm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// The limits of one upload: files, and bytes of all together (Zoho: upload-files-to-zfs).
const (
	maxFiles     = 10
	maxFilesSize = 20 << 20
)

// Upload brings files, at most 10 and 20 MB together, to Zoho's file system and
// gives one Result for each, in their order, whose ID then goes into a file
// upload or image upload field.
//
// POST /crm/v8/files, scope ZohoCRM.files.CREATE (Zoho: upload-files-to-zfs).
func (s *FilesService) Upload(ctx context.Context, files ...File) ([]Result, error) {
	if len(files) == 0 || len(files) > maxFiles {
		return nil, errors.New("crm: 1 to 10 files go in one upload: nothing was sent")
	}
	form, kind, err := multipartBody(maxFilesSize, files...)
	if err != nil {
		return nil, err
	}
	answer := results{want: len(files)}
	r := Request{Method: http.MethodPost, Path: filesPath, Body: form, Header: http.Header{"Content-Type": {kind}}, file: true}
	if _, err := s.client.call(ctx, r, &answer); err != nil {
		return nil, err
	}
	return answer.list, failures(answer.list)
}

const filesPath = "/crm/v8/files"

// Download writes a file of Zoho's file system to w as it comes.
//
// GET /crm/v8/files?id=, scope ZohoCRM.files.READ (Zoho: get-file-from-zfs).
func (s *FilesService) Download(ctx context.Context, id string, w io.Writer) (FileInfo, error) {
	if id == "" {
		return FileInfo{}, errors.New("crm: the file's ID must not be empty")
	}
	return s.client.download(ctx, Request{Path: filesPath, Query: url.Values{"id": {id}}}, w)
}

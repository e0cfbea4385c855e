package crm

import (
	"context"
	"io"
	"net/http"
)

// maxPhoto is the largest photo, in bytes (Zoho: upload-photo).
const maxPhoto = 10 << 20

// Upload gives a record its photo, of at most 10 MB, in place of the one it has.
//
// POST /crm/v8/{module}/{id}/photo, scope ZohoCRM.modules.CREATE (Zoho: upload-photo).
func (s *PhotosService) Upload(ctx context.Context, module, id string, photo File) error {
	path, err := recordsPath(module, id, "photo")
	if err != nil {
		return err
	}
	form, kind, err := multipartBody(maxPhoto, photo)
	if err != nil {
		return err
	}
	var answer Record // errors in it are found by Do
	_, err = s.client.call(ctx, Request{Method: http.MethodPost, Path: path, Body: form, Header: http.Header{"Content-Type": {kind}}, file: true}, &answer)
	return err
}

// Download writes a record's photo to w as it comes. A record without one is
// [ErrNotFound].
//
// GET /crm/v8/{module}/{id}/photo, scope ZohoCRM.modules.READ (Zoho: download-photo).
func (s *PhotosService) Download(ctx context.Context, module, id string, w io.Writer) (FileInfo, error) {
	path, err := recordsPath(module, id, "photo")
	if err != nil {
		return FileInfo{}, err
	}
	return s.client.download(ctx, Request{Path: path}, w)
}

// Delete removes a record's photo.
//
// DELETE /crm/v8/{module}/{id}/photo, scope ZohoCRM.modules.DELETE (Zoho: delete-photo).
func (s *PhotosService) Delete(ctx context.Context, module, id string) error {
	path, err := recordsPath(module, id, "photo")
	if err != nil {
		return err
	}
	var answer Record
	_, err = s.client.call(ctx, Request{Method: http.MethodDelete, Path: path}, &answer)
	return err
}

package crm

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// DeletedOptions says which deleted records are listed.
type DeletedOptions struct {
	// Type is recycle (can still be restored), permanent, or all. "": all.
	Type string
	// PerPage is the number of records a call brings, at most 200. 0: 200.
	PerPage int
	// ModifiedSince asks only for records deleted after it: if there are none
	// the error is ErrNotModified. Zero: all.
	ModifiedSince time.Time
}

// DeletedRecord is what is left of a deleted record.
type DeletedRecord struct {
	ID          string
	DisplayName string
	Type        string // recycle or permanent
	DeletedTime time.Time
	DeletedBy   Named
	CreatedBy   Named
	Record      Record // all that Zoho sent
}

// Deleted lists the records of a module that were deleted in the last 60 days
// or lie in the recycle bin.
//
// GET /crm/v8/{module}/deleted, scope ZohoCRM.modules.READ (Zoho: get-deleted-records).
func (s *RecordsService) Deleted(ctx context.Context, module string, opts *DeletedOptions) iter.Seq2[DeletedRecord, error] {
	here := DeletedOptions{}
	if opts != nil {
		here = *opts
	}
	if here.Type == "" {
		here.Type = "all"
	}
	path, pathErr := recordsPath(module, "deleted")
	return each(through(ctx, path, place{}, func(at place) (*Page, error) {
		if pathErr != nil {
			return nil, pathErr
		}
		r := Request{Path: path, Query: url.Values{"type": {here.Type}}, Header: http.Header{}}
		perPage(r.Query, here.PerPage)
		at.set(r.Query)
		setTime(r.Header, "If-Modified-Since", here.ModifiedSince)
		return s.client.page(ctx, r, "data")
	}), func(r Record) DeletedRecord {
		return DeletedRecord{
			ID: r.ID(), DisplayName: r.Text("display_name"), Type: r.Text("type"), DeletedTime: r.at("deleted_time"),
			DeletedBy: named(r.Sub("deleted_by")), CreatedBy: named(r.Sub("created_by")), Record: r,
		}
	})
}

package crm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// RelatedOptions says what a list of related records brings.
type RelatedOptions struct {
	// Fields are the API names of the fields wanted, at most 50. Required.
	Fields []string
	// PerPage is the number of records a call brings, at most 200. 0: 200.
	PerPage int
	// ModifiedSince asks only for records changed after it: if there are none
	// the error is ErrNotModified. Zero: all.
	ModifiedSince time.Time
	// External is the API name of an external field of the module. With it,
	// the record's ID is not Zoho's but that field's value. "": Zoho's.
	External string
}

// List goes through the records that belong to a record, by the API name of the
// related list: [MetadataService.RelatedLists] has them.
//
// GET /crm/v8/{module}/{id}/{related}, scope ZohoCRM.modules.READ (Zoho: get-related-records).
func (s *RelatedService) List(ctx context.Context, module, id, related string, opts *RelatedOptions) iter.Seq2[Record, error] {
	here := RelatedOptions{}
	if opts != nil {
		here = *opts
	}
	path, pathErr := recordsPath(module, id, related)
	if pathErr == nil && len(here.Fields) == 0 {
		pathErr = errors.New("crm: RelatedOptions.Fields is required: version 8 of the API lists only the fields that are named")
	}
	return through(ctx, path, place{}, func(at place) (*Page, error) {
		if pathErr != nil {
			return nil, pathErr
		}
		r := Request{Path: path, Query: url.Values{"fields": {strings.Join(here.Fields, ",")}}, Header: http.Header{}}
		perPage(r.Query, here.PerPage)
		at.set(r.Query)
		setTime(r.Header, "If-Modified-Since", here.ModifiedSince)
		setExternal(r.Header, module, here.External)
		return s.client.page(ctx, r, "data")
	})
}

// Get reads one related record, by its ID. fields nil: all of them.
//
// GET /crm/v8/{module}/{id}/{related}/{related id}, scope ZohoCRM.modules.READ (Zoho: get-related-records).
func (s *RelatedService) Get(ctx context.Context, module, id, related, relatedID string, fields []string) (Record, error) {
	path, err := recordsPath(module, id, related, relatedID)
	if err != nil {
		return Record{}, err
	}
	query := url.Values{}
	set(query, "fields", strings.Join(fields, ","))
	return s.client.one(ctx, Request{Path: path, Query: query}, "data")
}

// Link makes records belong to a record: values that each marshal to a JSON
// object with the "id" of the other record and, where the relation has some,
// its own fields. Results, errors and batches of 100 are as with
// [RecordsService.Insert].
//
// PUT /crm/v8/{module}/{id}/{related}, scope ZohoCRM.modules.UPDATE (Zoho: update-related-records).
func (s *RelatedService) Link(ctx context.Context, module, id, related string, records any) ([]Result, error) {
	path, err := recordsPath(module, id, related)
	if err != nil {
		return nil, err
	}
	all, err := recordsOf(records)
	if err != nil {
		return nil, fmt.Errorf("crm: PUT %s: %w", path, err)
	}
	return inBatches(len(all), func(from, to int) ([]Result, error) {
		answer := results{want: to - from}
		r := Request{Method: http.MethodPut, Path: path, Body: map[string]any{"data": all[from:to]}, heavy: to-from > heavyBatch}
		_, err := s.client.call(ctx, r, &answer)
		return answer.list, err
	})
}

// Unlink ends relations; the records stay. Results, errors and batches are as
// with [RecordsService.Delete].
//
// DELETE /crm/v8/{module}/{id}/{related}?ids=, scope ZohoCRM.modules.DELETE (Zoho: delink-related-records).
func (s *RelatedService) Unlink(ctx context.Context, module, id, related string, relatedIDs ...string) ([]Result, error) {
	path, err := recordsPath(module, id, related)
	if err != nil {
		return nil, err
	}
	return s.client.deleteAll(ctx, Request{Path: path}, relatedIDs)
}

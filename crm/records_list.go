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

// ListOptions says which records of a module are listed, and how.
type ListOptions struct {
	// Fields are the API names of the fields wanted, at most 50. Required
	// unless IDs are given: version 8 of the API lists no module without them.
	Fields []string
	// IDs lists only these records. nil: all.
	IDs []string
	// CVID lists the records of a custom view; not together with SortBy.
	CVID string
	// SortBy is id, Created_Time or Modified_Time. "": id.
	SortBy string
	// SortOrder is asc or desc. "": desc.
	SortOrder string
	// PerPage is the number of records a call brings, at most 200. 0: 200.
	PerPage int
	// Page is the page to begin with, from 1, and reaches no further than the
	// first 2,000 records. 0: the first. Not together with PageToken.
	Page int
	// PageToken is the place to begin at: PageInfo.NextPageToken of an earlier
	// page of the same list and user, less than 24 hours old.
	PageToken string
	// Converted is true, false or both, for Leads. "": false.
	Converted string
	// Approved is true, false or both. "": true.
	Approved string
	// TerritoryID lists the records of a territory, with IncludeChild also of
	// those below it.
	TerritoryID  string
	IncludeChild bool
	// ModifiedSince asks only for records changed after it: if there are none
	// the error is ErrNotModified. Zero: all.
	ModifiedSince time.Time
	// Extra are further parameters. They lose against the fields above.
	Extra url.Values
}

// Page is one call's worth of a list.
type Page struct {
	Records  []Record // none if nothing was found
	Info     PageInfo
	Response *Response
}

// List goes through all records of a module that fit opts, 200 a call, and
// makes the next call when the loop gets there. It follows Zoho's page tokens,
// which reach 100,000 records; what lies further is an error from Zoho
// ([ErrLimit]), not a list that ends early: use [QueryService.Select] or
// [BulkService.Export] for more. After an error it ends; the error says how many
// records came before it.
//
// GET /crm/v8/{module}, scope ZohoCRM.modules.READ (Zoho: get-records).
func (s *RecordsService) List(ctx context.Context, module string, opts *ListOptions) iter.Seq2[Record, error] {
	here := ListOptions{}
	if opts != nil {
		here = *opts
	}
	path, _ := recordsPath(module) // an error comes with the first page
	return through(ctx, path, place{page: here.Page, token: here.PageToken}, func(at place) (*Page, error) {
		opts := here
		opts.Page, opts.PageToken = at.page, at.token
		return s.ListPage(ctx, module, &opts)
	})
}

// ListPage is one page of a list: the first, unless opts says otherwise.
//
// GET /crm/v8/{module}, scope ZohoCRM.modules.READ (Zoho: get-records).
func (s *RecordsService) ListPage(ctx context.Context, module string, opts *ListOptions) (*Page, error) {
	path, err := recordsPath(module)
	if err != nil {
		return nil, err
	}
	if opts == nil || len(opts.Fields) == 0 && len(opts.IDs) == 0 && opts.Extra.Get("fields") == "" {
		return nil, errors.New("crm: ListOptions.Fields is required: version 8 of the API lists only the fields that are named")
	}
	r := Request{Path: path, Query: opts.query(), Header: http.Header{}}
	setTime(r.Header, "If-Modified-Since", opts.ModifiedSince)
	return s.client.page(ctx, r, "data")
}

func (o *ListOptions) query() url.Values {
	query := url.Values{}
	for name, values := range o.Extra {
		query[name] = values
	}
	perPage(query, o.PerPage)
	set(query, "fields", strings.Join(o.Fields, ","))
	set(query, "ids", strings.Join(o.IDs, ","))
	set(query, "cvid", o.CVID)
	set(query, "sort_by", o.SortBy)
	set(query, "sort_order", o.SortOrder)
	set(query, "converted", o.Converted)
	set(query, "approved", o.Approved)
	set(query, "territory_id", o.TerritoryID)
	place{page: o.Page, token: o.PageToken}.set(query)
	if o.IncludeChild {
		query.Set("include_child", "true")
	}
	return query
}

package crm

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
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
// which reach 100,000 records; what lies further is an error from Zoho, not a
// list that ends early. After an error it ends.
//
// GET /crm/v8/{module}, scope ZohoCRM.modules.READ (Zoho: get-records).
func (s *RecordsService) List(ctx context.Context, module string, opts *ListOptions) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		var here ListOptions
		if opts != nil {
			here = *opts
		}
		for {
			page, err := s.ListPage(ctx, module, &here)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, record := range page.Records {
				if !yield(record, nil) {
					return
				}
				if err := ctx.Err(); err != nil {
					yield(Record{}, err)
					return
				}
			}
			if !page.Info.MoreRecords {
				return
			}
			if err := here.advance(page.Info); err != nil {
				path, _ := recordsPath(module)
				yield(Record{}, &Error{Status: page.Response.Status, Method: http.MethodGet, Path: path, foreign: err.Error()})
				return
			}
		}
	}
}

// advance points to the next page.
func (o *ListOptions) advance(info PageInfo) error {
	switch {
	case info.NextPageToken != "" && info.NextPageToken != o.PageToken:
		o.PageToken, o.Page = info.NextPageToken, 0
	case info.NextPageToken == "" && o.PageToken == "":
		// A list without tokens: page numbers reach 2,000 records, and then
		// Zoho answers an error.
		o.Page = max(o.Page, 1) + 1
	default:
		return errors.New("there are more records, but no next page token")
	}
	return nil
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
	list := recordList{name: "data"}
	resp, err := s.client.Do(ctx, r, &list)
	if err != nil {
		return nil, err
	}
	return &Page{Records: list.records, Info: pageInfo(list.info), Response: resp}, nil
}

func (o *ListOptions) query() url.Values {
	query := url.Values{}
	for name, values := range o.Extra {
		query[name] = values
	}
	perPage := 200
	if o.PerPage > 0 {
		perPage = o.PerPage
	}
	query.Set("per_page", strconv.Itoa(perPage))
	set(query, "fields", strings.Join(o.Fields, ","))
	set(query, "ids", strings.Join(o.IDs, ","))
	set(query, "cvid", o.CVID)
	set(query, "sort_by", o.SortBy)
	set(query, "sort_order", o.SortOrder)
	set(query, "page_token", o.PageToken)
	set(query, "converted", o.Converted)
	set(query, "approved", o.Approved)
	set(query, "territory_id", o.TerritoryID)
	if o.Page > 0 {
		query.Set("page", strconv.Itoa(o.Page))
	}
	if o.IncludeChild {
		query.Set("include_child", "true")
	}
	return query
}

package crm

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strings"
)

// SearchOptions says what is searched for: exactly one of Where, Criteria,
// Email, Phone and Word.
type SearchOptions struct {
	// Where is a condition, of at most 15 comparisons.
	Where Condition
	// Criteria is the same as text, sent as it is:
	// "((Last_Name:equals:X)and(City:equals:Y))". Values in it must be
	// escaped; Where does that.
	Criteria string
	// Email, Phone and Word search all fields of that kind.
	Email, Phone, Word string

	// Fields are the API names of the fields wanted. nil: all that Zoho gives.
	Fields []string
	// Converted is true, false or both, for Leads. "": false.
	Converted string
	// Approved is true, false or both. "": true.
	Approved string
	// PerPage is the number of records a call brings, at most 200. 0: 200.
	PerPage int
	// Page is the page to begin with, from 1. 0: the first.
	Page int
	// Extra are further parameters. They lose against the fields above.
	Extra url.Values
}

// Search finds records of a module, 2,000 at most: what lies further is the
// error [ErrLimit] after them. Zoho indexes what is written a little later, so
// a record that was just written may not be found; [QueryService] finds it.
//
// GET /crm/v8/{module}/search, scopes ZohoCRM.modules.READ and
// ZohoSearch.securesearch.READ (Zoho: search-records).
func (s *RecordsService) Search(ctx context.Context, module string, opts *SearchOptions) iter.Seq2[Record, error] {
	here := SearchOptions{}
	if opts != nil {
		here = *opts
	}
	path, _ := recordsPath(module, "search") // an error comes with the first page
	return through(ctx, path, place{page: here.Page}, func(at place) (*Page, error) {
		opts := here
		opts.Page = at.page
		return s.SearchPage(ctx, module, &opts)
	})
}

// SearchPage is one page of a search: the first, unless opts says otherwise.
//
// GET /crm/v8/{module}/search, scopes ZohoCRM.modules.READ and
// ZohoSearch.securesearch.READ (Zoho: search-records).
func (s *RecordsService) SearchPage(ctx context.Context, module string, opts *SearchOptions) (*Page, error) {
	path, err := recordsPath(module, "search")
	if err != nil {
		return nil, err
	}
	if opts == nil {
		opts = &SearchOptions{}
	}
	query, err := opts.query()
	if err != nil {
		return nil, err
	}
	return s.client.page(ctx, Request{Path: path, Query: query, names: opts.Where.fields(nil)}, "data")
}

func (o *SearchOptions) query() (url.Values, error) {
	criteria, err := criteriaOf(o.Where, o.Criteria)
	if err != nil {
		return nil, err
	}
	query := url.Values{}
	for name, values := range o.Extra {
		query[name] = values
	}
	asked := 0
	for _, p := range [][2]string{{"criteria", criteria}, {"email", o.Email}, {"phone", o.Phone}, {"word", o.Word}} {
		if p[1] != "" {
			query.Set(p[0], p[1])
			asked++
		}
	}
	if asked != 1 {
		return nil, errors.New("crm: SearchOptions needs exactly one of Where, Criteria, Email, Phone and Word")
	}
	set(query, "fields", strings.Join(o.Fields, ","))
	set(query, "converted", o.Converted)
	set(query, "approved", o.Approved)
	perPage(query, o.PerPage)
	place{page: o.Page}.set(query)
	return query, nil
}

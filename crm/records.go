package crm

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// GetOptions narrows [RecordsService.Get].
type GetOptions struct {
	// Fields are the API names of the fields wanted. nil: all of them.
	Fields []string
	// ModifiedSince asks only if the record was changed after it: else the
	// error is ErrNotModified. Zero: always.
	ModifiedSince time.Time
	// External is the API name of an external field. With it, the ID is not
	// Zoho's but that field's value. "": Zoho's.
	External string
}

// Get reads one record, with its subforms and whole rich texts, which lists
// leave out. A record that is not there is [ErrNotFound].
//
// GET /crm/v8/{module}/{id}, scope ZohoCRM.modules.READ (Zoho: get-records).
func (s *RecordsService) Get(ctx context.Context, module, id string, opts *GetOptions) (Record, error) {
	path, err := recordsPath(module, id)
	if err != nil {
		return Record{}, err
	}
	r := Request{Path: path, Query: url.Values{}, Header: http.Header{}}
	if opts != nil {
		if len(opts.Fields) > 0 {
			r.Query.Set("fields", strings.Join(opts.Fields, ","))
		}
		setTime(r.Header, "If-Modified-Since", opts.ModifiedSince)
		setExternal(r.Header, module, opts.External)
	}
	return s.client.one(ctx, r, "data")
}

// CountOptions says what to count; one of the fields at most, apart from
// Criteria. The zero value counts all.
type CountOptions struct {
	Where    Condition // as in a search
	Criteria string    // the same as text: "((Last_Name:equals:X)and(City:equals:Y))"
	Email    string
	Phone    string
	Word     string
	CVID     string // a custom view
}

// Count tells how many records a module has, or how many of them fit opts.
//
// GET /crm/v8/{module}/actions/count, scope ZohoCRM.modules.READ (Zoho: record-count).
func (s *RecordsService) Count(ctx context.Context, module string, opts *CountOptions) (int64, error) {
	path, err := recordsPath(module, "actions", "count")
	if err != nil {
		return 0, err
	}
	query := url.Values{}
	if opts != nil {
		criteria, err := criteriaOf(opts.Where, opts.Criteria)
		if err != nil {
			return 0, err
		}
		set(query, "criteria", criteria)
		set(query, "email", opts.Email)
		set(query, "phone", opts.Phone)
		set(query, "word", opts.Word)
		set(query, "cvid", opts.CVID)
	}
	var answer struct {
		Count *int64 `json:"count"`
	}
	resp, err := s.client.read(ctx, Request{Path: path, Query: query}, &answer)
	switch {
	case err != nil:
		return 0, err
	case resp.Status == http.StatusNoContent:
		return 0, nil
	case answer.Count == nil:
		return 0, &Error{Status: resp.Status, Method: http.MethodGet, Path: path, foreign: "the answer has no count"}
	}
	return *answer.Count, nil
}

// recordsPath is the path of a module's records, or of what lies below it.
func recordsPath(module string, below ...string) (string, error) {
	path := "/crm/v8"
	for _, part := range append([]string{module}, below...) {
		if part == "" {
			return "", errors.New("crm: module and record ID must not be empty")
		}
		path += "/" + url.PathEscape(part)
	}
	return path, nil
}

// set sets a parameter that was given.
func set(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// setExternal names the external field whose values stand for IDs (Zoho:
// external-id-api).
func setExternal(header http.Header, module, field string) {
	if field != "" {
		header.Set("X-EXTERNAL", module+"."+field)
	}
}

// setTime sets a header as Zoho wants its times, ISO 8601 to the second.
func setTime(header http.Header, name string, t time.Time) {
	if !t.IsZero() {
		header.Set(name, t.Format("2006-01-02T15:04:05-07:00"))
	}
}

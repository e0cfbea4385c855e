package crm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxComposite is how many calls one composite request carries (Zoho: composite-overview).
const maxComposite = 5

// CompositeOptions says how the calls are made.
type CompositeOptions struct {
	// RollbackOnFail undoes all calls if one fails.
	RollbackOnFail bool
	// Parallel makes calls that do not refer to each other at the same time.
	Parallel bool
}

// SubRequest is one call of a composite request. Its texts may refer to what an
// earlier one answered: "@{ID:$.data[0].details.id}".
type SubRequest struct {
	ID     string // letters, digits, underscores; "": none
	Method string // "": GET
	Path   string // "/crm/v8/Leads"
	Query  map[string]string
	Header map[string]string
	Body   any // anything that marshals to JSON; nil: none
}

// SubResponse is the answer to one of them.
type SubResponse struct {
	Status int    // HTTP status; 0: the call was not made
	Body   Record // the answer; the zero Record if there was none
	Header Record

	failure *Error
}

// Err is the failure as an [*Error], nil if the call was made and succeeded.
// Failures of single records in a call's answer are in Body.
func (r SubResponse) Err() error {
	if r.failure == nil {
		return nil
	}
	return r.failure
}

// Run makes at most five calls in one, for one credit. There is a SubResponse
// for each call, in their order, and the error is a [*RecordsError] if any of
// them failed.
//
// POST /crm/v8/__composite_requests, scope ZohoCRM.composite_requests.CUSTOM and
// those of the calls (Zoho: composite-overview).
func (s *CompositeService) Run(ctx context.Context, calls []SubRequest, opts *CompositeOptions) ([]SubResponse, error) {
	if len(calls) == 0 || len(calls) > maxComposite {
		return nil, fmt.Errorf("crm: a composite request has 1 to %d calls, not %d: nothing was sent", maxComposite, len(calls))
	}
	if opts == nil {
		opts = &CompositeOptions{}
	}
	const path, name = "/crm/v8/__composite_requests", "__composite_requests"
	list := make([]map[string]any, len(calls))
	for i, c := range calls {
		sub, err := c.body()
		if err != nil {
			return nil, fmt.Errorf("crm: call %d of a composite request: %w: nothing was sent", i, err)
		}
		list[i] = sub
	}
	body := map[string]any{"rollback_on_fail": opts.RollbackOnFail, "parallel_execution": opts.Parallel, name: list}
	answer := results{name: name, want: len(calls)}
	if _, err := s.client.call(ctx, Request{Method: http.MethodPost, Path: path, Body: body}, &answer); err != nil {
		return nil, err
	}
	responses := make([]SubResponse, len(calls))
	for i := range answer.list {
		responses[i] = newSubResponse(calls[i], &answer.list[i])
	}
	return responses, failures(answer.list)
}

func (c SubRequest) body() (map[string]any, error) {
	method := c.Method
	if method == "" {
		method = http.MethodGet
	}
	if err := checkPath(c.Path); err != nil {
		return nil, err
	}
	if strings.Contains(c.Path, "?") {
		return nil, errors.New("parameters belong into SubRequest.Query")
	}
	sub := map[string]any{"method": method, "uri": c.Path}
	if c.ID != "" {
		sub["sub_request_id"] = c.ID
	}
	if c.Query != nil {
		sub["params"] = c.Query
	}
	if c.Header != nil {
		sub["headers"] = c.Header
	}
	if c.Body != nil {
		sub["body"] = c.Body
	}
	return sub, nil
}

// newSubResponse takes a call's answer out of its result. Zoho calls a call
// that was made a success, whatever its answer: an error status is one here.
func newSubResponse(c SubRequest, result *Result) SubResponse {
	answer := Record{result.Details}.Sub("response")
	r := SubResponse{Status: answer.whole("status_code"), Body: answer.Sub("body"), Header: answer.Sub("headers"), failure: result.failure}
	if r.failure == nil && r.Status >= 400 {
		r.failure = &Error{}
		if found, ok := findError(r.Body.text); ok {
			r.failure = errorOf(found)
		}
		r.failure.Status = r.Status
		result.failure = r.failure
	}
	if r.failure != nil {
		r.failure.Method, r.failure.Path = c.Method, c.Path
		if plain, err := url.PathUnescape(c.Path); err != nil || len(plain) > maxMessage {
			r.failure.Path = ""
		}
	}
	return r
}

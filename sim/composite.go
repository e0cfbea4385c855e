package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zohocrm/sim/internal/records"
)

// compositeMax is how many requests one composite request may hold.
const compositeMax = 5

// subRequest is a request inside a composite one.
type subRequest struct {
	ID      string                     `json:"sub_request_id"`
	Method  string                     `json:"method"`
	URI     string                     `json:"uri"`
	Params  map[string]json.RawMessage `json:"params"`
	Headers map[string]json.RawMessage `json:"headers"`
	Body    json.RawMessage            `json:"body"`
}

// compositeBody is the body of a composite request. Older versions say
// concurrent_execution.
type compositeBody struct {
	Rollback   bool         `json:"rollback_on_fail"`
	Parallel   bool         `json:"parallel_execution"`
	Concurrent bool         `json:"concurrent_execution"`
	Requests   []subRequest `json:"__composite_requests"`
}

// composite is POST /__composite_requests. The requests run one after the
// other, also those that may run in parallel. With rollback_on_fail the records
// are as they were when one fails; tags, files and channels are not rolled back.
func (s *Server) composite(a *apiCall) {
	var body compositeBody
	if err := decode(a.body, &body); err != nil {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "__composite_requests").
			with("json_path", "$").with("expected_data_type", "jsonobject").write(a.w)
		return
	}
	if problem := body.check(); problem != nil {
		problem.write(a.w)
		return
	}
	var journal *records.Journal
	if body.Rollback {
		journal = new(records.Journal)
	}
	answers := map[string]json.RawMessage{}
	var items []map[string]any
	failed := -1
	for i, sub := range body.Requests {
		if sub.ID == "" {
			sub.ID = strconv.Itoa(i + 1)
		}
		if failed >= 0 && body.Rollback {
			items = append(items, sub.refused("PROCESSING_STOPPED", "processing stopped", map[string]any{}))
			continue
		}
		item, good := s.runSub(a, sub, journal, answers)
		items = append(items, item)
		if !good && failed < 0 {
			failed = i
		}
	}
	status := http.StatusOK
	switch {
	case failed >= 0 && body.Rollback:
		a.book().Undo(journal)
		a.news = nil
		for i := range failed {
			items[i] = body.Requests[i].refused("ROLLBACK_PERFORMED", "rollback performed", map[string]any{"rollbacked_by_sub_request_index": failed})
		}
		status = http.StatusBadRequest
	case failed >= 0:
		status = http.StatusMultiStatus
	}
	writeJSON(a.w, status, map[string]any{"__composite_requests": items})
}

func (b *compositeBody) check() *problem {
	at := func(code, message, name string, i int) *problem {
		return newProblem(http.StatusBadRequest, code, message).
			with("api_name", name).with("json_path", "$.__composite_requests["+strconv.Itoa(i)+"]."+name)
	}
	switch {
	case b.Requests == nil:
		return newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "__composite_requests").with("json_path", "$.__composite_requests")
	case len(b.Requests) == 0 || len(b.Requests) > compositeMax:
		return newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").
			with("api_name", "__composite_requests").with("json_path", "$.__composite_requests").with("maximum_length", compositeMax)
	case b.Rollback && (b.Parallel || b.Concurrent):
		return newProblem(http.StatusBadRequest, "AMBIGUITY_DURING_PROCESSING", "rollback and parallel execution cannot be used together").
			with("ambiguity_due_to", []any{
				map[string]string{"api_name": "rollback_on_fail", "json_path": "$.rollback_on_fail"},
				map[string]string{"api_name": "parallel_execution", "json_path": "$.parallel_execution"},
			})
	}
	uri := regexp.MustCompile(`^/crm(/.*)?/v[0-9]+([.][0-9]+)?/.*`)
	id := regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_]*$`)
	var seen []string
	for i, sub := range b.Requests {
		switch {
		case sub.Method == "":
			return at("MANDATORY_NOT_FOUND", "required field not found", "method", i)
		case sub.URI == "":
			return at("MANDATORY_NOT_FOUND", "required field not found", "uri", i)
		case !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, sub.Method):
			return at("INVALID_DATA", "invalid data", "method", i)
		case !uri.MatchString(sub.URI):
			return at("INVALID_DATA", "invalid data", "uri", i).with("regex", uri.String())
		case sub.ID != "" && !id.MatchString(sub.ID):
			return at("INVALID_DATA", "invalid data", "sub_request_id", i).with("regex", id.String())
		case sub.ID != "" && slices.Contains(seen, sub.ID):
			return at("DUPLICATE_DATA", "duplicate data", "sub_request_id", i)
		case !strings.HasPrefix(sub.URI, "/crm/v8/") || strings.Contains(sub.URI, "__composite_requests"):
			return at("NOT_SUPPORTED", "the uri is not supported in a composite request", "uri", i)
		}
		for name := range sub.Headers {
			if strings.EqualFold(name, "authorization") || strings.EqualFold(name, "x-crm-org") {
				return at("INVALID_DATA", "invalid data", "headers", i).with("restricted_headers", []string{name})
			}
		}
		seen = append(seen, sub.ID)
	}
	return nil
}

// refused is the item of a request that was not carried out, or undone.
func (sub subRequest) refused(code, message string, details map[string]any) map[string]any {
	return map[string]any{"code": code, "message": message, "details": details, "status": "error", "sub_request_id": sub.ID}
}

// runSub carries out one request. good is false when its answer is an error.
func (s *Server) runSub(a *apiCall, sub subRequest, journal *records.Journal, answers map[string]json.RawMessage) (item map[string]any, good bool) {
	lost := ""
	expand := func(text string) string { return expandReferences(text, answers, &lost) }
	query := url.Values{}
	for name, value := range sub.Params {
		query.Set(name, expand(textOf(value)))
	}
	address := expand(sub.URI)
	if len(query) > 0 {
		glue := "?"
		if strings.Contains(address, "?") {
			glue = "&"
		}
		address += glue + query.Encode()
	}
	body := []byte(expand(string(sub.Body)))
	if lost != "" {
		return sub.refused("INVALID_REFERENCE", "the reference cannot be resolved", map[string]any{"reference": lost}), false
	}
	r, err := http.NewRequestWithContext(a.r.Context(), sub.Method, address, bytes.NewReader(body))
	if err != nil {
		return sub.refused("INVALID_DATA", "invalid data", map[string]any{"api_name": "uri"}), false
	}
	r.Host = a.r.Host
	for name, value := range sub.Headers {
		r.Header.Set(name, expand(textOf(value)))
	}
	memo := &memo{header: http.Header{}, status: http.StatusOK}
	c := *a.call
	c.w, c.r, c.path = memo, r, r.URL.Path
	inner := &apiCall{
		call: &c, user: a.user, org: a.org, scope: a.scope, client: a.client, area: "crm",
		rest: strings.Split(strings.TrimPrefix(r.URL.Path, "/crm/v8/"), "/"), journal: journal,
	}
	if len(body) > 0 {
		inner.body = body
	}
	inner.price() // reads the body; the composite request has paid
	s.routeAPI(inner)
	a.news = append(a.news, inner.news...)
	answer := json.RawMessage("null")
	if json.Valid(memo.body.Bytes()) {
		answer = memo.body.Bytes()
	}
	answers[sub.ID] = answer
	headers := map[string]string{}
	for name := range memo.header {
		headers[name] = memo.header.Get(name)
	}
	return map[string]any{
		"code": "SUCCESS", "message": "composite sub request executed successfully", "status": "success", "sub_request_id": sub.ID,
		"details": map[string]any{"response": map[string]any{"status_code": memo.status, "headers": headers, "body": answer}},
	}, memo.status < http.StatusBadRequest && memo.status != http.StatusMultiStatus
}

// memo keeps an answer instead of sending it.
type memo struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (m *memo) Header() http.Header         { return m.header }
func (m *memo) WriteHeader(status int)      { m.status = status }
func (m *memo) Write(p []byte) (int, error) { return m.body.Write(p) }

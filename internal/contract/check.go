package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Finding is one thing in an exchange that an operation does not allow.
type Finding struct {
	Operation Operation
	Caller    string
	Side      string // "request" or "answer"
	Status    int    // of the answer
	Where     string // a member such as data/0/id, or "query NAME"; "": the whole
	What      string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s %s (%s.json): %s, status %d: %s: %s",
		f.Caller, f.Operation.Method, f.Operation.Path, f.Operation.Area, f.Side, f.Status, f.Where, f.What)
}

// Check holds an exchange against the operations that it belongs to, and gives
// what is wrong with it by the one that it fits best: Zoho describes some
// operations twice, and seldom alike.
func (d *Descriptions) Check(e Exchange) ([]Finding, error) {
	some := Matching(d.Operations, e.Request.Method, e.Request.URL.Path)
	if len(some) == 0 {
		address := Operation{Method: e.Request.Method, Path: e.Request.URL.Path}
		return d.allow([]Finding{{Operation: address, Caller: e.Caller, Side: "request", Status: e.Status, Where: address.Path, What: "no operation"}}), nil
	}
	var best []Finding
	for i, op := range some {
		list, err := d.hold(op, e)
		if err != nil {
			return nil, err
		}
		if i == 0 || len(list) < len(best) {
			best = list
		}
	}
	return best, nil
}

// hold compares an exchange with one operation.
func (d *Descriptions) hold(op Operation, e Exchange) ([]Finding, error) {
	doc, item, described, err := d.of(op)
	if err != nil {
		return nil, err
	}
	sent := e.Request.Clone(context.Background())
	sent.GetBody = nil
	sent.Body = io.NopCloser(bytes.NewReader(e.Body))
	input := &openapi3filter.RequestValidationInput{
		Request: sent, PathParams: values(op.Path, e.Request.URL.Path),
		Route: &routers.Route{Spec: doc, PathItem: item, Method: op.Method, Path: op.Path, Operation: described},
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, RejectWhenRequestBodyNotSpecified: true,
			ExcludeRequestBody: isForm(e.Request.Header), AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
	base := Finding{Operation: op, Caller: e.Caller, Status: e.Status, Side: "request"}
	list := d.allow(unknownParameters(base, item, described, e))
	list = append(list, d.allow(unknownHeaders(base, item, described, e))...)
	list = append(list, d.allow(unknownMembers(base, described, e))...)
	list = append(list, d.findings(base, openapi3filter.ValidateRequest(context.Background(), input))...)
	if isForm(e.Request.Header) {
		list = append(list, d.allow(unknownParts(base, described, e))...)
	}
	base.Side = "answer"
	return append(list, d.answer(base, input, e)...), nil
}

// answer holds the answer against the operation of its request.
func (d *Descriptions) answer(base Finding, input *openapi3filter.RequestValidationInput, e Exchange) []Finding {
	if len(e.Answer) == 0 {
		if e.Status == http.StatusNoContent || e.Status == http.StatusNotModified || e.Status == http.StatusAccepted {
			return nil // what these statuses are for
		}
		base.What = "no body"
		return d.allow([]Finding{base})
	}
	status := e.Status
	if input.Route.Operation.Responses.Status(status) == nil {
		if status >= http.StatusBadRequest && isProblem(e.Answer) {
			return nil
		}
		status = http.StatusOK // most files list no other
	}
	if kind, _, _ := strings.Cut(e.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return d.allow(unknownKind(base, input.Route.Operation.Responses.Status(status), kind))
	}
	return d.findings(base, openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: e.Header, Body: io.NopCloser(bytes.NewReader(e.Answer)),
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	}))
}

// unknownKind looks at the kind of a file, of which a validator reads JSON only.
func unknownKind(base Finding, ref *openapi3.ResponseRef, kind string) []Finding {
	if ref != nil && ref.Value != nil && ref.Value.Content[kind] != nil {
		return nil
	}
	base.What = "an answer of type " + kind + ", which is not listed"
	return []Finding{base}
}

// isProblem: Zoho's form of an error, which few files list for more than one
// status: its four members, in the answer itself or in the items of its one list.
func isProblem(answer []byte) bool {
	var one struct {
		Code, Message, Status *string
		Details               json.RawMessage
	}
	full := func() bool { return one.Code != nil && one.Message != nil && one.Status != nil && one.Details != nil }
	if json.Unmarshal(answer, &one) == nil && full() {
		return true
	}
	var lists map[string][]json.RawMessage
	if json.Unmarshal(answer, &lists) != nil || len(lists) != 1 {
		return false
	}
	for _, list := range lists {
		for _, item := range list {
			one.Code, one.Message, one.Status, one.Details = nil, nil, nil, nil
			if json.Unmarshal(item, &one) != nil || !full() {
				return false
			}
		}
	}
	return true
}

// unknownParameters are those of the query that the operation does not list, which
// a validator lets pass.
func unknownParameters(base Finding, item *openapi3.PathItem, op *openapi3.Operation, e Exchange) (list []Finding) {
	var known []string
	for _, p := range append(slices.Clone(item.Parameters), op.Parameters...) {
		if p.Value != nil && p.Value.In == openapi3.ParameterInQuery {
			known = append(known, p.Value.Name)
		}
	}
	for name := range e.Request.URL.Query() {
		if !slices.Contains(known, name) {
			base.Where, base.What = "query "+name, "not listed"
			list = append(list, base)
		}
	}
	return list
}

func isForm(header http.Header) bool {
	return strings.HasPrefix(header.Get("Content-Type"), "multipart/")
}

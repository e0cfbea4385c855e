package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"zohocrm/sim/internal/records"
)

// getRecord is GET /{module}/{id}: 204 when there is no such record, 304 when
// it has not changed since If-Modified-Since.
func (s *Server) getRecord(a *apiCall, module, id string) {
	l := new(listing)
	problem := l.readSelection(a.r.URL.Query())
	if problem == nil {
		problem = l.readSince(a.r)
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	row, modified, ok := a.book().Get(module, id, l.query.Fields)
	switch {
	case !ok:
		a.w.WriteHeader(http.StatusNoContent)
	case !l.query.Since.IsZero() && !modified.After(l.query.Since):
		a.w.WriteHeader(http.StatusNotModified)
	default:
		writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{json.RawMessage(row)}})
	}
}

// countRecords is GET /{module}/actions/count.
func (s *Server) countRecords(a *apiCall, module string) {
	q := a.r.URL.Query()
	match, problem := a.readMatch(module, q)
	l := newListing()
	switch {
	case problem != nil:
	case match != nil && q.Has("cvid"):
		problem = newProblem(http.StatusBadRequest, "AMBIGUITY_DURING_PROCESSING",
			"Please use either Cvid or Search Params. Combination of both the params is not allowed").
			with("ambiguity_due_to", []any{map[string]string{"param_name": "cvid"}})
	default:
		l.query.Match = match
		problem = a.readView(module, l)
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"count": a.book().Count(module, l.query.Match)})
}

// searchRecords is GET /{module}/search. The index is always up to date here;
// at Zoho it lags behind writes. It reaches the first 2,000 records and has no
// page tokens.
func (s *Server) searchRecords(a *apiCall, module string) {
	q := a.r.URL.Query()
	match, problem := a.readMatch(module, q)
	if problem == nil && match == nil {
		problem = missingParam("criteria")
	}
	l := newListing()
	if problem == nil {
		problem = l.readSelection(q)
	}
	if problem == nil {
		problem = l.readOrder(q)
	}
	if problem == nil {
		problem = l.readPage(q)
	}
	if problem == nil && l.deep() {
		problem = newProblem(http.StatusBadRequest, "LIMIT_REACHED", "You can only get the first 2000 records of a search").
			with("limit", pageWindow)
	}
	if problem == nil {
		l.query.Match = match
		problem = a.readView(module, l)
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	a.writeFlatPage(module, l)
}

// readMatch reads what to look for. nil: everything.
func (a *apiCall) readMatch(module string, q url.Values) (records.Matcher, *problem) {
	switch {
	case q.Has("criteria"):
		match, err := a.book().ParseCriteria(module, q.Get("criteria"))
		switch {
		case errors.Is(err, records.ErrManyCriteria):
			return nil, newProblem(http.StatusBadRequest, "CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded").with("limit", 15)
		case errors.Is(err, records.ErrManyValues):
			return nil, newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "the number of values exceeds the limit").
				with("param_name", "criteria").with("limit", 100)
		case err != nil:
			return nil, invalidParam("criteria")
		}
		return match, nil
	case q.Has("email"):
		return a.book().OfType(module, q.Get("email"), records.Email), nil
	case q.Has("phone"):
		return a.book().OfType(module, q.Get("phone"), records.Phone), nil
	case q.Has("word"):
		if len(q.Get("word")) < 2 {
			return nil, invalidParam("word")
		}
		return a.book().Word(module, q.Get("word")), nil
	}
	return nil, nil
}

// deletedRecords is GET /{module}/deleted. All deleted records lie in the
// recycle bin here; none is gone for good.
func (s *Server) deletedRecords(a *apiCall, module string) {
	l, problem := s.readListing(a, module)
	kind := a.r.URL.Query().Get("type")
	if problem == nil && !strings.Contains(" all recycle permanent ", " "+kind+" ") && kind != "" {
		problem = invalidParam("type")
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	rows, more := a.book().Deleted(module, l.query.Since, l.query.Start, l.query.Limit)
	if kind == "permanent" || len(rows) == 0 {
		a.nothing(l)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"data": rows, "info": l.info(len(rows), more)})
}

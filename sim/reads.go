package sim

import (
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
		writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{row}})
	}
}

// countRecords is GET /{module}/actions/count. A custom view is taken for all records.
func (s *Server) countRecords(a *apiCall, module string) {
	match, problem := readMatch(module, a.r.URL.Query())
	if problem != nil {
		problem.write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"count": a.book().Count(module, match)})
}

// searchRecords is GET /{module}/search. The index is always up to date here;
// at Zoho it lags behind writes.
func (s *Server) searchRecords(a *apiCall, module string) {
	match, problem := readMatch(module, a.r.URL.Query())
	if problem == nil && match == nil {
		problem = missingParam("criteria")
	}
	var l *listing
	if problem == nil {
		l, problem = s.readListing(a, module)
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	l.query.Match = match
	s.writePage(a, module, l)
}

// readMatch reads what to look for. nil: everything.
func readMatch(module string, q url.Values) (records.Matcher, *problem) {
	switch {
	case q.Has("criteria"):
		match, err := records.ParseCriteria(module, q.Get("criteria"))
		if errors.Is(err, records.ErrManyCriteria) {
			return nil, newProblem(http.StatusBadRequest, "CRITERIA_LIMIT_EXCEEDED", "criteria limit exceeded").with("limit", 15)
		}
		if err != nil {
			return nil, invalidParam("criteria")
		}
		return match, nil
	case q.Has("email"):
		return records.AnyOf(q.Get("email"), "Email"), nil
	case q.Has("phone"):
		return records.AnyOf(q.Get("phone"), "Phone"), nil
	case q.Has("word"):
		if len(q.Get("word")) < 2 {
			return nil, invalidParam("word")
		}
		return records.Word(module, q.Get("word")), nil
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
	rows, more := a.book().Deleted(module, l.query.Start, l.query.Limit)
	if kind == "permanent" || len(rows) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{
		"data": rows,
		"info": map[string]any{"per_page": l.query.Limit, "count": len(rows), "page": l.page, "more_records": more},
	})
}

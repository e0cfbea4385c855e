package sim

import (
	"encoding/json"
	"errors"
	"net/http"

	"zohocrm/sim/internal/coql"
	"zohocrm/sim/internal/records"
)

// coqlQuery is the body of a query, read before the call is paid for: its price
// depends on its limit.
type coqlQuery struct {
	query   *coql.Query
	problem *problem
}

func readQuery(body []byte) *coqlQuery {
	var b struct {
		Query *string `json:"select_query"`
	}
	if err := json.Unmarshal(body, &b); err != nil {
		return &coqlQuery{problem: newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "select_query")}
	}
	if b.Query == nil {
		return &coqlQuery{problem: newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").with("api_name", "select_query")}
	}
	q, err := coql.Parse(*b.Query)
	var wrong *coql.Error
	if errors.As(err, &wrong) {
		p := newProblem(http.StatusBadRequest, wrong.Code, wrong.Message)
		p.details = wrong.Details
		return &coqlQuery{problem: p}
	}
	return &coqlQuery{query: q}
}

// credits is what the query costs, by how many rows it may give.
func (q *coqlQuery) credits() int {
	switch {
	case q.query == nil || q.query.Limit <= 200:
		return 1
	case q.query.Limit <= 1000:
		return 2
	}
	return 3
}

// runQuery is POST /coql. Besides its own scope it needs the module's.
func (s *Server) runQuery(a *apiCall) {
	q := a.query
	if q == nil { // an empty body
		q = readQuery(a.body)
	}
	if q.problem != nil {
		q.problem.write(a.w)
		return
	}
	if a.book().Has(q.query.Module) && !a.mayRecords(q.query.Module, "READ") {
		return
	}
	rows, count, more, err := a.book().Select(q.query)
	var wrong *records.QueryError
	switch {
	case errors.As(err, &wrong):
		p := newProblem(http.StatusBadRequest, "INVALID_QUERY", wrong.Message)
		p.details = wrong.Details
		p.write(a.w)
	case err != nil:
		newProblem(http.StatusInternalServerError, "INTERNAL_ERROR", "Internal Server Error").write(a.w)
	case count == 0:
		a.w.WriteHeader(http.StatusNoContent)
	default:
		writeRows(a.w, rows, map[string]any{"count": count, "more_records": more})
	}
}

package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"zohocrm/sim/internal/records"
)

// writeMax is how many records one request may write or delete.
const writeMax = 100

// items is the body of a write.
type items struct {
	data       []map[string]any
	duplicates []string // duplicate_check_fields of an upsert
	problem    *problem // why the body cannot be used
}

// readItems reads the body of a write. Numbers stay as they were written.
func readItems(body []byte) *items {
	var shape struct {
		Data       json.RawMessage `json:"data"`
		Duplicates []string        `json:"duplicate_check_fields"`
	}
	if err := decode(body, &shape); err != nil {
		return &items{problem: newProblem(http.StatusBadRequest, "UNABLE_TO_PARSE_DATA_TYPE",
			"either the request body or parameters is in wrong format")}
	}
	x := &items{duplicates: shape.Duplicates}
	switch {
	case shape.Data == nil:
		x.problem = newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").with("api_name", "data")
	case decode(shape.Data, &x.data) != nil || len(x.data) == 0 || slices.ContainsFunc(x.data, isNull):
		x.data = nil
		x.problem = newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").
			with("api_name", "data").with("expected_data_type", "jsonarray").with("json_path", "$.data")
	case len(x.data) > writeMax:
		x.problem = newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "the number of records exceeds the limit").
			with("api_name", "data").with("limit", writeMax).with("json_path", "$.data")
	}
	return x
}

// isNull catches a null where a record should be.
func isNull(record map[string]any) bool { return record == nil }

func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// insertRecords is POST /{module}.
func (s *Server) insertRecords(a *apiCall, module string) {
	if a.items.problem != nil {
		a.items.problem.write(a.w)
		return
	}
	a.writeResults(http.StatusCreated, module, a.book().Insert(a.edit(module), a.items.data))
}

// updateRecords is PUT /{module} and, with an id, PUT /{module}/{id}.
func (s *Server) updateRecords(a *apiCall, module, id string) {
	if a.items.problem != nil {
		a.items.problem.write(a.w)
		return
	}
	edit := a.edit(module)
	if text := a.r.Header.Get("If-Unmodified-Since"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			newProblem(http.StatusBadRequest, "INVALID_REQUEST", "the value of If-Unmodified-Since is not an ISO 8601 time").write(a.w)
			return
		}
		edit.Unmodified = at
	}
	data := a.items.data
	if id != "" {
		data = data[:1]
		data[0]["id"] = id
	}
	a.writeResults(http.StatusOK, module, a.book().Update(edit, data))
}

// upsertRecords is POST /{module}/upsert.
func (s *Server) upsertRecords(a *apiCall, module string) {
	if a.items.problem != nil {
		a.items.problem.write(a.w)
		return
	}
	results, err := a.book().Upsert(a.edit(module), a.items.data, a.items.duplicates)
	if err != nil {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "duplicate_check_fields").write(a.w)
		return
	}
	a.writeResults(http.StatusOK, module, results)
}

// deleteRecords is DELETE /{module}?ids= and, with an id, DELETE /{module}/{id}.
func (s *Server) deleteRecords(a *apiCall, module, id string) {
	ids := []string{id}
	if id == "" {
		var problem *problem
		if ids, problem = readIDs(a); problem != nil {
			problem.write(a.w)
			return
		}
	}
	a.writeResults(http.StatusOK, module, a.book().Delete(a.edit(module), ids))
}

// readIDs reads the parameter ids.
func readIDs(a *apiCall) ([]string, *problem) {
	list := a.r.URL.Query().Get("ids")
	if list == "" {
		return nil, missingParam("ids")
	}
	ids := strings.Split(list, ",")
	if len(ids) > writeMax {
		return nil, newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "the number of ids exceeds the limit").
			with("param_name", "ids").with("limit", writeMax)
	}
	return ids, nil
}

func (a *apiCall) edit(module string) records.Edit {
	return records.Edit{Module: module, Now: a.now, By: a.user.asOwner(), Journal: a.journal}
}

// writeResults answers with one entry for each record, in the order of the
// request: the success status when all went well, the first failure's when all
// failed, 207 when it is mixed.
func (a *apiCall) writeResults(success int, module string, results []records.Result) {
	a.note(module, results)
	var data []any
	failed, status := 0, success
	for _, r := range results {
		data = append(data, r.JSON())
		if r.Problem != nil {
			if failed++; failed == 1 {
				status = r.Problem.Status()
			}
		}
	}
	if failed > 0 && failed < len(results) {
		status = http.StatusMultiStatus
	}
	writeJSON(a.w, status, map[string]any{"data": data})
}

package sim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"zohocrm/sim/internal/records"
)

// routeTags serves /settings/tags. The module is in the query; below an ID it
// is that of the tag.
func (s *Server) routeTags(a *apiCall, rest []string) {
	q := a.r.URL.Query()
	if len(rest) == 0 {
		if problem := a.readModule(q.Get("module")); problem != nil {
			problem.write(a.w)
			return
		}
	}
	switch {
	case len(rest) == 0 && a.r.Method == http.MethodGet:
		if a.may("ZohoCRM.settings.tags.READ") {
			a.listTags(q.Get("module"))
		}
	case len(rest) == 0 && a.r.Method == http.MethodPost:
		if a.may("ZohoCRM.settings.tags.CREATE") {
			a.writeTags(q.Get("module"), "")
		}
	case len(rest) == 0 && a.r.Method == http.MethodPut:
		if a.may("ZohoCRM.settings.tags.UPDATE") {
			a.writeTags(q.Get("module"), "")
		}
	case len(rest) == 1 && a.r.Method == http.MethodPut:
		if a.may("ZohoCRM.settings.tags.UPDATE") {
			a.writeTags(q.Get("module"), rest[0])
		}
	case len(rest) == 1 && a.r.Method == http.MethodDelete:
		if a.may("ZohoCRM.settings.tags.DELETE") {
			a.dropTag(rest[0], "")
		}
	case len(rest) == 3 && rest[1] == "actions" && rest[2] == "merge":
		if a.method(http.MethodPost) && a.may("ZohoCRM.settings.tags.UPDATE") {
			a.mergeTag(rest[0])
		}
	case len(rest) == 3 && rest[1] == "actions" && rest[2] == "records_count":
		if a.get() && a.may("ZohoCRM.settings.tags.READ") {
			a.countTag(rest[0])
		}
	case len(rest) < 2:
		invalidMethod().write(a.w)
	default:
		invalidURL().write(a.w)
	}
}

// readModule checks a module that a parameter names.
func (a *apiCall) readModule(name string) *problem {
	switch {
	case name == "":
		return missingParam("module").with("param", "module")
	case !a.book().Has(name):
		return invalidModule().with("param", "module")
	}
	return nil
}

func (a *apiCall) listTags(module string) {
	list := make([]any, 0)
	for _, tag := range a.book().Tags(module) {
		list = append(list, tag.JSON())
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"tags": list, "info": map[string]any{"count": len(list), "allowed_count": 100}})
}

// tagBody is the body of a write of tags.
type tagBody struct {
	Tags []struct {
		ID         string  `json:"id"`
		Name       string  `json:"name"`
		Color      *string `json:"color_code"`
		ConflictID string  `json:"conflict_id"`
	} `json:"tags"`
	IDs       []string `json:"ids"`
	OverWrite bool     `json:"over_write"`
}

func readTagging(body []byte) tagBody {
	var b tagBody
	_ = json.Unmarshal(body, &b) // what cannot be read has no tags, which is refused
	return b
}

// writeTags makes tags, or changes them when they have IDs; id is that of the path.
func (a *apiCall) writeTags(module, id string) {
	body := readTagging(a.body)
	if len(body.Tags) == 0 {
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "tags").with("json_path", "$.tags").write(a.w)
		return
	}
	if id != "" {
		body.Tags = body.Tags[:1]
		body.Tags[0].ID = id
	}
	var data []any
	failed, status, word := 0, http.StatusCreated, "created"
	if a.r.Method == http.MethodPut {
		status, word = http.StatusOK, "updated"
	}
	for _, t := range body.Tags {
		color := ""
		if t.Color != nil {
			color = *t.Color
		}
		var tag records.Tag
		var wrong *records.Problem
		if word == "created" {
			tag, wrong = a.book().AddTag(a.edit(module), t.Name, color)
		} else {
			of := module
			if _, m, ok := a.book().Tag(t.ID); ok {
				of = m
			}
			if of == "" {
				of = "Leads" // has no such tag either
			}
			tag, wrong = a.book().EditTag(a.edit(of), t.ID, t.Name, color)
		}
		if wrong != nil {
			failed++
			data = append(data, map[string]any{"code": wrong.Code, "message": wrong.Message, "details": wrong.Details, "status": "error"})
			continue
		}
		details := tag.JSON()
		delete(details, "name")
		data = append(data, map[string]any{"code": "SUCCESS", "message": "tags " + word + " successfully", "details": details, "status": "success"})
	}
	switch {
	case failed == len(data):
		status = http.StatusBadRequest
	case failed > 0:
		status = http.StatusMultiStatus
	}
	writeJSON(a.w, status, map[string]any{"tags": data})
}

func (a *apiCall) dropTag(id, into string) {
	tag, module, ok := a.book().Tag(id)
	if !ok || a.book().DropTag(a.edit(module), id, into) != nil {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 2).write(a.w)
		return
	}
	word := "deleted"
	if into != "" {
		word = "merged"
		tag, _, _ = a.book().Tag(into)
	}
	details := tag.JSON()
	delete(details, "name")
	writeJSON(a.w, http.StatusOK, map[string]any{"tags": []any{map[string]any{
		"code": "SUCCESS", "message": "tags " + word + " successfully", "details": details, "status": "success",
	}}})
}

// mergeTag is POST /settings/tags/{id}/actions/merge: the conflicting tag's
// records get this one, and the conflicting one is gone.
func (a *apiCall) mergeTag(id string) {
	body := readTagging(a.body)
	if len(body.Tags) == 0 || body.Tags[0].ConflictID == "" {
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "conflict_id").with("json_path", "$.tags[0].conflict_id").write(a.w)
		return
	}
	a.dropTag(body.Tags[0].ConflictID, id)
}

func (a *apiCall) countTag(id string) {
	_, module, ok := a.book().Tag(id)
	if !ok {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 2).write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"count": strconv.Itoa(a.book().TagCount(module, id))})
}

// tagRecords is POST /{module}/actions/add_tags and remove_tags, and the same
// below a record.
func (s *Server) tagRecords(a *apiCall, module, id string, remove bool) {
	body := readTagging(a.body)
	ids := body.IDs
	if id != "" {
		ids = []string{id}
	}
	var names []string
	for _, t := range body.Tags {
		name := t.Name
		if name == "" {
			tag, _, _ := a.book().Tag(t.ID)
			name = tag.Name
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 0 || slices.Contains(names, ""):
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "tags").with("json_path", "$.tags").write(a.w)
		return
	case len(ids) == 0:
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "ids").with("json_path", "$.ids").write(a.w)
		return
	case len(ids) > massMax:
		newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "Record count exceeded").with("api_name", "ids").with("limit", massMax).write(a.w)
		return
	}
	replace := body.OverWrite || a.r.URL.Query().Get("over_write") == "true"
	results := a.book().TagRecords(a.edit(module), ids, names, remove, replace && !remove)
	a.note(module, results)
	var data []any
	good, status := 0, http.StatusOK
	for _, r := range results {
		data = append(data, r.JSON())
		if r.Problem == nil {
			good++
		}
	}
	switch {
	case good == 0:
		status = http.StatusBadRequest
	case good < len(results):
		status = http.StatusMultiStatus
	}
	writeJSON(a.w, status, map[string]any{
		"data": data, "wf_scheduler": false, "success_count": strconv.Itoa(good), "locked_count": "0",
	})
}

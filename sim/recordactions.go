package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"zohocrm/sim/internal/records"
)

// massMax is how many records one mass update may name.
const massMax = 500

// cloneRecord is POST /{module}/{id}/actions/clone: a new record with the same
// values, unique ones aside.
func (s *Server) cloneRecord(a *apiCall, module, id string) {
	row, _, ok := a.book().Get(module, id, nil)
	if !ok {
		unknownID().write(a.w)
		return
	}
	var values map[string]any
	if err := decode(row, &values); err != nil {
		panic("sim: " + err.Error())
	}
	m, _ := a.book().Module(module)
	for _, f := range m.Fields {
		if f.Unique {
			delete(values, f.APIName)
		}
	}
	delete(values, "id")
	a.writeResults(http.StatusCreated, module, a.book().Insert(a.edit(module), []map[string]any{values}))
}

// unknownID complains about the record in the path.
func unknownID() *problem {
	return newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 1)
}

// changeOwner is POST /{module}/{id}/actions/change_owner.
func (s *Server) changeOwner(a *apiCall, module, id string) {
	var body struct {
		Owner struct{ ID string }
	}
	if err := json.Unmarshal(a.body, &body); err != nil || body.Owner.ID == "" {
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "owner").with("json_path", "$.owner").write(a.w)
		return
	}
	done := a.book().Update(a.edit(module), []map[string]any{{"id": id, "Owner": map[string]any{"id": body.Owner.ID}}})
	if done[0].Problem != nil {
		newProblem(http.StatusBadRequest, done[0].Problem.Code, done[0].Problem.Message).write(a.w)
		return
	}
	a.note(module, done)
	writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{map[string]any{
		"code": "SUCCESS", "details": map[string]any{"id": id}, "message": "owner updated successfully", "status": "success",
	}}})
}

// routeMassUpdate serves /{module}/actions/mass_update: POST updates records by
// ID at once, and those of a view as a job, which is done as soon as it is
// asked for with GET.
func (s *Server) routeMassUpdate(a *apiCall, module string) {
	switch a.r.Method {
	case http.MethodPost:
		if a.mayRecords(module, "UPDATE") {
			s.massUpdate(a, module)
		}
	case http.MethodGet:
		if a.mayRecords(module, "READ") {
			s.massUpdateJob(a, module)
		}
	default:
		invalidMethod().write(a.w)
	}
}

func (s *Server) massUpdate(a *apiCall, module string) {
	var body struct {
		IDs  []string `json:"ids"`
		CVID string   `json:"cvid"`
	}
	_ = json.Unmarshal(a.body, &body) // a body that cannot be read is a problem of the items
	switch {
	case a.items.problem != nil:
		a.items.problem.write(a.w)
		return
	case len(body.IDs) > massMax:
		newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "Record count exceeded").with("api_name", "ids").with("limit", massMax).write(a.w)
		return
	case body.CVID != "":
		s.massUpdateView(a, module, body.CVID)
		return
	case len(body.IDs) == 0:
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "mandatory param missing").with("api_name", "ids").write(a.w)
		return
	}
	a.writeResults(http.StatusOK, module, a.book().Update(a.edit(module), spread(a.items.data[0], body.IDs)))
}

// spread makes an item for each ID.
func spread(values map[string]any, ids []string) []map[string]any {
	var out []map[string]any
	for _, id := range ids {
		item := map[string]any{}
		for k, v := range values {
			item[k] = v
		}
		item["id"] = id
		out = append(out, item)
	}
	return out
}

func (s *Server) massUpdateView(a *apiCall, module, cvid string) {
	views := a.book().Views(module, a.user.asOwner(), a.now)
	i := slices.IndexFunc(views, func(v records.View) bool { return v.ID == cvid })
	if i < 0 {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "cvid").write(a.w)
		return
	}
	ids := a.book().IDs(module, views[i].Match)
	results := a.book().Update(a.edit(module), spread(a.items.data[0], ids))
	a.note(module, results)
	job := &massJob{id: a.book().NewID(), module: module, total: len(results)}
	for _, r := range results {
		if r.Problem != nil {
			job.failed++
		}
	}
	a.org.addMassJob(job)
	writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{map[string]any{
		"code": "SUCCESS", "details": map[string]any{"id": job.id, "job_id": job.id}, "message": "mass update scheduled successfully", "status": "success",
	}}})
}

// massJob is a mass update of a view.
type massJob struct {
	id, module    string
	total, failed int
}

func (s *Server) massUpdateJob(a *apiCall, module string) {
	id := a.r.URL.Query().Get("job_id")
	if id == "" {
		missingParam("job_id").write(a.w)
		return
	}
	job := a.org.massJob(id)
	if job == nil || job.module != module {
		invalidParam("job_id").write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{map[string]any{
		"Status": "COMPLETED", "Total_Count": job.total, "Updated_Count": job.total - job.failed,
		"Not_Updated_Count": 0, "Failed_Count": job.failed,
	}}})
}

// getTimeline is GET /{module}/{id}/__timeline.
func (s *Server) getTimeline(a *apiCall, module, id string) {
	q := a.r.URL.Query()
	l := newListing()
	problem := l.readPage(q)
	if problem == nil && q.Has("page_token") {
		// A page token of the timeline is its page number, sealed.
		var page int
		if !s.signer.open(q.Get("page_token"), &page) {
			problem = invalidParam("page_token")
		}
		problem = firstProblem(problem, l.readPage(url.Values{"page": {strconv.Itoa(max(page, 1))}, "per_page": q["per_page"]}))
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	rows, more, ok := a.book().Timeline(module, id, q.Get("sort_order") == "asc", l.query.Start, l.query.Limit)
	if !ok {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the related id given seems to be invalid").with("resource_path_index", 1).write(a.w)
		return
	}
	if len(rows) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	info := l.info(len(rows), more)
	info["next_page_token"], info["previous_page_token"] = nil, nil
	if more {
		info["next_page_token"] = s.signer.seal(l.page + 1)
	}
	if l.page > 1 {
		info["previous_page_token"] = s.signer.seal(l.page - 1)
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"__timeline": rows, "info": info})
}

func firstProblem(list ...*problem) *problem {
	for _, p := range list {
		if p != nil {
			return p
		}
	}
	return nil
}

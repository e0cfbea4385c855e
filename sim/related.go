package sim

import (
	"net/http"

	"zohocrm/sim/internal/records"
)

// routeRelated serves /{module}/{id}/{related list} and a record in it.
func (s *Server) routeRelated(a *apiCall, module, id string, rest []string) {
	m, _ := a.book().Module(module)
	rel, ok := m.Relation(rest[0])
	if !ok || len(rest) > 2 {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the relation name given seems to be invalid").with("resource_path_index", 2).write(a.w)
		return
	}
	if !a.book().Holds(module, id) {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the related id given seems to be invalid").with("resource_path_index", 1).write(a.w)
		return
	}
	switch a.r.Method {
	case http.MethodGet:
		if a.mayRecords(module, "READ") && a.mayRecords(rel.Module, "READ") {
			s.listRelated(a, module, id, rel, rest[1:])
		}
	case http.MethodPost:
		switch {
		case len(rest) != 1 || rel.APIName != "Notes":
			invalidMethod().write(a.w)
		case a.mayRecords("Notes", "CREATE"):
			s.insertNotes(a, module, id)
		}
	case http.MethodPut:
		if a.mayRecords(module, "UPDATE") {
			s.relate(a, module, id, rel, rest[1:])
		}
	case http.MethodDelete:
		if a.mayRecords(module, "UPDATE") {
			s.unrelate(a, module, id, rel, rest[1:])
		}
	default:
		invalidMethod().write(a.w)
	}
}

// listRelated lists the related records, or gives the one that the path names.
func (s *Server) listRelated(a *apiCall, module, id string, rel records.Related, one []string) {
	q := a.r.URL.Query()
	l := newListing()
	problem := l.readSelection(q)
	if problem == nil {
		problem = l.readOrder(q)
	}
	if problem == nil {
		problem = l.readSince(a.r)
	}
	if problem == nil {
		problem = s.readPlace(a, q, l)
	}
	if problem == nil && len(one) == 0 && len(l.query.Fields) == 0 {
		problem = missingParam("fields")
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	if rel.Field != "" {
		l.query.Match = a.book().RelatedMatch(rel, id)
	} else {
		l.query.IDs = a.book().Linked(module, id, rel)
	}
	if len(one) == 1 {
		only := []string{}
		for _, have := range l.query.IDs {
			if have == one[0] {
				only = []string{have}
			}
		}
		if rel.Field != "" {
			only = one
		}
		l.query.IDs, l.query.Whole = only, true
	}
	l.query.Converted = records.Both
	a.writeFlatPage(rel.Module, l)
}

// relate is PUT: many records in the body, or the one in the path. Lists that a
// lookup makes change with the lookup.
func (s *Server) relate(a *apiCall, module, id string, rel records.Related, one []string) {
	if a.items.problem != nil {
		a.items.problem.write(a.w)
		return
	}
	data := a.items.data
	if len(one) == 1 {
		data = data[:1]
		data[0]["id"] = one[0]
	}
	var results []records.Result
	for i, item := range data {
		other, _ := item["id"].(string)
		if rel.Field != "" {
			results = append(results, a.book().Update(a.edit(rel.Module), []map[string]any{{"id": other, rel.Field: id}})...)
			continue
		}
		added, ok := a.book().Link(module, id, rel, other)
		if !ok {
			results = append(results, records.Failed("INVALID_DATA", "the related id given seems to be invalid", i, "id"))
			continue
		}
		word := "updated"
		if added {
			word = "added"
		}
		results = append(results, records.Done("relation "+word, other))
	}
	a.writeResults(http.StatusOK, rel.Module, results)
}

// unrelate is DELETE: the records in ids, or the one in the path.
func (s *Server) unrelate(a *apiCall, module, id string, rel records.Related, one []string) {
	ids := one
	if len(one) == 0 {
		var problem *problem
		if ids, problem = readIDs(a); problem != nil {
			problem.write(a.w)
			return
		}
	}
	if rel.APIName == "Notes" {
		a.writeResults(http.StatusOK, "Notes", a.book().Delete(a.edit("Notes"), ids))
		return
	}
	var results []records.Result
	for i, other := range ids {
		ok := false
		if rel.Field != "" {
			done := a.book().Update(a.edit(rel.Module), []map[string]any{{"id": other, rel.Field: nil}})
			ok = done[0].Problem == nil
		} else {
			ok = a.book().Unlink(module, id, rel, other)
		}
		if !ok {
			results = append(results, records.Failed("INVALID_DATA", "the related id given seems to be invalid", i, "id"))
			continue
		}
		results = append(results, records.Done("relation removed", other))
	}
	a.writeResults(http.StatusOK, rel.Module, results)
}

// insertNotes is POST /{module}/{id}/Notes.
func (s *Server) insertNotes(a *apiCall, module, id string) {
	if a.items.problem != nil {
		a.items.problem.write(a.w)
		return
	}
	for _, item := range a.items.data {
		item["Parent_Id"] = map[string]any{"id": id, "module": map[string]any{"api_name": module}}
	}
	a.writeResults(http.StatusCreated, "Notes", a.book().Insert(a.edit("Notes"), a.items.data))
}

package sim

import (
	"net/http"
	"slices"
	"strings"

	"zohocrm/sim/internal/records"
)

// routeRecords serves /{module} and what is below it.
func (s *Server) routeRecords(a *apiCall) {
	module := a.rest[0]
	if !a.book().Has(module) {
		invalidModule().write(a.w)
		return
	}
	rest := a.rest[1:]
	switch {
	case len(rest) == 0:
		s.routeModule(a, module)
		return
	case len(rest) == 2 && rest[0] == "actions":
		s.routeModuleAction(a, module, rest[1])
		return
	case len(rest) == 1:
		switch rest[0] {
		case "upsert":
			if a.method(http.MethodPost) && a.mayRecords(module, "CREATE", "UPDATE") {
				s.upsertRecords(a, module)
			}
			return
		case "search":
			if a.get() && a.mayRecords(module, "READ") && a.may("ZohoSearch.securesearch.READ") {
				s.searchRecords(a, module)
			}
			return
		case "deleted":
			if a.get() && a.mayRecords(module, "READ") {
				s.deletedRecords(a, module)
			}
			return
		}
	}
	if len(rest) > 3 || len(rest) == 3 && !a.goesOn(module, rest[1]) {
		invalidURL().write(a.w)
		return
	}
	if len(rest) == 1 && !slices.Contains([]string{http.MethodGet, http.MethodPut, http.MethodDelete}, a.r.Method) {
		invalidMethod().write(a.w)
		return
	}
	id, ok := a.recordID(module, rest[0])
	switch {
	case !ok:
	case len(rest) == 1:
		s.routeRecord(a, module, id)
	default:
		s.routeBelow(a, module, id, rest[1:])
	}
}

// goesOn reports whether something can stand below {module}/{id}/{segment}.
func (a *apiCall) goesOn(module, segment string) bool {
	m, _ := a.book().Module(module)
	_, related := m.Relation(segment)
	return related || segment == "actions"
}

// recordID reads the record in the path: its ID, or the value of the external
// field that the header X-EXTERNAL names as {module}.{field}.
func (a *apiCall) recordID(module, segment string) (string, bool) {
	if external := a.r.Header.Get("X-EXTERNAL"); external != "" {
		of, field, _ := strings.Cut(external, ".")
		if of != module {
			newProblem(http.StatusBadRequest, "INVALID_DATA", "The value of the external field is invalid.").write(a.w)
			return "", false
		}
		id, ok := a.book().FindBy(module, field, segment)
		if !ok {
			newProblem(http.StatusBadRequest, "INVALID_DATA", "The value of the external field is invalid.").
				with("resource_path_index", 1).write(a.w)
		}
		return id, ok
	}
	if !records.ValidID(segment) {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 1).write(a.w)
		return "", false
	}
	return segment, true
}

func (s *Server) routeModule(a *apiCall, module string) {
	switch a.r.Method {
	case http.MethodGet:
		if a.mayRecords(module, "READ") && a.maySeeAll(module) {
			s.listRecords(a, module)
		}
	case http.MethodPost:
		if a.mayRecords(module, "CREATE") {
			s.insertRecords(a, module)
		}
	case http.MethodPut:
		if a.mayRecords(module, "UPDATE") {
			s.updateRecords(a, module, "")
		}
	case http.MethodDelete:
		if a.mayRecords(module, "DELETE") {
			s.deleteRecords(a, module, "")
		}
	default:
		invalidMethod().write(a.w)
	}
}

// maySeeAll refuses the list of all notes to users who are not administrators,
// as Zoho can. An organisation's first user is its administrator.
func (a *apiCall) maySeeAll(module string) bool {
	if module != "Notes" || a.user == a.org.members[0] {
		return true
	}
	newProblem(http.StatusForbidden, "NO_PERMISSION", "permission denied").
		with("permissions", []string{"Crm_Implied_View_Notes"}).write(a.w)
	return false
}

func (s *Server) routeModuleAction(a *apiCall, module, action string) {
	switch action {
	case "count":
		if a.get() && a.mayRecords(module, "READ") {
			s.countRecords(a, module)
		}
	case "add_tags", "remove_tags":
		if a.method(http.MethodPost) && a.mayRecords(module, "UPDATE") {
			s.tagRecords(a, module, "", action == "remove_tags")
		}
	case "mass_update":
		s.routeMassUpdate(a, module)
	default:
		invalidURL().write(a.w)
	}
}

func (s *Server) routeRecord(a *apiCall, module, id string) {
	switch a.r.Method {
	case http.MethodGet:
		if a.mayRecords(module, "READ") {
			s.getRecord(a, module, id)
		}
	case http.MethodPut:
		if a.mayRecords(module, "UPDATE") {
			s.updateRecords(a, module, id)
		}
	case http.MethodDelete:
		if a.mayRecords(module, "DELETE") {
			s.deleteRecords(a, module, id)
		}
	}
}

// routeBelow serves what is below a record.
func (s *Server) routeBelow(a *apiCall, module, id string, rest []string) {
	switch first := rest[0]; {
	case first == "actions" && len(rest) == 2:
		s.routeRecordAction(a, module, id, rest[1])
	case first == "photo" && len(rest) == 1:
		s.routePhoto(a, module, id)
	case first == "__timeline" && len(rest) == 1:
		if a.get() && a.mayRecords(module, "READ") {
			s.getTimeline(a, module, id)
		}
	case first == "__conversion_options" && len(rest) == 1 && module == "Leads":
		if a.get() && a.mayRecords(module, "READ") {
			s.conversionOptions(a, id)
		}
	case first == "Attachments":
		s.routeAttachments(a, module, id, rest[1:])
	default:
		s.routeRelated(a, module, id, rest)
	}
}

func (s *Server) routeRecordAction(a *apiCall, module, id, action string) {
	switch {
	case action == "add_tags" || action == "remove_tags":
		if a.method(http.MethodPost) && a.mayRecords(module, "UPDATE") {
			s.tagRecords(a, module, id, action == "remove_tags")
		}
	case action == "clone":
		if a.method(http.MethodPost) && a.mayRecords(module, "CREATE") {
			s.cloneRecord(a, module, id)
		}
	case action == "change_owner":
		if a.method(http.MethodPost) && a.mayRecords(module, "UPDATE") {
			s.changeOwner(a, module, id)
		}
	case action == "convert" && module == "Leads":
		if a.method(http.MethodPost) && a.mayRecords(module, "CREATE") {
			s.convertLead(a, id)
		}
	default:
		invalidURL().write(a.w)
	}
}

// mayRecords checks the scopes of operations on a module's records.
func (a *apiCall) mayRecords(module string, operations ...string) bool {
	for _, op := range operations {
		if !a.may("ZohoCRM.modules." + module + "." + op) {
			return false
		}
	}
	return true
}

package sim

import (
	"net/http"
	"slices"

	"zohocrm/sim/internal/records"
)

// routeRecords serves /{module} and what is below it.
func (s *Server) routeRecords(a *apiCall) {
	module := a.rest[0]
	if !a.book().Has(module) {
		invalidModule().write(a.w)
		return
	}
	switch rest := a.rest[1:]; {
	case len(rest) == 0:
		s.routeModule(a, module)
	case len(rest) == 1 && rest[0] == "upsert":
		if a.method(http.MethodPost) && a.mayRecords(module, "CREATE", "UPDATE") {
			s.upsertRecords(a, module)
		}
	case len(rest) == 1 && rest[0] == "search":
		if a.get() && a.mayRecords(module, "READ") && a.may("ZohoSearch.securesearch.READ") {
			s.searchRecords(a, module)
		}
	case len(rest) == 1 && rest[0] == "deleted":
		if a.get() && a.mayRecords(module, "READ") {
			s.deletedRecords(a, module)
		}
	case len(rest) == 2 && rest[0] == "actions" && rest[1] == "count":
		if a.get() && a.mayRecords(module, "READ") {
			s.countRecords(a, module)
		}
	case len(rest) == 1:
		s.routeRecord(a, module, rest[0])
	default:
		invalidURL().write(a.w)
	}
}

func (s *Server) routeModule(a *apiCall, module string) {
	switch a.r.Method {
	case http.MethodGet:
		if a.mayRecords(module, "READ") {
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

func (s *Server) routeRecord(a *apiCall, module, id string) {
	if !slices.Contains([]string{http.MethodGet, http.MethodPut, http.MethodDelete}, a.r.Method) {
		invalidMethod().write(a.w)
		return
	}
	if !records.ValidID(id) {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 1).write(a.w)
		return
	}
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

// mayRecords checks the scopes of operations on a module's records.
func (a *apiCall) mayRecords(module string, operations ...string) bool {
	for _, op := range operations {
		if !a.may("ZohoCRM.modules." + module + "." + op) {
			return false
		}
	}
	return true
}

// method answers "no such method" unless the call uses the wanted one.
func (a *apiCall) method(want string) bool {
	if a.r.Method != want {
		invalidMethod().write(a.w)
	}
	return a.r.Method == want
}

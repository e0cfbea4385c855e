package sim

import (
	"encoding/json"
	"net/http"
)

// conversionOptions is GET /Leads/{id}/__conversion_options: the records that a
// lead could be merged with, contacts by their email and accounts by the name of
// the lead's company. 204 when there are none.
func (s *Server) conversionOptions(a *apiCall, id string) {
	row, _, ok := a.book().Get("Leads", id, nil)
	if !ok {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 1).write(a.w)
		return
	}
	var lead struct{ Email, Company string }
	if err := json.Unmarshal(row, &lead); err != nil {
		panic("sim: " + err.Error()) // the row was made here
	}
	contacts := a.matching("Contacts", "Email", lead.Email)
	accounts := a.matching("Accounts", "Account_Name", lead.Company)
	preferred := "Contacts"
	switch {
	case len(contacts)+len(accounts) == 0:
		a.w.WriteHeader(http.StatusNoContent)
		return
	case len(contacts) == 0:
		preferred = "Accounts"
	}
	m, _ := a.book().Module(preferred)
	matched := func(module, field, value string, found []any) []any {
		if len(found) == 0 {
			return []any{}
		}
		of, _ := a.book().Module(module)
		return []any{map[string]any{"field": map[string]any{"api_name": field, "id": fieldID(of, field)}, "matched_lead_value": value}}
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"__conversion_options": map[string]any{
		"module_preference": map[string]any{"api_name": m.APIName, "id": m.ID()},
		"Contacts":          contacts, "Accounts": accounts, "Deals": []any{},
		"preference_field_matched_value": map[string]any{
			"Contacts": matched("Contacts", "Email", lead.Email, contacts),
			"Accounts": matched("Accounts", "Account_Name", lead.Company, accounts),
			"Deals":    []any{},
		},
		"modules_with_multiple_layouts": []any{},
	}})
}

// matching are the records of a module whose field has a value, which is not empty.
func (a *apiCall) matching(module, field, value string) []any {
	found := []any{}
	if value == "" {
		return found
	}
	for _, id := range a.book().IDs(module, a.book().AnyOf(module, value, field)) {
		if row, _, ok := a.book().Get(module, id, nil); ok {
			found = append(found, json.RawMessage(row))
		}
	}
	return found
}

package sim

import (
	"net/http"
	"slices"

	"zohocrm/sim/internal/records"
)

// routeSettings serves the metadata of modules and fields.
func (s *Server) routeSettings(a *apiCall) {
	if !a.get() {
		return
	}
	switch {
	case len(a.rest) == 2 && a.rest[1] == "modules":
		if a.may("ZohoCRM.settings.modules.READ") {
			writeModules(a, records.Modules())
		}
	case len(a.rest) == 3 && a.rest[1] == "modules":
		if a.may("ZohoCRM.settings.modules.READ") {
			writeModules(a, named(a.rest[2]))
		}
	case len(a.rest) == 2 && a.rest[1] == "fields":
		if a.may("ZohoCRM.settings.fields.READ") {
			writeFields(a)
		}
	default:
		invalidURL().write(a.w)
	}
}

func named(module string) []records.Module {
	return slices.DeleteFunc(records.Modules(), func(m records.Module) bool { return m.APIName != module })
}

func writeModules(a *apiCall, modules []records.Module) {
	var list []any
	for _, m := range modules {
		list = append(list, map[string]any{
			"id":                    recordID(orgSpace, 100*place(m.APIName)),
			"api_name":              m.APIName,
			"module_name":           m.APIName,
			"singular_label":        m.Singular,
			"plural_label":          m.APIName,
			"generated_type":        "default",
			"status":                "visible",
			"api_supported":         true,
			"creatable":             true,
			"editable":              true,
			"deletable":             true,
			"viewable":              true,
			"global_search_support": true,
			"sequence_number":       place(m.APIName),
		})
	}
	if list == nil {
		invalidModule().write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"modules": list})
}

func writeFields(a *apiCall) {
	module := a.r.URL.Query().Get("module")
	if module == "" {
		missingParam("module").write(a.w)
		return
	}
	found := named(module)
	if len(found) == 0 {
		invalidModule().write(a.w)
		return
	}
	var list []any
	for i, f := range found[0].Fields {
		field := map[string]any{
			"id":               recordID(orgSpace, 100*place(module)+i+1),
			"api_name":         f.APIName,
			"field_label":      f.Label,
			"display_label":    f.Label,
			"data_type":        f.Type,
			"json_type":        f.Type.JSON(),
			"length":           f.Length,
			"system_mandatory": f.Mandatory,
			"read_only":        f.ReadOnly,
			"custom_field":     f.APIName == "External_Key",
			"visible":          true,
			"unique":           map[string]any{},
			"lookup":           map[string]any{},
		}
		if f.Unique {
			field["unique"] = map[string]any{"casesensitive": false}
		}
		if f.Module != "" {
			field["lookup"] = map[string]any{"module": map[string]any{"api_name": f.Module}}
		}
		list = append(list, field)
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"fields": list})
}

// place is a module's place in the list, from 1.
func place(module string) int {
	return 1 + slices.IndexFunc(records.Modules(), func(m records.Module) bool { return m.APIName == module })
}

// invalidModule complains about the module in the path.
func invalidModule() *problem {
	return newProblem(http.StatusBadRequest, "INVALID_MODULE", "the module name given seems to be invalid").with("resource_path_index", 0)
}

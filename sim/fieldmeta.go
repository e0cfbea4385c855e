package sim

import (
	"net/http"
	"strconv"

	"zohocrm/sim/internal/records"
)

// writeFields is GET /settings/fields and, with an ID or API name, one of them.
func writeFields(a *apiCall, rest []string) {
	m, ok := a.ofModule()
	if !ok {
		return
	}
	list := fieldList(a, m)
	if len(rest) == 1 {
		one := only(list, rest[0])
		for i, f := range m.Fields {
			if f.APIName == rest[0] {
				one = list[i : i+1]
			}
		}
		list = one
	}
	if kind := a.r.URL.Query().Get("type"); kind == "unused" || len(list) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"fields": list})
}

func fieldList(a *apiCall, m records.Module) []any {
	var list []any
	for i := range m.Fields {
		list = append(list, fieldMeta(a, m, i))
	}
	return list
}

// fieldMeta describes a field. Parts that do not apply are empty or null.
func fieldMeta(a *apiCall, m records.Module, i int) map[string]any {
	f := m.Fields[i]
	out := map[string]any{
		"id": m.FieldID(i), "api_name": f.APIName, "field_label": f.Label, "display_label": f.Label, "column_name": f.APIName,
		"data_type": f.Type.API(), "json_type": f.Type.JSON(), "length": shownLength(f), "decimal_place": nil,
		"system_mandatory": f.Mandatory, "read_only": f.ReadOnly, "field_read_only": f.ReadOnly, "custom_field": f.Custom,
		"created_source": "default", "type": "used", "quick_sequence_number": strconv.Itoa(i + 1), "display_type": -1, "ui_type": 1,
		"show_type": 7, "category": 0, "created_time": a.stamp(), "modified_time": a.stamp(), "additional_column": nil,
		"display_field": f.APIName == m.NameField, "profiles": fieldProfiles(), "pick_list_values": pickValues(m, i),
		"operation_type": map[string]any{
			"web_update": !f.ReadOnly, "api_create": !f.ReadOnly, "web_create": !f.ReadOnly, "api_update": !f.ReadOnly,
		},
		"view_type":           map[string]any{"view": true, "edit": !f.ReadOnly, "quick_create": f.Mandatory, "create": !f.ReadOnly},
		"layout_associations": []any{map[string]any{"api_name": "Standard", "name": "Standard", "id": m.LayoutID()}},
		"lookup":              map[string]any{}, "unique": map[string]any{}, "subform": nil, "external": nil, "textarea": nil,
		"currency": map[string]any{}, "formula": map[string]any{}, "multiselectlookup": map[string]any{}, "auto_number": map[string]any{},
		"multi_module_lookup": map[string]any{}, "customizable_properties": []any{}, "allowed_modules": []any{},
	}
	for _, name := range []string{
		"visible", "webhook", "searchable", "filterable", "sortable", "available_in_user_layout", "businesscard_supported",
	} {
		out[name] = true
	}
	for _, name := range []string{
		"blueprint_supported", "virtual_field", "pick_list_values_sorted_lexically", "separator", "enable_colour_code",
		"colour_code_enabled_by_system", "hipaa_compliance_enabled", "number_separator", "static_field",
	} {
		out[name] = false
	}
	out["mass_update"] = !f.ReadOnly && !f.Unique
	for _, name := range []string{
		"associated_module", "email_parser", "rollup_summary", "refer_from_field", "sharing_properties", "sub_module",
		"convert_mapping", "multiuserlookup", "autonumber", "crypt", "tooltip", "history_tracking", "association_details", "hipaa_compliance",
	} {
		out[name] = nil
	}
	switch {
	case f.Unique:
		out["unique"] = map[string]any{"casesensitive": "false"}
	case f.Type == records.Lookup && f.Module != "":
		target, _ := a.book().Module(f.Module)
		out["lookup"] = map[string]any{
			"display_label": f.Label, "api_name": f.APIName, "id": m.FieldID(i),
			"module": map[string]any{"api_name": target.APIName, "id": target.ID()},
		}
	case f.Rich:
		out["textarea"] = map[string]any{"type": "rich_text"}
	case f.Type == records.Subform:
		out["subform"] = map[string]any{"module": f.APIName, "id": m.FieldID(i)}
	}
	return out
}

// shownLength is a field's length as Zoho gives one for types that have none.
func shownLength(f records.Field) int {
	if f.Length > 0 {
		return f.Length
	}
	switch f.Type {
	case records.Integer:
		return 9
	case records.Currency, records.Double:
		return 16
	case records.Boolean:
		return 5
	case records.Date:
		return 20
	}
	return 120
}

func fieldProfiles() []any {
	return []any{map[string]any{"name": "Administrator", "id": recordID(userSpace, 900_002), "permission_type": "read_write"}}
}

func pickValues(m records.Module, i int) []any {
	list := []any{}
	if m.Fields[i].Type == records.Picklist {
		for n, v := range append([]string{"-None-"}, m.Fields[i].Picks...) {
			list = append(list, map[string]any{
				"display_value": v, "actual_value": v, "reference_value": v, "sequence_number": n + 1, "type": "used",
				"id": m.FieldID(i) + strconv.Itoa(n), "colour_code": nil,
			})
		}
	}
	return list
}

// writeLayouts is GET /settings/layouts and, with an ID, the one. Each module
// has one layout with one section.
func writeLayouts(a *apiCall, rest []string) {
	m, ok := a.ofModule()
	if !ok {
		return
	}
	if len(rest) == 1 && rest[0] != m.LayoutID() {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"layouts": []any{layoutMeta(a, m)}})
}

func layoutMeta(a *apiCall, m records.Module) map[string]any {
	var fields []any
	for i, f := range m.Fields {
		one := fieldMeta(a, m, i)
		one["required"], one["sequence_number"], one["section_id"] = f.Mandatory, i+1, 1
		fields = append(fields, one)
	}
	return map[string]any{
		"id": m.LayoutID(), "name": "Standard", "api_name": "Standard", "display_label": "Standard", "status": "active", "visible": true,
		"mode": "view", "source": "crm", "generated_type": "system", "show_business_card": true, "has_more_profiles": false,
		"created_time": nil, "modified_time": nil, "created_for": nil, "created_by": nil, "modified_by": nil,
		"subform_properties": nil, "convert_mapping": nil,
		"profiles": []any{map[string]any{"default": true, "name": "Administrator", "id": recordID(userSpace, 900_002),
			"_default_view": map[string]any{"name": "Standard View", "id": m.ViewID(0), "type": "system"}}},
		"actions_allowed": map[string]any{
			"edit": true, "rename": false, "clone": true, "downgrade": false, "delete": false, "deactivate": false, "set_layout_permissions": true,
		},
		"sections": []any{map[string]any{
			"id": m.SectionID(), "name": m.Singular + " Information", "api_name": m.Singular + "_Information",
			"display_label": m.Singular + " Information", "sequence_number": 1, "column_count": 2, "tab_traversal": nil,
			"isSubformSection": false, "generated_type": "default", "type": "used", "properties": nil, "fields": fields,
		}},
	}
}

package sim

import (
	"net/http"
	"strconv"

	"zohocrm/sim/internal/records"
)

// writeModules is GET /settings/modules and, with an API name or ID, one of them.
func writeModules(a *apiCall, rest []string) {
	var list []any
	for _, m := range a.book().Modules() {
		if len(rest) == 0 {
			list = append(list, moduleMeta(a, m))
		} else if rest[0] == m.APIName || rest[0] == m.ID() {
			one := moduleMeta(a, m)
			one["fields"], one["layouts"] = fieldList(a, m), []any{layoutMeta(a, m)}
			one["related_lists"] = relatedMeta(m)
			list = append(list, one)
		}
	}
	if list == nil {
		invalidModule().write(a.w)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"modules": list})
}

func moduleMeta(a *apiCall, m records.Module) map[string]any {
	out := map[string]any{
		"id": m.ID(), "api_name": m.APIName, "module_name": m.APIName, "singular_label": m.Singular, "plural_label": m.APIName,
		"actual_plural_label": m.APIName, "actual_singular_label": m.Singular, "generated_type": "default", "status": "visible",
		"sequence_number": m.Place(), "visibility": 1, "per_page": perPageMax, "profile_count": 1, "business_card_field_limit": 5,
		"modified_time": a.stamp(), "modified_by": a.administrator(), "profiles": profileList(), "arguments": []any{},
		"business_card_fields": []any{m.NameField}, "search_layout_fields": []any{m.NameField},
		"$field_states": []any{}, "$properties": []any{}, "$on_demand_properties": []any{},
		"description": nil, "web_link": nil, "parent_module": map[string]any{}, "activity_badge": nil, "display_field": nil,
		"lookup_field_properties": map[string]any{"fields": []any{}}, "related_list_properties": nil,
	}
	// What these modules can do, and what the simulator has none of.
	for _, name := range []string{
		"api_supported", "creatable", "editable", "deletable", "viewable", "visible", "global_search_support", "filter_status",
		"filter_supported", "recycle_bin_on_delete", "show_as_tab", "triggers_supported", "quick_create", "kanban_view_supported",
	} {
		out[name] = true
	}
	for _, name := range []string{
		"has_more_profiles", "sub_menu_available", "inventory_template_supported", "presence_sub_menu", "chart_view",
		"isBlueprintSupported", "emailTemplate_support", "email_parser_supported", "feeds_required", "scoring_supported",
		"webform_supported", "chart_view_supported", "track_current_data", "kanban_view", "convertable", "common.search_supported", "zia_view",
	} {
		out[name] = false
	}
	out["convertable"] = m.APIName == "Leads"
	return out
}

// writeRelatedLists is GET /settings/related_lists and, with an ID, one of them.
func writeRelatedLists(a *apiCall, rest []string) {
	m, ok := a.ofModule()
	if !ok {
		return
	}
	list := relatedMeta(m)
	if len(rest) == 1 {
		list = only(list, rest[0])
	}
	if len(list) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"related_lists": list})
}

func relatedMeta(m records.Module) []any {
	list := []any{}
	for i, r := range m.Related {
		list = append(list, map[string]any{
			"id": m.RelatedID(i), "sequence_number": strconv.Itoa(i + 1), "display_label": r.Label, "api_name": r.APIName, "name": r.Label,
			"module": map[string]any{"api_name": r.Module, "id": m.ID()}, "action": nil, "href": r.APIName + "/{ENTITYID}/" + r.APIName,
			"type": "default", "connectedmodule": nil, "linkingmodule": nil, "customize_sort": true, "customize_fields": true,
			"customize_display_label": true, "sort_by": nil, "sort_order": nil, "fields": []any{}, "status": "visible", "visible": true,
		})
	}
	return list
}

// only keeps the item with an ID.
func only(list []any, id string) []any {
	for _, item := range list {
		if one, ok := item.(map[string]any); ok && one["id"] == id {
			return []any{one}
		}
	}
	return nil
}

// writeViews is GET /settings/custom_views and, with an ID, one of them.
func writeViews(a *apiCall, rest []string) {
	m, ok := a.ofModule()
	if !ok {
		return
	}
	list := []any{}
	for i, v := range a.book().Views(m.APIName, a.user.asOwner(), a.now) {
		list = append(list, map[string]any{
			"id": v.ID, "name": v.Label, "display_value": v.Label, "system_name": v.Name, "category": "public_views", "default": i == 0,
			"system_defined": true, "locked": false, "favorite": nil, "offline": true, "access_type": "public", "shared_to": nil,
			"created_time": a.stamp(), "modified_time": a.stamp(), "last_accessed_time": a.stamp(),
			"created_by": a.administrator(), "modified_by": a.administrator(),
			"module":   map[string]any{"api_name": m.APIName, "id": m.ID(), "name": m.APIName},
			"criteria": nil, "sort_by": nil, "sort_order": nil,
			"fields": []any{map[string]any{"api_name": m.NameField, "id": fieldID(m, m.NameField), "_pin": false}},
		})
	}
	if len(rest) == 1 {
		list = only(list, rest[0])
	}
	if len(list) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	l := newListing()
	info := l.info(len(list), false)
	info["default"] = m.ViewID(0)
	info["translation"] = map[string]any{
		"public_views": "Public Views", "other_users_views": "Other Users Views", "shared_with_me": "Shared With Me", "created_by_me": "Created By Me",
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"custom_views": list, "info": info})
}

func fieldID(m records.Module, name string) string {
	for i, f := range m.Fields {
		if f.APIName == name {
			return m.FieldID(i)
		}
	}
	return ""
}

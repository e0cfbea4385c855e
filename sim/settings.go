package sim

import (
	"net/http"
	"time"

	"zohocrm/sim/internal/records"
)

// routeSettings serves the metadata: modules, fields, layouts, related lists,
// custom views, and the tags. Metadata has not changed since the organisation
// was made, which If-Modified-Since is answered by.
func (s *Server) routeSettings(a *apiCall) {
	if len(a.rest) < 2 {
		invalidURL().write(a.w)
		return
	}
	area, rest := a.rest[1], a.rest[2:]
	if area == "tags" {
		s.routeTags(a, rest)
		return
	}
	show := map[string]func(*apiCall, []string){
		"modules": writeModules, "fields": writeFields, "layouts": writeLayouts,
		"related_lists": writeRelatedLists, "custom_views": writeViews,
	}[area]
	switch {
	case show == nil || len(rest) > 1:
		if a.get() {
			invalidURL().write(a.w)
		}
	case !a.get() || !a.may("ZohoCRM.settings."+area+".READ"):
	case a.unchanged():
		a.w.WriteHeader(http.StatusNotModified)
	default:
		show(a, rest)
	}
}

// unchanged reports whether the caller has the metadata already, by its header
// If-Modified-Since (ISO 8601, or an HTTP date). A header that is neither is
// ignored.
func (a *apiCall) unchanged() bool {
	text := a.r.Header.Get("If-Modified-Since")
	since, err := time.Parse(time.RFC3339, text)
	if err != nil {
		since, err = http.ParseTime(text)
	}
	return text != "" && err == nil && !a.org.created.After(since)
}

// ofModule answers "no such module" unless the parameter module names one.
func (a *apiCall) ofModule() (records.Module, bool) {
	name := a.r.URL.Query().Get("module")
	if problem := a.readModule(name); problem != nil {
		problem.write(a.w)
		return records.Module{}, false
	}
	return a.book().Module(name)
}

// stamp is when the organisation and its metadata were made.
func (a *apiCall) stamp() string { return a.org.created.UTC().Format(records.Stamp) }

// administrator is the organisation's first user, by whom all metadata is.
func (a *apiCall) administrator() map[string]any {
	first := a.org.members[0].asOwner()
	return map[string]any{"name": first.Name, "id": first.ID}
}

func profileList() []any {
	return []any{map[string]any{"name": "Administrator", "id": recordID(userSpace, 900_002)}}
}

// invalidModule complains about the module in the path.
func invalidModule() *problem {
	return newProblem(http.StatusBadRequest, "INVALID_MODULE", "the module name given seems to be invalid").with("resource_path_index", 0)
}

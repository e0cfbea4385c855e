package crm

import (
	"net/http"
	"strings"
)

// scopesFor names the scopes that a call needs, by its path (the pages of the
// API areas say them). Where Zoho takes a wider one instead, it is the
// narrowest.
func scopesFor(method, path string) []string {
	part := strings.Split(strings.Trim(path, "/"), "/")
	does := "READ"
	switch method {
	case http.MethodPost:
		does = "CREATE"
	case http.MethodPut, http.MethodPatch:
		does = "UPDATE"
	case http.MethodDelete:
		does = "DELETE"
	}
	if len(part) < 3 || part[0] != "crm" {
		return nil
	}
	if part[1] == "bulk" {
		return []string{"ZohoCRM.bulk." + does}
	}
	switch area := part[2]; {
	case area == "settings" && len(part) > 3:
		return []string{"ZohoCRM.settings." + part[3] + "." + does}
	case area == "users" || area == "org" || area == "files":
		return []string{"ZohoCRM." + area + "." + does}
	case area == "coql":
		return []string{"ZohoCRM.coql.READ", "ZohoCRM.modules.READ", "ZohoCRM.settings.fields.READ"}
	case area == "actions" && len(part) > 3 && part[3] == "watch":
		return []string{"ZohoCRM.notifications." + does}
	case area == "__composite_requests":
		return []string{"ZohoCRM.composite_requests.CUSTOM"}
	case area == "upload":
		return []string{"ZohoFiles.files.ALL", "ZohoCRM.bulk.ALL"}
	}
	module := "ZohoCRM.modules." + part[2] + "."
	switch last := part[len(part)-1]; {
	case last == "search":
		return []string{module + "READ", "ZohoSearch.securesearch.READ"}
	case last == "upsert":
		return []string{module + "CREATE", module + "UPDATE"}
	}
	return []string{module + does}
}

// missingScopes are those that none of the granted ones covers; all of them if
// it is not known what was granted, or if what is known must be wrong.
func missingScopes(need []string, granted string) []string {
	has := strings.FieldsFunc(granted, func(r rune) bool { return r == ',' || r == ' ' })
	var missing []string
	for _, n := range need {
		covered := false
		for _, g := range has {
			covered = covered || coversScope(g, n)
		}
		if !covered {
			missing = append(missing, n)
		}
	}
	if len(missing) == 0 {
		return need
	}
	return missing
}

// coversScope reports whether one scope includes another: ZohoCRM.modules.ALL
// includes ZohoCRM.modules.Leads.READ.
func coversScope(granted, need string) bool {
	area, does, _ := cutLast(strings.ToLower(granted))
	needArea, needDoes, _ := cutLast(strings.ToLower(need))
	if area != needArea && !strings.HasPrefix(needArea, area+".") {
		return false
	}
	return does == "all" || does == needDoes || does == "write" && needDoes != "read"
}

func cutLast(scope string) (before, after string, found bool) {
	i := strings.LastIndexByte(scope, '.')
	if i < 0 {
		return scope, "", false
	}
	return scope[:i], scope[i+1:], true
}

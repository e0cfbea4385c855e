package sim

import (
	"net/http"

	"zohocrm/sim/internal/records"
)

// listUsers is GET /users?type=. All users of an organisation are active and
// confirmed, so the lists of others are empty.
func (s *Server) listUsers(a *apiCall) {
	var found []*person
	switch a.r.URL.Query().Get("type") {
	case "CurrentUser":
		found = []*person{a.user}
	case "", "AllUsers", "ActiveUsers", "ActiveConfirmedUsers", "ConfirmedUsers":
		found = a.org.members
	case "AdminUsers", "ActiveConfirmedAdmins":
		found = a.org.members[:1]
	case "DeactiveUsers", "NotConfirmedUsers", "DeletedUsers":
	default:
		invalidParam("type").write(a.w)
		return
	}
	a.writeUsers(found)
}

// getUser is GET /users/{id}.
func (s *Server) getUser(a *apiCall, id string) {
	var found []*person
	for _, p := range a.org.members {
		if p.id == id {
			found = append(found, p)
		}
	}
	a.writeUsers(found)
}

func (a *apiCall) writeUsers(found []*person) {
	if len(found) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	var list []any
	for _, p := range found {
		list = append(list, map[string]any{
			"id":           p.id,
			"zuid":         p.ZUID,
			"email":        p.Email,
			"first_name":   p.FirstName,
			"last_name":    p.LastName,
			"full_name":    p.FirstName + " " + p.LastName,
			"status":       "active",
			"confirm":      true,
			"role":         map[string]any{"name": "CEO", "id": recordID(userSpace, 900_001)},
			"profile":      map[string]any{"name": "Administrator", "id": recordID(userSpace, 900_002)},
			"country":      "US",
			"locale":       "en_US",
			"time_zone":    "UTC",
			"created_time": a.org.created.Format(records.Stamp),
		})
	}
	writeJSON(a.w, http.StatusOK, map[string]any{
		"users": list,
		"info":  map[string]any{"per_page": 200, "count": len(list), "page": 1, "more_records": false},
	})
}

package sim

import (
	"net/http"
	"slices"
	"strings"

	"zohocrm/sim/internal/records"
)

// routeUsers serves /users.
func (s *Server) routeUsers(a *apiCall) {
	switch {
	case len(a.rest) > 2:
		if a.get() {
			invalidURL().write(a.w)
		}
	case a.r.Method == http.MethodGet:
		if !a.may("ZohoCRM.users.READ") {
			return
		}
		if len(a.rest) == 1 {
			s.listUsers(a)
			return
		}
		a.writeUsers(keep(a.everybody(), func(u *user) bool { return u.id == a.rest[1] }))
	case a.r.Method == http.MethodPost && len(a.rest) == 1:
		if a.may("ZohoCRM.users.CREATE") {
			s.addUser(a)
		}
	case a.r.Method == http.MethodPut && len(a.rest) == 2:
		if a.may("ZohoCRM.users.UPDATE") {
			s.editUser(a, a.rest[1])
		}
	case a.r.Method == http.MethodDelete && len(a.rest) == 2:
		if a.may("ZohoCRM.users.DELETE") {
			s.deleteUser(a, a.rest[1])
		}
	default:
		invalidMethod().write(a.w)
	}
}

// everybody are the organisation's users: those who can sign in, then those
// whom the API has added.
func (a *apiCall) everybody() []*user {
	var out []*user
	for _, p := range a.org.members {
		out = append(out, &user{id: p.id, zuid: p.ZUID, email: p.Email, first: p.FirstName, last: p.LastName, status: "active", confirmed: true})
	}
	return append(out, a.org.staff.all()...)
}

func keep(list []*user, want func(*user) bool) []*user {
	return slices.DeleteFunc(list, func(u *user) bool { return !want(u) })
}

// listUsers is GET /users?type=. Users who can sign in are active and
// confirmed; added ones are active and have not confirmed.
func (s *Server) listUsers(a *apiCall) {
	q := a.r.URL.Query()
	l := newListing()
	if problem := l.readPage(q); problem != nil {
		problem.write(a.w)
		return
	}
	want := map[string]func(*user) bool{
		"CurrentUser":           func(u *user) bool { return u.id == a.user.id },
		"":                      func(*user) bool { return true },
		"AllUsers":              func(*user) bool { return true },
		"ActiveUsers":           func(u *user) bool { return u.status == "active" },
		"ActiveConfirmedUsers":  func(u *user) bool { return u.status == "active" && u.confirmed },
		"ConfirmedUsers":        func(u *user) bool { return u.confirmed },
		"AdminUsers":            func(u *user) bool { return u.id == a.org.members[0].id },
		"ActiveConfirmedAdmins": func(u *user) bool { return u.id == a.org.members[0].id },
		"DeactiveUsers":         func(u *user) bool { return u.status == "disabled" },
		"NotConfirmedUsers":     func(u *user) bool { return !u.confirmed },
		"DeletedUsers":          func(u *user) bool { return u.status == "deleted" },
	}[q.Get("type")]
	if want == nil {
		invalidParam("type").write(a.w)
		return
	}
	found := keep(a.everybody(), want)
	if ids := q.Get("ids"); ids != "" {
		found = keep(found, func(u *user) bool { return slices.Contains(strings.Split(ids, ","), u.id) })
	}
	start := min(l.query.Start, len(found))
	end := min(start+l.query.Limit, len(found))
	a.writeUsersPage(found[start:end], l, end < len(found))
}

func (a *apiCall) writeUsers(found []*user) { a.writeUsersPage(found, newListing(), false) }

func (a *apiCall) writeUsersPage(found []*user, l *listing, more bool) {
	switch {
	case len(found) == 0:
		a.w.WriteHeader(http.StatusNoContent)
		return
	case a.unchanged() && len(a.org.staff.all()) == 0:
		a.w.WriteHeader(http.StatusNotModified)
		return
	}
	var list []any
	for _, u := range found {
		list = append(list, map[string]any{
			"id":           u.id,
			"zuid":         u.zuid,
			"email":        u.email,
			"first_name":   u.first,
			"last_name":    u.last,
			"full_name":    strings.TrimSpace(u.first + " " + u.last),
			"status":       u.status,
			"confirm":      u.confirmed,
			"role":         map[string]any{"name": "CEO", "id": recordID(userSpace, 900_001)},
			"profile":      map[string]any{"name": "Administrator", "id": recordID(userSpace, 900_002)},
			"phone":        u.phone,
			"country":      "US",
			"locale":       "en_US",
			"language":     "en_US",
			"time_zone":    "UTC",
			"created_time": a.org.created.UTC().Format(records.Stamp),
		})
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"users": list, "info": l.info(len(list), more)})
}

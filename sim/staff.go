package sim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"zohocrm/sim/internal/records"
)

// maxStaff bounds the users that the API adds to one organisation.
const maxStaff = 1_000

// user is a user as the API shows one.
type user struct {
	id, email, first, last string
	zuid                   any // nil until the user has confirmed
	phone                  any
	status                 string // active, disabled or deleted
	confirmed              bool
}

// staff are the users that the API has added. They own records but cannot sign
// in. A user is replaced, never changed.
type staff struct {
	mu   sync.Mutex
	list []*user
}

func (x *staff) all() []*user {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.list)
}

func (x *staff) add(u *user) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.list) >= maxStaff {
		return false
	}
	x.list = append(x.list, u)
	return true
}

// edit replaces a user by a changed copy. It reports whether there is one.
func (x *staff) edit(id string, change func(*user)) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.list, func(u *user) bool { return u.id == id })
	if i < 0 {
		return false
	}
	changed := *x.list[i]
	change(&changed)
	x.list[i] = &changed
	return true
}

// userBody is the body of a write of users.
type userBody struct {
	Users []struct {
		FirstName *string `json:"first_name"`
		LastName  *string `json:"last_name"`
		Email     *string `json:"email"`
		Phone     *string `json:"phone"`
		Status    *string `json:"status"`
		Role      any     `json:"role"`
		Profile   any     `json:"profile"`
	} `json:"users"`
}

func (a *apiCall) readUser() (userBody, bool) {
	var b userBody
	if err := json.Unmarshal(a.body, &b); err != nil || len(b.Users) == 0 {
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "users").with("json_path", "$.users").write(a.w)
		return b, false
	}
	return b, true
}

// addUser is POST /users: one user a call, invited and not confirmed.
func (s *Server) addUser(a *apiCall) {
	b, ok := a.readUser()
	if !ok {
		return
	}
	one := b.Users[0]
	missing := ""
	switch {
	case one.LastName == nil || *one.LastName == "":
		missing = "last_name"
	case one.Email == nil || !strings.Contains(strings.Trim(*one.Email, "@"), "@"):
		missing = "email"
	case one.Role == nil:
		missing = "role"
	case one.Profile == nil:
		missing = "profile"
	}
	if missing != "" {
		a.userProblem("MANDATORY_NOT_FOUND", "required field not found", missing)
		return
	}
	if slices.ContainsFunc(a.everybody(), func(u *user) bool { return strings.EqualFold(u.email, *one.Email) }) {
		a.userProblem("DUPLICATE_DATA", "Failed to add user since same email id is already present", "email")
		return
	}
	u := &user{id: a.book().NewID(), email: *one.Email, last: *one.LastName, status: "active"}
	if one.FirstName != nil {
		u.first = *one.FirstName
	}
	if one.Phone != nil {
		u.phone = *one.Phone
	}
	if !a.org.staff.add(u) {
		newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "license limit exceeded").with("limit", maxStaff).write(a.w)
		return
	}
	a.book().AddPerson(records.Person{ID: u.id, Name: strings.TrimSpace(u.first + " " + u.last), Email: u.email})
	a.userDone(http.StatusCreated, u.id, "User added")
}

// userProblem refuses the user in the body because of a field.
func (a *apiCall) userProblem(code, message, field string) {
	p := newProblem(http.StatusBadRequest, code, message).with("api_name", field).with("json_path", "$.users[0]."+field)
	writeJSON(a.w, p.status, map[string]any{"users": []any{p.body()}})
}

func (a *apiCall) userDone(status int, id, message string) {
	writeJSON(a.w, status, map[string]any{"users": []any{map[string]any{
		"code": "SUCCESS", "details": map[string]any{"id": id}, "message": message, "status": "success",
	}}})
}

// editUser is PUT /users/{id}, for users that the API has added; those of the
// configuration stay as they are.
func (s *Server) editUser(a *apiCall, id string) {
	b, ok := a.readUser()
	if !ok {
		return
	}
	one := b.Users[0]
	found := a.org.staff.edit(id, func(u *user) {
		for _, f := range []struct {
			to   *string
			from *string
		}{{&u.first, one.FirstName}, {&u.last, one.LastName}, {&u.email, one.Email}, {&u.status, one.Status}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		if one.Phone != nil {
			u.phone = *one.Phone
		}
	})
	if !found {
		a.noSuchUser(id)
		return
	}
	a.userDone(http.StatusOK, id, "User updated")
}

func (s *Server) deleteUser(a *apiCall, id string) {
	if !a.org.staff.edit(id, func(u *user) { u.status = "deleted" }) {
		a.noSuchUser(id)
		return
	}
	a.userDone(http.StatusOK, id, "User deleted")
}

// noSuchUser refuses an ID that is unknown or stands in the configuration.
func (a *apiCall) noSuchUser(id string) {
	for _, p := range a.org.members {
		if p.id == id {
			newProblem(http.StatusForbidden, "NO_PERMISSION", "permission denied").with("permissions", []string{"Crm_Implied_Edit_Users"}).write(a.w)
			return
		}
	}
	newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("resource_path_index", 1).write(a.w)
}

package crm

import (
	"context"
	"net/http"
	"net/url"
)

// User is a user of the CRM.
type User struct {
	ID        string
	ZUID      string // of the Zoho account
	Email     string
	FullName  string
	FirstName string
	LastName  string
	Status    string // active, inactive, ...
	TimeZone  string // "Europe/Berlin"
	Role      Named
	Profile   Named
	Record    Record // all that Zoho sent
}

// Named is a reference by ID to something that has a name.
type Named struct{ ID, Name string }

// Current is the user whose tokens the client uses.
//
// GET /crm/v8/users?type=CurrentUser, scope ZohoCRM.users.READ (Zoho: get-users).
func (s *UsersService) Current(ctx context.Context) (*User, error) {
	const path = "/crm/v8/users"
	list := recordList{name: "users"}
	_, err := s.client.Do(ctx, Request{Path: path, Query: url.Values{"type": {"CurrentUser"}}}, &list)
	if err != nil {
		return nil, err
	}
	if len(list.records) == 0 {
		return nil, nothing(path)
	}
	r := list.records[0]
	return &User{
		ID: r.ID(), ZUID: r.Text("zuid"), Email: r.Text("email"),
		FullName: r.Text("full_name"), FirstName: r.Text("first_name"), LastName: r.Text("last_name"),
		Status: r.Text("status"), TimeZone: r.Text("time_zone"),
		Role: named(r.Sub("role")), Profile: named(r.Sub("profile")), Record: r,
	}, nil
}

func named(r Record) Named { return Named{ID: r.ID(), Name: r.Text("name")} }

// nothing is the error of a read for one thing that found none.
func nothing(path string) *Error {
	return &Error{Status: http.StatusNoContent, Method: http.MethodGet, Path: path}
}

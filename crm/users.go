package crm

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
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

// UsersOptions narrows [UsersService.List].
type UsersOptions struct {
	// Type is AllUsers, ActiveUsers, DeactiveUsers, ConfirmedUsers,
	// NotConfirmedUsers, ActiveConfirmedUsers, AdminUsers, CurrentUser, ...
	// "": all.
	Type string
	// IDs lists only these users. nil: all.
	IDs []string
	// PerPage is the number of users a call brings, at most 200. 0: 200.
	PerPage int
	// ModifiedSince asks only for users changed after it: if there are none
	// the error is ErrNotModified. Zero: all.
	ModifiedSince time.Time
}

// Current is the user whose tokens the client uses.
//
// GET /crm/v8/users?type=CurrentUser, scope ZohoCRM.users.READ (Zoho: get-users).
func (s *UsersService) Current(ctx context.Context) (*User, error) {
	r, err := s.client.one(ctx, Request{Path: usersPath, Query: url.Values{"type": {"CurrentUser"}}}, "users")
	if err != nil {
		return nil, err
	}
	u := newUser(r)
	return &u, nil
}

const usersPath = "/crm/v8/users"

// List goes through the organisation's users.
//
// GET /crm/v8/users, scope ZohoCRM.users.READ (Zoho: get-users).
func (s *UsersService) List(ctx context.Context, opts *UsersOptions) iter.Seq2[User, error] {
	here := UsersOptions{}
	if opts != nil {
		here = *opts
	}
	return each(through(ctx, usersPath, place{}, func(at place) (*Page, error) {
		r := Request{Path: usersPath, Query: url.Values{}, Header: http.Header{}}
		set(r.Query, "type", here.Type)
		set(r.Query, "ids", strings.Join(here.IDs, ","))
		perPage(r.Query, here.PerPage)
		at.set(r.Query)
		setTime(r.Header, "If-Modified-Since", here.ModifiedSince)
		return s.client.page(ctx, r, "users")
	}), newUser)
}

// Get reads one user.
//
// GET /crm/v8/users/{id}, scope ZohoCRM.users.READ (Zoho: get-users).
func (s *UsersService) Get(ctx context.Context, id string) (*User, error) {
	path, err := recordsPath("users", id)
	if err != nil {
		return nil, err
	}
	r, err := s.client.one(ctx, Request{Path: path}, "users")
	if err != nil {
		return nil, err
	}
	u := newUser(r)
	return &u, nil
}

// Add invites a user: anything that marshals to a JSON object with first_name,
// last_name, email, role and profile.
//
// POST /crm/v8/users, scope ZohoCRM.users.CREATE (Zoho: add-user).
func (s *UsersService) Add(ctx context.Context, user any) (Result, error) {
	r := Request{Method: http.MethodPost, Path: usersPath, Body: map[string]any{"users": []any{user}}}
	return s.client.writeOne(ctx, r, "users")
}

// Update changes the fields that are given of a user.
//
// PUT /crm/v8/users/{id}, scope ZohoCRM.users.UPDATE (Zoho: update-user).
func (s *UsersService) Update(ctx context.Context, id string, user any) (Result, error) {
	path, err := recordsPath("users", id)
	if err != nil {
		return Result{}, err
	}
	r := Request{Method: http.MethodPut, Path: path, Body: map[string]any{"users": []any{user}}}
	return s.client.writeOne(ctx, r, "users")
}

// Delete removes a user from the organisation.
//
// DELETE /crm/v8/users/{id}, scope ZohoCRM.users.DELETE (Zoho: delete-user).
func (s *UsersService) Delete(ctx context.Context, id string) (Result, error) {
	path, err := recordsPath("users", id)
	if err != nil {
		return Result{}, err
	}
	return s.client.writeOne(ctx, Request{Method: http.MethodDelete, Path: path}, "users")
}

func newUser(r Record) User {
	return User{
		ID: r.ID(), ZUID: r.Text("zuid"), Email: r.Text("email"),
		FullName: r.Text("full_name"), FirstName: r.Text("first_name"), LastName: r.Text("last_name"),
		Status: r.Text("status"), TimeZone: r.Text("time_zone"),
		Role: named(r.Sub("role")), Profile: named(r.Sub("profile")), Record: r,
	}
}

func named(r Record) Named { return Named{ID: r.ID(), Name: r.Text("name")} }

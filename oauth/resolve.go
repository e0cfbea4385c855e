package oauth

import (
	"fmt"
	"slices"
)

// Key is a column by which rows are looked up.
type Key int

// The keys, in the order in which [Resolve] tries them.
const (
	ByID Key = iota
	ByUserName
	ByGrantToken
	ByRefreshToken
	ByAccessToken
)

// Keys lists the keys in the order in which they are tried.
func Keys() []Key { return []Key{ByID, ByUserName, ByGrantToken, ByRefreshToken, ByAccessToken} }

// Column is the SDKs' name of the key's column.
func (k Key) Column() string {
	return [...]string{"id", "user_name", "grant_token", "refresh_token", "access_token"}[k]
}

// Of is t's value of the key in plain text; empty when t does not have it.
func (k Key) Of(t Token) string {
	switch k {
	case ByID:
		return t.ID
	case ByUserName:
		return t.UserName
	case ByGrantToken:
		return t.GrantToken.Reveal()
	case ByRefreshToken:
		return t.RefreshToken.Reveal()
	}
	return t.AccessToken.Reveal()
}

// Rows fetches every row whose key equals value, byte for byte, in the store's
// order. A store whose rows can share an ID adds the rows that share one with
// those it found, so that a doubled ID is noticed. It is called with values
// that are not empty.
type Rows func(k Key, value string) ([]Token, error)

// RowsOf is Rows over a slice, for stores that hold all their tokens in memory.
func RowsOf(all []Token) Rows {
	return func(k Key, value string) ([]Token, error) {
		ids := make(map[string]bool)
		for _, t := range all {
			if k.Of(t) == value {
				ids[t.ID] = true
			}
		}
		var found []Token
		for _, t := range all {
			if k.Of(t) == value || t.ID != "" && ids[t.ID] {
				found = append(found, t)
			}
		}
		return found, nil
	}
}

// Resolve finds the row that partial means, by the rules on [Store]. It is the
// whole of Find: a store gives it a way to fetch rows.
func Resolve(partial Token, rows Rows) (Token, error) {
	complete := false
	for _, k := range Keys() {
		value := k.Of(partial)
		if value == "" {
			continue
		}
		complete = true
		found, err := rows(k, value)
		if err != nil {
			return Token{}, err
		}
		row, ok, err := choose(found, partial, k)
		if err != nil || ok {
			return row, err
		}
		if k == ByID {
			return Token{}, fmt.Errorf("%w: id %q", ErrNotFound, value)
		}
	}
	if !complete {
		return Token{}, fmt.Errorf("%w: give an ID, a user name or a token", ErrIncompleteKey)
	}
	return Token{}, notFound(partial)
}

func notFound(partial Token) error {
	if partial.UserName != "" {
		return fmt.Errorf("%w: user %q", ErrNotFound, partial.UserName)
	}
	return ErrNotFound
}

// choose picks among the rows that one key found.
func choose(found []Token, partial Token, k Key) (Token, bool, error) {
	if ids := doubledID(found); ids != nil {
		return Token{}, false, ids
	}
	unfit := func(row Token) bool { return k.Of(row) != k.Of(partial) || contradicts(row, partial) }
	fit := found
	if slices.ContainsFunc(found, unfit) {
		fit = slices.DeleteFunc(slices.Clone(found), unfit)
	}
	switch {
	case len(fit) == 0 && len(found) > 0 && k == ByID:
		return Token{}, false, fmt.Errorf("%w: id %q is of user %q, client %q", ErrMismatch, found[0].ID, found[0].UserName, found[0].ClientID)
	case len(fit) == 0:
		return Token{}, false, nil
	}
	row, err := latest(fit, partial.Version)
	return row, err == nil, err
}

// contradicts reports whether row and t fill in ID, UserName or ClientID differently.
func contradicts(row, t Token) bool {
	return differ(row.ID, t.ID) || differ(row.UserName, t.UserName) || differ(row.ClientID, t.ClientID)
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// sameOwner: two rows that an official SDK left for one user of one client.
func sameOwner(a, b Token) bool {
	return a.UserName != "" && a.UserName == b.UserName && a.ClientID == b.ClientID
}

// latest answers the one row that several rows of one owner mean: the one with
// the wanted version, else the one that expires last, else the last stored.
func latest(rows []Token, version string) (Token, error) {
	best := rows[0]
	for _, row := range rows[1:] {
		if !sameOwner(best, row) {
			return Token{}, ambiguous(rows)
		}
		if best.Version == version && version != "" {
			continue
		}
		if row.Version == version || !row.Expiry.Before(best.Expiry) {
			best = row
		}
	}
	return best, nil
}

// doubledID notices an ID that rows of different owners share.
func doubledID(rows []Token) error {
	if len(rows) < 2 {
		return nil
	}
	first := make(map[string]Token, len(rows))
	for _, row := range rows {
		other, seen := first[row.ID]
		if seen && row.ID != "" && !sameOwner(other, row) {
			return ambiguous([]Token{other, row})
		}
		first[row.ID] = row
	}
	return nil
}

func ambiguous(rows []Token) error {
	e := &AmbiguousError{}
	for _, row := range rows {
		e.Matches = append(e.Matches, Match{ID: row.ID, UserName: row.UserName})
	}
	return e
}

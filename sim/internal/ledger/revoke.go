package ledger

import (
	"slices"
	"time"
)

// Check returns the access token if it is valid at now at this data centre.
func (l *Ledger) Check(now time.Time, token, location string) (Access, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.access[token]
	if a == nil || a.Location != location || !now.Before(a.expiry) {
		return Access{}, ErrUnknownToken
	}
	return Access{Owner: a.Owner, Scope: a.scope, Expiry: a.expiry}, nil
}

// Revocation says which token to revoke. Client and Kind narrow it; empty: any.
type Revocation struct {
	Token    string
	Location string
	Client   string
	Kind     Kind
}

// Kind tells refresh tokens from access tokens.
type Kind string

// The kinds, spelled as Zoho's token_type parameter spells them.
const (
	AnyKind     Kind = ""
	RefreshKind Kind = "refresh_token"
	AccessKind  Kind = "access_token"
)

// Revoke kills a token. A refresh token takes its access tokens with it; an
// access token goes alone (Zoho: revoke-refresh-token page).
func (l *Ledger) Revoke(now time.Time, x Revocation) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.refresh[x.Token]; r != nil && x.Kind != AccessKind && l.mayRevoke(r.Owner, x) {
		l.killRefresh(r)
		return nil
	}
	a := l.access[x.Token]
	if a != nil && x.Kind != RefreshKind && now.Before(a.expiry) && l.mayRevoke(a.Owner, x) {
		l.killAccess(a)
		return nil
	}
	return ErrUnknownToken
}

func (l *Ledger) mayRevoke(o Owner, x Revocation) bool {
	return (l.rules.RevokeFromAny || o.Location == x.Location) && (x.Client == "" || o.Client == x.Client)
}

// RevokeUser kills all that a user has granted, waiting codes included, and
// returns the number of refresh tokens killed.
func (l *Ledger) RevokeUser(user string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for text, c := range l.codes {
		if c.User == user {
			delete(l.codes, text)
		}
	}
	killed := 0
	for key, h := range l.holders {
		for key.user == user && len(h.tokens) > 0 {
			l.killRefresh(h.tokens[0])
			killed++
		}
	}
	for text, a := range l.access {
		if a.User == user {
			delete(l.access, text)
		}
	}
	return killed
}

func (l *Ledger) killRefresh(r *refresh) {
	for _, a := range r.access {
		delete(l.access, a.token)
	}
	r.access = nil
	delete(l.refresh, r.token)
	h := l.holder(r.Owner)
	h.tokens = slices.DeleteFunc(h.tokens, func(o *refresh) bool { return o == r })
}

func (l *Ledger) killAccess(a *access) {
	delete(l.access, a.token)
	if a.refresh != nil {
		a.refresh.access = slices.DeleteFunc(a.refresh.access, func(o *access) bool { return o == a })
	}
}

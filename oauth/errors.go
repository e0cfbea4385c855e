package oauth

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a store can answer. Test with errors.Is; the rich types below carry the
// particulars.
var (
	// ErrNotFound: no such token. Connect the user, or list the tokens.
	ErrNotFound = errors.New("no such token")
	// ErrIncompleteKey: nothing was given by which one token could be told from
	// another, or nothing that makes a token. Give a user name or an ID.
	ErrIncompleteKey = errors.New("incomplete key")
	// ErrMismatch: the row found belongs to another user, client, data centre or
	// environment than was said.
	ErrMismatch = errors.New("token belongs to another")
	// ErrAmbiguous: several tokens fit. Say which by ID, or repair the store.
	ErrAmbiguous = errors.New("several tokens fit")
	// ErrConflict: the row changed or went since it was read. Read it again.
	ErrConflict = errors.New("token was changed meanwhile")
	// ErrInvalidValue: the store cannot hold a value. Nothing was written.
	ErrInvalidValue = errors.New("value cannot be stored")
	// ErrCorrupt: what is stored cannot be read as tokens. Nothing was written.
	ErrCorrupt = errors.New("store is damaged")
	// ErrSealed: what is stored is encrypted, and this program has no keys. Give it
	// the keys; see package zohocrm/store/sealed.
	ErrSealed = errors.New("it is sealed, and no keys were given")
	// ErrStoreUnavailable: the store cannot be reached or written now.
	ErrStoreUnavailable = errors.New("store is not available")
)

// What the accounts server can answer, by what the caller can do next.
var (
	// ErrReauthRequired: the user must consent again; no repetition helps.
	ErrReauthRequired = errors.New("consent is needed again")
	// ErrGrantExpired: the authorization code was used, is too old, or belongs
	// to another data centre. Repeat the login.
	ErrGrantExpired = errors.New("authorization code is not valid any more")
	// ErrClientConfig: client ID, client secret, redirect URL, scope or data
	// centre is wrong. The refresh token is still good.
	ErrClientConfig = errors.New("client is not set up for this")
	// ErrThrottled: too many tokens were asked for. See [ThrottledError].
	ErrThrottled = errors.New("throttled by Zoho")
	// ErrUnreachable: the request never left. Try again soon.
	ErrUnreachable = errors.New("accounts server cannot be reached")
	// ErrOutcomeUnknown: the request left and no usable answer came, so a token
	// may have been made. Try again later, and not in a hurry.
	ErrOutcomeUnknown = errors.New("accounts server gave no usable answer")
	// ErrRefused: an error code that this module does not know.
	ErrRefused = errors.New("accounts server refused")
)

// Match says which token an [AmbiguousError] found.
type Match struct{ ID, UserName string }

// AmbiguousError is [ErrAmbiguous] with the tokens that fit.
type AmbiguousError struct{ Matches []Match }

func (e *AmbiguousError) Error() string {
	var b strings.Builder
	b.WriteString(ErrAmbiguous.Error())
	for i, m := range e.Matches {
		if i == 10 {
			fmt.Fprintf(&b, " and %d more", len(e.Matches)-i)
			break
		}
		sep := ","
		if i == 0 {
			sep = ":"
		}
		fmt.Fprintf(&b, "%s id %q user %q", sep, m.ID, m.UserName)
	}
	return b.String()
}

// Is makes errors.Is(err, ErrAmbiguous) true.
func (e *AmbiguousError) Is(target error) bool { return target == ErrAmbiguous }

// ValueError is [ErrInvalidValue] with the column. It never holds the value.
type ValueError struct {
	Column string // one of [Columns]
	Reason string // "longer than 255 characters"
}

func (e *ValueError) Error() string { return e.Column + " cannot be stored: " + e.Reason }

// Is makes errors.Is(err, ErrInvalidValue) true.
func (e *ValueError) Is(target error) bool { return target == ErrInvalidValue }

// CorruptError is [ErrCorrupt] with the place. It never holds what stands there.
type CorruptError struct {
	Place  string // "line 7 of tokens.csv"
	Reason string
	Err    error // what it is in particular, such as [ErrSealed]; nil: no more is known
}

func (e *CorruptError) Error() string {
	if e.Err == ErrSealed { // nothing is wrong with the store
		return e.Place + ": " + e.Reason
	}
	return ErrCorrupt.Error() + ": " + e.Place + ": " + e.Reason
}

// Unwrap gives Err.
func (e *CorruptError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrCorrupt) true.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// ThrottledError is [ErrThrottled] with the time at which to try again.
type ThrottledError struct{ RetryAt time.Time }

func (e *ThrottledError) Error() string {
	return ErrThrottled.Error() + ": too many tokens were asked for; try again after " + e.RetryAt.UTC().Format(time.RFC3339)
}

// Is makes errors.Is(err, ErrThrottled) true.
func (e *ThrottledError) Is(target error) bool { return target == ErrThrottled }

// UnsavedError says that Zoho issued a token and the store did not take it. The
// token works: keep it, mend the store, and save it, since the authorization
// code or an older access token may be gone for good.
type UnsavedError struct {
	Token Token
	Err   error // why the store did not take it
}

func (e *UnsavedError) Error() string { return "the new token could not be saved: " + e.Err.Error() }

// Unwrap gives the store's error.
func (e *UnsavedError) Unwrap() error { return e.Err }

// BatchError says which token of a batch was refused.
type BatchError struct {
	Index int // counted from 0, over the whole call
	Err   error
}

func (e *BatchError) Error() string {
	return fmt.Sprintf("token %d of the batch: %v", e.Index+1, e.Err)
}

// Unwrap gives the refusal.
func (e *BatchError) Unwrap() error { return e.Err }

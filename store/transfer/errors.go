package transfer

import (
	"errors"
	"fmt"
	"strings"

	"zohocrm/oauth"
)

// IncompleteError says that some tokens were refused, and all others are in the
// target. errors.Is and errors.As see each token's error.
type IncompleteError struct {
	Read    int // tokens of the source
	Refused []Refusal
}

// shown is how many refusals the text of an IncompleteError holds.
const shown = 3

func (e *IncompleteError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "transfer: not copied: %d of %s", len(e.Refused), count(e.Read, "token"))
	for i, r := range e.Refused {
		if i == shown {
			fmt.Fprintf(&b, "; and %d more", len(e.Refused)-i)
			break
		}
		sep := ";"
		if i == 0 {
			sep = ":"
		}
		fmt.Fprintf(&b, "%s id %q user %q: %v", sep, r.ID, r.UserName, r.Err)
	}
	return b.String()
}

// Unwrap gives the errors of all tokens.
func (e *IncompleteError) Unwrap() []error {
	errs := make([]error, len(e.Refused))
	for i, r := range e.Refused {
		errs[i] = r.Err
	}
	return errs
}

// NewerError says that the target has another secret than the source, which may be the
// newer one. errors.Is takes it for [oauth.ErrConflict]. It holds no secret.
type NewerError struct {
	ID     string // in the target
	Column string // "refresh token", "client secret"
	// Kept: [Config.Overwrite] does not write over it either. The target has a user's
	// row, and the source a token without a name.
	Kept bool
}

func (e *NewerError) Error() string {
	if e.Kept {
		return fmt.Sprintf("the target has another %s under id %q, whose user has got further", e.Column, e.ID)
	}
	return fmt.Sprintf("the target has another %s under id %q, which may be the newer one; copy with Overwrite if the source's is wanted", e.Column, e.ID)
}

// Is makes errors.Is(err, oauth.ErrConflict) true.
func (e *NewerError) Is(target error) bool { return target == oauth.ErrConflict }

// DifferenceError says that the target took a token and gives back another one.
// It never holds a value.
type DifferenceError struct {
	ID     string // in the source
	Column string // "access_token", "scope"; empty: the token is not found at all
}

func (e *DifferenceError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("the target took id %q and does not find it afterwards; examine the target", e.ID)
	}
	return fmt.Sprintf("the target took id %q and gives back another %s; examine the target", e.ID, e.Column)
}

// refusal reports whether an error concerns one token, so that the others can be
// copied all the same.
func refusal(err error) bool {
	for _, one := range []error{
		oauth.ErrInvalidValue, oauth.ErrAmbiguous, oauth.ErrIncompleteKey, oauth.ErrMismatch, oauth.ErrConflict,
	} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

func ofSource(err error) error { return fmt.Errorf("source: %w", err) }

func ofTarget(err error) error { return fmt.Errorf("target: %w", err) }

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
	fmt.Fprintf(&b, "transfer: %d of %d tokens were not copied", len(e.Refused), e.Read)
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

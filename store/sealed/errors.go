package sealed

import (
	"errors"
	"fmt"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// KeyError says that a row needs a key that is not there. It is an
// [oauth.CorruptError] too: without the key nobody can tell whether the row is
// sound.
type KeyError struct {
	ID       string // the row's
	UserName string
	Key      keys.ID
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("%s needs key %d, which these keys do not have: give the keys that sealed it, or restore that key from its backup", place(e.ID, e.UserName), e.Key)
}

// Unwrap gives the same as an [*oauth.CorruptError].
func (e *KeyError) Unwrap() error {
	return &oauth.CorruptError{Place: place(e.ID, e.UserName), Reason: missingKey{e.Key}.Error()}
}

func place(id, user string) string { return fmt.Sprintf("row %q of user %q", id, user) }

// ofRow says in which row opening failed.
func ofRow(row oauth.Token, err error) error {
	var missing missingKey
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return &KeyError{ID: row.ID, UserName: row.UserName, Key: missing.id}
	}
	return &oauth.CorruptError{Place: place(row.ID, row.UserName), Reason: err.Error(), Err: err}
}

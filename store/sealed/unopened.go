package sealed

import (
	"fmt"

	"zohocrm/oauth"
)

// Unopened refuses a row that was sealed and read without keys: its secrets are
// worth nothing as they are. It is for programs that may be started without keys by
// mistake. The error is [oauth.ErrCorrupt] and names the row.
func Unopened(row oauth.Token) error {
	if row.Sealed() {
		return &oauth.CorruptError{Place: fmt.Sprintf("row %q of user %q", row.ID, row.UserName), Reason: "it is sealed, and no keys were given"}
	}
	return nil
}

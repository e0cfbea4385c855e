//go:build !unix

package audit

import (
	"os"
	"os/user"
)

const noFollow = 0

// writtenByOthers is not known here: rights are not in the mode.
func writtenByOthers(os.FileInfo) bool { return false }

// systemUser is the user whose process this is, as the system knows it.
func systemUser() (name, uid string) {
	u, err := user.Current()
	if err != nil {
		return "", ""
	}
	return u.Username, u.Uid
}

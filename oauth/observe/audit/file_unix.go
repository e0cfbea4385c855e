//go:build unix

package audit

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// noFollow keeps a planted link from leading the record elsewhere, and a planted
// FIFO from holding the program up.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func writtenByOthers(info os.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// systemUser is the user whose process this is, by the system's list of users. It is
// not [user.Current], which believes USER where it finds nobody: anybody can set
// that.
func systemUser() (name, uid string) {
	uid = strconv.Itoa(os.Getuid())
	u, err := user.LookupId(uid)
	if err != nil {
		return "uid " + uid, uid
	}
	return u.Username, uid
}

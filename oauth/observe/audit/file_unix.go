//go:build unix

package audit

import (
	"os"
	"strconv"
	"syscall"
)

// noFollow keeps a planted link from leading the record elsewhere, and a planted
// FIFO from holding the program up.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func writtenByOthers(info os.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

func systemUser() string {
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

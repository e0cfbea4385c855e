//go:build unix

package whose

import (
	"io/fs"
	"os"
	"syscall"
)

// owner is the number of the user to whom a file belongs.
func owner(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return os.Geteuid()
}

func isStranger(uid int) bool { return uid != os.Geteuid() && uid != 0 }

// isOpen reports whether everybody can make files in a folder.
func isOpen(folder fs.FileInfo) bool { return folder.Mode().Perm()&0o002 != 0 }

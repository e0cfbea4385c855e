//go:build unix

package sqlite

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs reports whether a file is this user's or the administrator's.
func ownedByUs(file fs.FileInfo) bool {
	stat, ok := file.Sys().(*syscall.Stat_t)
	return ok && (int(stat.Uid) == os.Geteuid() || stat.Uid == 0)
}

func othersCanRead(file fs.FileInfo) bool { return file.Mode().Perm()&0o044 != 0 }

//go:build unix

package sqlite

import (
	"io/fs"
	"os"
)

// othersCanReplace reports whether everybody can put files into a folder, and
// take others' away.
func othersCanReplace(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0
}

func othersCanRead(file fs.FileInfo) bool { return file.Mode().Perm()&0o044 != 0 }

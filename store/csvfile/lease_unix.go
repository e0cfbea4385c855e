//go:build unix

package csvfile

import (
	"fmt"
	"io/fs"
	"os"
)

// owned refuses a folder that belongs neither to this user nor to the owner of
// the token file.
func owned(folder string, info, like fs.FileInfo) error {
	uid, _ := owner(info)
	if uid == os.Geteuid() {
		return nil
	}
	if like != nil && os.Geteuid() == 0 {
		if of, _ := owner(like); of == uid {
			return nil
		}
	}
	return fmt.Errorf("%s belongs to user %d and not to user %d: run as its owner, or remove it", folder, uid, os.Geteuid())
}

// place puts the file from in the place of the file to. last makes that last.
func place(from, to string, last bool) error {
	if last {
		return replace(from, to)
	}
	return os.Rename(from, to)
}

// openRecord opens a record for reading.
func openRecord(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|openFlags, 0) // #nosec G304 -- in the store's own folder
}

// syncFolder makes what was made in a folder last, where the file system can.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil { // #nosec G304 -- in the store's own folder
		_ = folder.Sync() // some file systems cannot; a record may then be lost with the folder
		folder.Close()
	}
}

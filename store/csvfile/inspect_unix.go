//go:build unix

package csvfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zohocrm/store/check"
)

// groupMask are the permissions of the file's group.
const groupMask fs.FileMode = 0o070

// replaceable reports why this user could not put another file of the same owner
// in the file's place.
func replaceable(file fs.FileInfo) error {
	if file == nil || os.Geteuid() == 0 {
		return nil
	}
	if uid, _ := owner(file); uid != os.Geteuid() {
		return fmt.Errorf("it belongs to user %d, and a write replaces it by a file of this user, who is %d", uid, os.Geteuid())
	}
	return nil
}

// inspectAccess finds out who else can read or replace the tokens.
func inspectAccess(target string, file fs.FileInfo) []check.Finding {
	var found []check.Finding
	switch mode := file.Mode().Perm(); {
	case mode&othersMask != 0:
		found = append(found, check.Finding{
			Severity: check.Warning, Code: "open-file", Text: fmt.Sprintf("every user of this machine has access to the tokens: %s is %04o", target, mode),
			Remedy: "chmod 600 " + target,
		})
	case mode&groupMask != 0:
		found = append(found, check.Finding{
			Severity: check.Note, Code: "group-file", Text: fmt.Sprintf("the file's group has access to the tokens: %s is %04o", target, mode),
			Remedy: "if nobody else of the group needs them: chmod 600 " + target,
		})
	}
	folder := filepath.Dir(target)
	if info, err := os.Stat(folder); err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		found = append(found, check.Finding{
			Severity: check.Warning, Code: "open-folder", Text: "every user of this machine can put another file in the place of " + target,
			Remedy: "chmod o-w " + folder,
		})
	}
	side, err := os.Lstat(besides(target))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !side.IsDir():
	case err != nil:
		found = append(found, check.Finding{
			Severity: check.Warning, Code: "open-side-folder", Text: "the folder beside the file cannot be looked at: " + err.Error(),
		})
	case side.Mode().Perm()&(othersMask|groupMask) != 0:
		found = append(found, check.Finding{
			Severity: check.Warning, Code: "open-side-folder",
			Text:   fmt.Sprintf("others can look into the folder of the lock, or block it: %s is %04o", besides(target), side.Mode().Perm()),
			Remedy: "chmod 700 " + besides(target),
		})
	}
	return found
}

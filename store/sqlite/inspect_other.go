//go:build !unix

package sqlite

import "io/fs"

// othersCanReplace: access rights are not in the folder's mode here.
func othersCanReplace(string) bool { return false }

// othersCanRead: access rights are not in the file's mode here.
func othersCanRead(fs.FileInfo) bool { return false }

//go:build !unix

package sqlite

import "io/fs"

// ownedByUs: Windows lets only administrators make symbolic links.
func ownedByUs(fs.FileInfo) bool { return true }

// othersCanRead: access rights are not in the file's mode here.
func othersCanRead(fs.FileInfo) bool { return false }

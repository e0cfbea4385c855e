//go:build !unix

package sqlite

// othersCanReplace: access rights are not in the folder's mode here.
func othersCanReplace(string) bool { return false }

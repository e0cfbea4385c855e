//go:build !unix

package audit

import "os"

const noFollow = 0

// writtenByOthers is not known here: rights are not in the mode.
func writtenByOthers(os.FileInfo) bool { return false }

func systemUser() string { return os.Getenv("USERNAME") }

//go:build unix

package sqlite_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"zohocrm/store/sqlite"
)

// TestPrepareDoesNotWaitOnAPipe: opening one would.
func TestPrepareDoesNotWaitOnAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if err := sqlite.Prepare(path, nil); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("Prepare: %v", err)
	}
}

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

// TestLookOpensNothingButFiles: a look would wait for a pipe for ever, and read a
// device without end.
func TestLookOpensNothingButFiles(t *testing.T) {
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	for path, because := range map[string]string{pipe: "not a regular file", "/dev/zero": "not a regular file", folder: "a folder"} {
		if _, _, err := looked(t, path, sqlite.Config{}); err == nil || !strings.Contains(err.Error(), because) {
			t.Errorf("%s: %v; want it refused as %s", path, err, because)
		}
	}
}

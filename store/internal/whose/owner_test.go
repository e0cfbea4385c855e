//go:build unix

package whose

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOwnerThatTheFileSystemChooses: where a file that this process makes belongs to
// the same stranger, as over a network, the stranger is this process.
func TestOwnerThatTheFileSystemChooses(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	file := filepath.Join(t.TempDir(), "tokens")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chown(file, 65534, -1)); err != nil {
		t.Fatal(err)
	}
	p, err := Find(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setreuid(-1, 1234); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setreuid(-1, 0); err != nil {
			t.Fatal(err)
		}
	}()
	for name, c := range map[string]struct {
		uid  int
		err  error
		ours bool
	}{
		"chosen": {65534, nil, true}, "usual": {1234, nil, false}, "no right": {0, os.ErrPermission, false},
	} {
		if err := p.ours(func(string) (int, error) { return c.uid, c.err }); (err == nil) != c.ours {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMadeIn leaves nothing.
func TestMadeIn(t *testing.T) {
	folder := t.TempDir()
	if uid, err := madeIn(folder); err != nil || uid != os.Geteuid() {
		t.Errorf("%d, %v", uid, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, err := madeIn(filepath.Join(folder, "none")); err == nil {
		t.Error("a folder that is not there")
	}
}

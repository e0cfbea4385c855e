package whose_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/store/internal/whose"
)

// TestFind leads where the system itself goes.
func TestFind(t *testing.T) {
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	if err := errors.Join(os.MkdirAll("a/b/c", 0o700), os.WriteFile("a/b/file", nil, 0o600), os.WriteFile("file", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for at, to := range map[string]string{
		"plain": "file", "down": "a/b", "a/up": "../file", "a/b/c/round": "../../../down/../b/./file", "absolute": filepath.Join(folder, "down"),
		"slash": "a//b/", "dots": "a/b/c/../..", "deep": "absolute/c/round", "top": filepath.VolumeName(folder) + string(filepath.Separator), "loop": "loop", "nowhere": "a/none",
		"twice": "nowhere/twice",
	} {
		if err := os.Symlink(filepath.FromSlash(to), at); err != nil {
			t.Skip(err)
		}
	}
	for _, path := range []string{
		".", "file", "plain", "down", "down/file", "a/up", "a/b/c/round", "absolute", "absolute/file", "slash/file", "dots/b/c/round", "deep", "top",
		filepath.VolumeName(folder) + string(filepath.Separator), filepath.Join(folder, "deep"), "down/c/../file",
	} {
		got, err := whose.Find(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.Stat(abs)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := filepath.EvalSymlinks(abs)
		if err != nil || !os.SameFile(got.File, want) || got.Path != whole {
			t.Errorf("%s: %s; want %s, %v", path, got.Path, whole, err)
		}
	}
	for path, want := range map[string]string{"none": "none", "no/ne": "no/ne", "nowhere": "a/none", "down/none": "a/b/none", "twice": "a/none/twice"} {
		if got, err := whose.Find(path); err != nil || got.File != nil || got.Path != filepath.Join(folder, want) {
			t.Errorf("%s: %s, %v; want nothing at %s", path, got.Path, err, want)
		}
	}
	for path, want := range map[string]string{"loop": "too many symbolic links", "file/x": "is a file, not a folder", "plain/x": "is a file, not a folder"} {
		if got, err := whose.Find(path); err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %s, %v; want %q", path, got.Path, err, want)
		}
	}
}

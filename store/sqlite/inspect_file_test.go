package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"zohocrm/store/check"
	"zohocrm/store/sqlite"
)

// TestInspectFile: each fault of a file is found, alone, and has a remedy; a file
// that is as we make it has none.
func TestInspectFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access rights are not in the file's mode there")
	}
	const private = 0o600
	for name, c := range map[string]struct {
		files  map[string]os.FileMode // by what follows the path
		folder os.FileMode
		code   string
		names  string // what the Text and the Remedy name, behind the path; "folder": that
		n      int
	}{
		"ours":                {files: map[string]os.FileMode{"": private, "-wal": private, "-shm": private, "-journal": private}},
		"its owner's program": {files: map[string]os.FileMode{"": 0o700}},
		"the group reads":     {files: map[string]os.FileMode{"": 0o640}, code: "open-file", n: 1},
		"everybody reads":     {files: map[string]os.FileMode{"": 0o604}, code: "open-file", n: 1},
		"the log is open":     {files: map[string]os.FileMode{"": private, "-wal": 0o644}, code: "open-file", names: "-wal", n: 1},
		"the journal is open": {files: map[string]os.FileMode{"": private, "-journal": 0o644}, code: "open-file", names: "-journal", n: 1},
		"both are open":       {files: map[string]os.FileMode{"": 0o644, "-wal": 0o644}, code: "open-file", names: "-wal", n: 2},
		"an open folder":      {files: map[string]os.FileMode{"": private}, folder: 0o777, code: "open-folder", names: "folder", n: 1},
		"like /tmp":           {files: map[string]os.FileMode{"": private}, folder: 0o777 | os.ModeSticky},
		"the group's folder":  {files: map[string]os.FileMode{"": private}, folder: 0o770},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "tokens.db")
			for end, mode := range c.files {
				if err := os.WriteFile(path+end, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(path+end, mode); err != nil {
					t.Fatal(err)
				}
			}
			if c.folder != 0 {
				if err := os.Chmod(folder, c.folder); err != nil {
					t.Fatal(err)
				}
			}
			found := sqlite.InspectFile(path)
			if len(found) != c.n {
				t.Fatalf("%+v; want %d", found, c.n)
			}
			if c.n == 0 {
				return
			}
			named, f := path+c.names, found[len(found)-1]
			if c.names == "folder" {
				named = folder
			}
			if f.Code != c.code || f.Severity != check.Warning || !strings.Contains(f.Text, named) || !strings.HasSuffix(f.Remedy, " "+named) {
				t.Errorf("%+v; want %s of %s", f, c.code, named)
			}
		})
	}
}

// TestInspectFileRemedies: what is advised for a file is enough.
func TestInspectFileRemedies(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access rights are not in the file's mode there")
	}
	path := newPath(t)
	foreign(t, path, "bob")
	for name, mode := range map[string]os.FileMode{path: 0o666, filepath.Dir(path): 0o777} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range sqlite.InspectFile(path) {
		words := strings.SplitN(f.Remedy, " ", 3)
		mode := map[string]os.FileMode{"600": 0o600, "o-w": 0o775}[words[1]]
		if words[0] != "chmod" || mode == 0 {
			t.Fatalf("%q is no command", f.Remedy)
		}
		if err := os.Chmod(words[2], mode); err != nil {
			t.Error(err)
		}
	}
	if found := sqlite.InspectFile(path); len(found) > 0 {
		t.Errorf("still: %+v", found)
	}
}

// TestInspectMissingFile: it is said, and not made; of what is no file nothing is
// said here, since opening it does.
func TestInspectMissingFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "new", "tokens.db")
	found := sqlite.InspectFile(path)
	if len(found) != 1 || found[0].Code != "missing-file" || found[0].Severity != check.Warning || !strings.Contains(found[0].Text, path) || found[0].Remedy == "" {
		t.Errorf("%+v", found)
	}
	if found := sqlite.InspectFile(folder); len(found) > 0 {
		t.Errorf("a folder: %+v", found)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("made %v, %v", entries, err)
	}
	link := filepath.Join(folder, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if found := sqlite.InspectFile(link); len(found) != 1 || !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Code == "missing-file" }) {
		t.Errorf("a link to nowhere: %+v", found)
	}
}

package sqlite_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// TestPrepareMakesPrivateFiles: the database, what SQLite puts beside it, and the
// folders that were missing.
//
// Defects: D18.
func TestPrepareMakesPrivateFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access rights are not in the file's mode there")
	}
	path := filepath.Join(t.TempDir(), "a", "b", "tokens.db")
	s := open(t, path)
	save(t, s, user("alice"))
	for name, want := range map[string]os.FileMode{
		path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600,
		filepath.Dir(path): 0o700, filepath.Dir(filepath.Dir(path)): 0o700,
	} {
		file, err := os.Stat(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := file.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", filepath.Base(name), got, want)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(folder, "nowhere")
	if err := os.Symlink(filepath.Join(folder, "missing"), nowhere); err != nil {
		t.Skip(err)
	}
	for path, want := range map[string]string{
		"":                               "or the path of a file",
		folder:                           "is a folder",
		filepath.Join(file, "tokens.db"): "is a file, not a folder",
		nowhere:                          "no such file",
		os.DevNull:                       "not a regular file",
	} {
		if err := sqlite.Prepare(path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Prepare(%q): %v; want %q", path, err, want)
		}
	}
	for _, path := range []string{sqlite.Memory, file} {
		if err := sqlite.Prepare(path, nil); err != nil {
			t.Errorf("Prepare(%q): %v", path, err)
		}
	}
}

func TestPrepareWarnsOfReaders(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access rights are not in the file's mode there")
	}
	path := newPath(t)
	var said bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&said, nil))
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o640: true, 0o604: true, 0o700: false} {
		said.Reset()
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := sqlite.Prepare(path, logger); err != nil {
			t.Error(err)
		}
		if got := strings.Contains(said.String(), "other users can read"); got != warned {
			t.Errorf("mode %v: warned: %v, want %v", mode, got, warned)
		}
		if file, err := os.Stat(path); err != nil || file.Mode().Perm() != mode {
			t.Errorf("mode %v became %v, %v", mode, file.Mode(), err)
		}
	}
}

// TestPrepareSymlink: one's own link is followed, another user's is not.
func TestPrepareSymlink(t *testing.T) {
	path := newPath(t)
	save(t, open(t, path), user("alice"))
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if got, err := open(t, link).Find(context.Background(), oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("through a link: %v, %v", got, err)
	}
	if err := os.Lchown(link, 12345, -1); err != nil {
		t.Skip("only an administrator can make another user's link: ", err)
	}
	over := filepath.Join(t.TempDir(), "over.db") // one's own, that leads to it
	if err := os.Symlink(link, over); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, over} {
		if err := sqlite.Prepare(path, nil); err == nil || !strings.Contains(err.Error(), "of another user") {
			t.Errorf("Prepare of another user's link: %v", err)
		}
		if _, _, err := looked(t, path, sqlite.Config{}); err == nil || !strings.Contains(err.Error(), "of another user") {
			t.Errorf("Look at another user's link: %v", err)
		}
	}
}

// TestDSNNamesAnyFile, whatever letters its name has.
func TestDSNNamesAnyFile(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	for _, name := range []string{"plain.db", "with space.db", "a?b=c&d.db", "a#b.db", "100%25.db", "file:x.db", "ä+ö.db", "semi;colon.db", "quote'\".db"} {
		for _, path := range []string{name, filepath.Join(folder, "sub", name)} {
			s := open(t, path)
			save(t, s, user("alice"))
			if file, err := os.Stat(path); err != nil || file.Size() == 0 {
				t.Errorf("%q is not the database: %v", path, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 10 {
		t.Errorf("%d files were made, %v; want 9 and a folder", len(entries), err)
	}
}

// TestDSNSettings: each connection has them.
func TestDSNSettings(t *testing.T) {
	s := open(t, newPath(t))
	var journal string
	var synchronous, wait, temporary int
	row := s.db.QueryRow("SELECT j.journal_mode, s.synchronous, b.timeout, t.temp_store FROM pragma_journal_mode j, pragma_synchronous s, pragma_busy_timeout b, pragma_temp_store t")
	const inMemory = 2
	if err := row.Scan(&journal, &synchronous, &wait, &temporary); err != nil || journal != "wal" || synchronous != 2 || wait != 100 || temporary != inMemory {
		t.Errorf("journal mode %q, synchronous %d, busy timeout %d, temp_store %d, %v", journal, synchronous, wait, temporary, err)
	}
}

// TestWarnings about what is in the database.
func TestWarnings(t *testing.T) {
	warned := func(path, dsn, want string) bool {
		t.Helper()
		var said bytes.Buffer
		db := rawDB(t, path+dsn)
		s, err := sqlite.New(context.Background(), db, sqlite.Config{Logger: slog.New(slog.NewTextHandler(&said, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return strings.Contains(said.String(), want)
	}
	path := newPath(t)
	s := open(t, path)
	fill(t, s, 9)
	const lost = "overwritten the tenth user"
	if warned(path, "", lost) {
		t.Error("warned of nine rows")
	}
	run(t, s.db, "INSERT INTO oauthtoken (id, refresh_token) VALUES ('10', '1000.r')")
	if !warned(path, "", lost) {
		t.Error("not warned of the IDs 1 to 10")
	}
	run(t, s.db, "INSERT INTO oauthtoken (id, refresh_token) VALUES ('11', '1000.r')")
	if warned(path, "", lost) {
		t.Error("warned of eleven rows")
	}
	const unsafe = "below FULL"
	if warned(path, "", unsafe) {
		t.Error("warned of SQLite's own settings")
	}
	if !warned(path, "?_pragma=synchronous(NORMAL)", unsafe) {
		t.Error("not warned of synchronous=NORMAL")
	}
}

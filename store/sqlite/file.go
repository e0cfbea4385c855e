package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Memory is the path of a database that exists only in this process's memory.
const Memory = ":memory:"

// settings of a connection. WAL lets readers and a writer go on side by side, and
// with synchronous=FULL a commit is on the disk when it returns. SQLite itself
// waits only a short time (milliseconds) for a lock, since a context cannot end
// that wait; the store waits on. The page cache is 8 MB. What is deleted or replaced
// is written over with zeros, since it was a secret; and what a statement of many rows
// needs to be undone stays in memory, or its pages with secrets would go to a file in
// the system's temporary folder, which is slow, too.
var settings = [...]string{"busy_timeout(100)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-8000)", "secure_delete(ON)", "temp_store(MEMORY)"}

// DSN names the database at path, or [Memory], for the driver modernc.org/sqlite:
//
//	db, err := sql.Open("sqlite", sqlite.DSN(path))
func DSN(path string) string {
	query := url.Values{"_pragma": settings[:], "_error_rc": {"1"}}.Encode()
	if path == Memory {
		return path + "?" + query
	}
	name := filepath.ToSlash(filepath.Clean(path))
	if filepath.IsAbs(path) {
		name = "//" + "/" + strings.TrimPrefix(name, "/") // an empty host, as in file:///C:/x
	}
	return "file:" + (&url.URL{Path: name}).EscapedPath() + "?" + query
}

// Prepare makes the database file at path if it is missing, empty and for its
// owner alone (0600), and its folder too (0700). The files that SQLite puts
// beside it (-wal, -shm) get the same rights from SQLite.
//
// What is there is left as it is, and refused if it is not a file, or is a
// symbolic link that another user made. A file that other users can read is
// logged as a warning; logger nil: it is not. [Memory] needs nothing.
func Prepare(path string, logger *slog.Logger) error {
	switch path {
	case Memory:
		return nil
	case "":
		return errors.New("the SQLite store needs " + Memory + " or the path of a file")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("folder of the SQLite database: %w", err)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return create(path)
	}
	file, err := examine(path)
	if err != nil {
		return err
	}
	if logger != nil && othersCanRead(file) {
		logger.Warn("other users can read the tokens: take the right from them, as by chmod 600", "file", path, "mode", file.Mode().Perm())
	}
	return nil
}

// examine refuses what is no file, and a symbolic link that another user made.
func examine(path string) (fs.FileInfo, error) {
	link, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("SQLite database: %w", err)
	}
	if link.Mode()&fs.ModeSymlink != 0 && !ownedByUs(link) {
		return nil, fmt.Errorf("SQLite database %s is a symbolic link of another user; name the file that is meant", path)
	}
	file, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("SQLite database: %w", err)
	case file.IsDir():
		return nil, fmt.Errorf("SQLite database %s is a folder; name a file in it", path)
	case !file.Mode().IsRegular():
		return nil, fmt.Errorf("SQLite database %s is not a regular file; name one", path)
	}
	return file, nil
}

// create makes the file, unless another program did just now.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the caller's database, made new
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("SQLite database: %w", err)
	}
	return f.Close()
}

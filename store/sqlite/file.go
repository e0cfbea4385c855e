package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"zohocrm/store/internal/whose"
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
// What is there is left as it is. It is refused if it is not a file, if a symbolic
// link of another user leads to it, and if it, or a log that SQLite would use beside
// it, belongs to another user than this process's or root. Root may work on a user's
// database, but not on one that the user made in a folder of everybody. A file that
// other users can read is logged as a warning; logger nil: it is not. [Memory] needs
// nothing.
func Prepare(path string, logger *slog.Logger) error {
	switch path {
	case Memory:
		return nil
	case "":
		return errors.New("the SQLite store needs " + Memory + " or the path of a file")
	}
	if _, err := whose.Find(path); err != nil { // before a folder is made where a link leads
		return fmt.Errorf("SQLite database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("folder of the SQLite database: %w", err)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return err
		}
	}
	at, err := examine(path)
	if err != nil {
		return err
	}
	if refused := notOurs(at); len(refused) > 0 {
		return fmt.Errorf("SQLite database: %w", refused[0])
	}
	if logger != nil && othersCanRead(at.File) {
		logger.Warn("other users can read the tokens: take the right from them, as by chmod 600", "file", path, "mode", at.File.Mode().Perm())
	}
	return nil
}

// examine refuses what is no file, and symbolic links by which another user would
// choose it.
func examine(path string) (whose.Place, error) {
	at, err := whose.Find(path)
	switch {
	case err != nil:
		return at, fmt.Errorf("SQLite database: %w", err)
	case at.File == nil:
		return at, fmt.Errorf("SQLite database: open %s: %w", at.Path, syscall.ENOENT)
	case at.File.IsDir():
		return at, fmt.Errorf("SQLite database %s is a folder; name a file in it", path)
	case !at.File.Mode().IsRegular():
		return at, fmt.Errorf("SQLite database %s is not a regular file; name one", path)
	}
	return at, nil
}

// notOurs says which of the files that a write goes to are another user's: the
// database, and those that SQLite would find beside it.
func notOurs(at whose.Place) []error {
	all := []error{at.Ours()}
	for _, end := range [...]string{"-wal", "-shm", "-journal"} {
		all = append(all, at.Beside(end))
	}
	return slices.DeleteFunc(all, func(err error) bool { return err == nil })
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

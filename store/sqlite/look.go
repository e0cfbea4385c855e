package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
	"zohocrm/store/internal/whose"
)

// InspectFile says of a database's file what a [Store] does not know: whether it
// is there, whose it is, and who else can read or replace it. It makes and changes nothing.
func InspectFile(path string) []check.Finding {
	at, err := whose.Find(path)
	switch {
	case err != nil:
		return []check.Finding{notWritten(err)}
	case at.File == nil:
		return []check.Finding{{
			Severity: check.Warning, Code: "missing-file", Text: "there is no file " + path,
			Remedy: "see that the path is right; the first login makes the file: zcrm login",
		}}
	case !at.File.Mode().IsRegular():
		return nil // opening says why it cannot be used
	}
	var found []check.Finding
	for _, why := range notOurs(at) {
		found = append(found, notWritten(why))
	}
	if len(found) > 0 {
		return found // of another's file this user cannot take rights from others
	}
	for _, name := range []string{path, path + "-wal", path + "-journal"} {
		if file, err := os.Stat(name); err == nil && othersCanRead(file) {
			found = append(found, check.Finding{
				Severity: check.Warning, Code: "open-file", Text: fmt.Sprintf("other users of this machine can read the tokens: %s is %04o", name, file.Mode().Perm()),
				Remedy: "chmod 600 " + name,
			})
		}
	}
	if folder := filepath.Dir(path); othersCanReplace(folder) {
		found = append(found, check.Finding{
			Severity: check.Warning, Code: "open-folder", Text: "every user of this machine can put another file in the place of " + path,
			Remedy: "chmod o-w " + folder,
		})
	}
	return found
}

// notWritten is the finding of why Prepare refuses a database.
func notWritten(why error) check.Finding {
	return check.Finding{
		Severity: check.Failure, Code: "not-writable", Text: "the database is refused by whatever would write to it: " + why.Error(),
	}
}

// Look makes a Store that reads the database file at path and cannot change it:
// no table is made in it, and its journal stays what it is. (Beside a database with
// a write-ahead log SQLite leaves an empty one.) Save, Delete, Acquire and what else
// writes wrap [oauth.ErrStoreUnavailable]. used reports whether a Store has used the
// file before; if so, [New] changes nothing in it either.
//
// db must be a new database in memory that nobody else uses, opened with
// [DSN]([Memory]); it is closed by its caller. A database without the token table
// is a Store without tokens, and so is one that is empty.
func Look(ctx context.Context, db *sql.DB, path string, cfg Config) (s *Store, used bool, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, false, fmt.Errorf("SQLite database: %w", err)
	}
	at, err := examine(path)
	if err != nil {
		return nil, false, err
	}
	wal, err := hasWAL(path)
	if err != nil {
		return nil, false, fmt.Errorf("SQLite database: %w", err)
	}
	// Names that memory does not have are found in the file.
	db.SetMaxOpenConns(1)
	name := (&url.URL{Scheme: "file", Path: slashed(path), RawQuery: "mode=ro"}).String()
	if _, err := db.ExecContext(ctx, "ATTACH DATABASE ? AS looked_at", name); err != nil {
		err = unreadable(err)
		if refused := notOurs(at); len(refused) > 0 { // it lacks a log, which only its owner can make
			err = fmt.Errorf("%w; %w", err, refused[0])
		}
		return nil, false, err
	}
	e, err := sqlstore.Open(ctx, db, sqlstore.Config{
		Dialect: dialect(cfg.Logger), Table: cfg.Table, Now: cfg.Now, Logger: cfg.Logger, ReadOnly: true,
	})
	if err != nil {
		return nil, false, err
	}
	return &Store{e}, wal && e.Used(), nil
}

// unreadable classifies what SQLite says of a file that it cannot read.
func unreadable(err error) error {
	_, text := classify(err)
	return fmt.Errorf("SQLite database cannot be read: %s", text)
}

// hasWAL reports whether the file is set to write-ahead logging: byte 18 of the
// header (https://www.sqlite.org/fileformat.html).
func hasWAL(path string) (bool, error) {
	f, err := os.Open(path) // #nosec G304 -- the caller's database
	if err != nil {
		return false, err
	}
	defer f.Close()
	var header [20]byte
	if _, err := f.ReadAt(header[:], 0); err != nil {
		return false, nil // an empty file is an empty database
	}
	return header[18] == 2, nil
}

// slashed is an absolute path as the path of a URL: /C:/x on Windows.
func slashed(path string) string {
	if path = filepath.ToSlash(path); !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

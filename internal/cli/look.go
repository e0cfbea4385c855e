package cli

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/memory"
	"zohocrm/store/open"
	"zohocrm/store/sqlite"
)

// looked is a store that was opened to be looked at. Close it.
type looked struct {
	store    oauth.Store     // nil: there is none yet
	found    []check.Finding // what opening it showed
	readOnly bool            // it cannot be written through store
	used     bool            // opened to be written it would be as it is
	missing  string          // what is not there: "file x.csv", "table oauthtoken"
	close    func() error
}

// lookPlainly opens the store of the settings and makes nothing: no folder, no file,
// no database and no table.
func (a *app) lookPlainly(ctx context.Context) (*looked, error) {
	switch kindOf(a.set.storeURL) {
	case "MySQL", "PostgreSQL":
		return a.lookAtServer(ctx)
	}
	if path, ok := strings.CutPrefix(a.set.storeURL, "csv:"); ok {
		l, err := a.lookThrough(ctx)
		if _, gone := os.Stat(path); err == nil && errors.Is(gone, fs.ErrNotExist) {
			l.missing = "file " + path
		}
		return l, err
	}
	path, ok := strings.CutPrefix(a.set.storeURL, "sqlite:")
	if !ok || path == "" || path == sqlite.Memory || strings.HasPrefix(path, "//") || strings.HasPrefix(path, "~") {
		return a.lookThrough(ctx) // which says what is wrong with such a path
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &looked{found: sqlite.InspectFile(path), missing: "file " + path, close: func() error { return nil }}, nil
	}
	// The driver that package open brings along.
	db, err := sql.Open("sqlite", sqlite.DSN(sqlite.Memory))
	if err != nil {
		return nil, err
	}
	s, used, err := sqlite.Look(ctx, db, path, sqlite.Config{Now: a.now})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	l := &looked{store: s, found: sqlite.InspectFile(path), readOnly: true, close: func() error { return errors.Join(s.Close(), db.Close()) }}
	l.missing = s.Missing()
	if slices.ContainsFunc(l.found, func(f check.Finding) bool { return f.Severity == check.Failure }) {
		return l, nil // to be written it is not opened
	}
	if !used {
		l.found = append(l.found, check.Finding{
			Severity: check.Note, Code: "not-used-yet",
			Text: "zcrm has not written to this database yet, and did not try whether it can; its first use makes the table " +
				"oauthtoken_zcrm beside the tokens and turns the write-ahead log on",
		})
		return l, nil
	}
	return a.lookAgain(ctx, l)
}

// lookAtServer opens a server's tables to be read.
func (a *app) lookAtServer(ctx context.Context) (*looked, error) {
	s, err := open.URL(ctx, a.set.storeURL, open.Config{Logger: a.logger(), Password: a.set.storePassword, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	l := &looked{store: s.Store, readOnly: true, close: s.Close}
	if tables, ok := s.Store.(interface {
		Used() bool
		Missing() string
	}); ok {
		l.used, l.missing = tables.Used(), tables.Missing()
	}
	return l, nil
}

// lookAgain opens what has been looked at like every other command, so that it can
// also be tried whether it can be written.
func (a *app) lookAgain(ctx context.Context, l *looked) (*looked, error) {
	if err := l.close(); err != nil {
		return nil, err
	}
	again, err := a.lookThrough(ctx)
	if err == nil {
		again.found = l.found
	}
	return again, err
}

// lookInto is lookAt with an empty store in the place of one that is not there yet.
func (a *app) lookInto(ctx context.Context) (*looked, error) {
	l, err := a.lookAt(ctx)
	if err == nil && l.store == nil {
		l.store = memory.New(memory.Config{})
	}
	return l, err
}

// lookThrough opens a store like every other command, where that makes nothing.
func (a *app) lookThrough(ctx context.Context) (*looked, error) {
	a.set.storeFolder = ""
	s, err := a.openStore(ctx)
	if err != nil {
		return nil, err
	}
	// Not the wrapper: what the store can do besides is wanted.
	return &looked{store: s.Store, close: s.Close}, nil
}

// absent says what of a store is not there, and what to look at; "" if all is.
func (l *looked) absent(storeURL string) (what, next string) {
	switch {
	case l.missing == "":
		return "", ""
	case strings.HasPrefix(l.missing, "file "):
		return "there is no " + l.missing, "see that the path is right"
	}
	return "there is no " + l.missing + " in " + open.Redact(storeURL), "see that the name is right"
}

// nobody says why the store of the settings holds no token, and what to do.
func (a *app) nobody(l *looked) (why, next string) {
	const login = "connect a user: zcrm login"
	if what, next := l.absent(a.set.storeURL); what != "" {
		return what + " (yet)", next + ", or " + login
	}
	return a.storeName() + " is empty", login
}

// rows is all of the store's tokens that can be read, and the errors of those
// that cannot.
func (l *looked) rows(ctx context.Context) (all []oauth.Token, damaged []error, err error) {
	if l.store == nil {
		return nil, nil, nil
	}
	list := l.store.List
	if s, ok := l.store.(check.Surveyor); ok {
		list = s.Survey
	}
	for t, err := range list(ctx) {
		switch {
		case errors.Is(err, oauth.ErrCorrupt):
			damaged = append(damaged, err)
		case err != nil:
			return nil, nil, err
		default:
			all = append(all, t)
		}
	}
	return all, damaged, nil
}

// kindOf says what kind of store a URL names, for people.
func kindOf(storeURL string) string {
	scheme, _, _ := strings.Cut(storeURL, ":")
	switch scheme {
	case "csv":
		return "token file"
	case "sqlite":
		return "SQLite"
	case "mysql":
		return "MySQL"
	case "postgres", "postgresql":
		return "PostgreSQL"
	case "redis", "rediss":
		return "Redis"
	}
	return "in memory"
}

// shared reports whether an official SDK can use the store that a URL names.
func shared(storeURL string) bool {
	switch kindOf(storeURL) {
	case "token file", "SQLite", "MySQL":
		return true
	}
	return false
}

// storeName is the store as it may be shown.
func (a *app) storeName() string { return open.Redact(a.set.storeURL) }

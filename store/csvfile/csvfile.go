// Package csvfile keeps tokens in the token file of Zoho's official SDKs: their
// FileStore, default name sdk_tokens.txt. Files that the Python, Node.js, Java,
// PHP, C# and Ruby SDKs wrote are read as they are, whatever the line ends, the
// quotes and the number of columns; the first write brings a file into the one
// form that all of them read (ten columns, line feeds, quotes only where needed).
//
// What the SDKs' stores lack is here: one writer at a time among all goroutines
// and processes, a file that is replaced as a whole and synced with its folder,
// permissions for the owner only, numbers that are not given twice. An SDK may
// use the same file at the same time; it takes no lock, so a file that it is
// just rewriting is waited for, and never taken for an empty one.
//
// Beside the file, the folder FILE.zcrm holds the lock, side.log with what has no
// column (scope, times, the accounts server), the folder refresh, and for a moment
// the file being written. Nothing else is put there, and losing the folder loses
// no token.
//
// Programs on one machine that share the file renew a token once: the store is an
// [oauth.Coordinator]. A lease is a lock of the system's on a file in refresh, so
// it is free at once when its holder dies; what is known of a credential stands
// there beside it, without a secret.
//
// The whole file is kept in memory and indexed. Finding a token asks the system
// whether the files have changed, and reads nothing if they have not. A program
// with many thousands of users, or one on several machines, is better served by
// a database: every Save rewrites the file.
package csvfile

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultPath is the name that the official SDKs use, in the working folder.
const DefaultPath = "sdk_tokens.txt"

// Config says which file, and how. The zero value is the SDKs' default file.
type Config struct {
	// Path is the file; empty is [DefaultPath]. A relative path is taken from
	// the folder in which the program works when New is called. A symbolic link
	// is followed if it is this user's or root's. Another user's file is read
	// where its mode allows, and not written, but by root. The file need not
	// exist: the first Save makes it, with permissions for its owner only.
	Path string

	// Strict refuses to store a new value with a comma, a quote or a backslash,
	// which Node.js, C# or Java read wrongly, and gives new rows numbers for IDs.
	// Set it where those SDKs use the same file. Without it such values are
	// quoted, as Python, Java, PHP and Ruby read them, and Logger is told once.
	Strict bool

	// Now is the clock for CreatedAt and UpdatedAt, and by which leases end; nil is
	// time.Now.
	Now func() time.Time

	// Logger is told, once each, of a file that others can read and of values
	// that some SDKs cannot read; and whenever another program's write to a
	// file that was just replaced came to nothing. Nil logs nothing.
	Logger *slog.Logger
}

// Store is a token file. Make it with [New]. It is safe for concurrent use, also
// by several Stores and processes on one file. It holds nothing open between
// calls but the lock of a lease until that is settled, so there is nothing to
// close.
type Store struct {
	path   string
	strict bool
	now    func() time.Time
	log    *slog.Logger

	writing       chan struct{} // holds a value while this Store writes
	leases        leases        // of refreshes
	warnedReaders atomic.Bool
	warnedQuotes  atomic.Bool

	mu sync.RWMutex // guards view; never held while waiting
	*memo

	// What tests replace: the system's clock, by which the ages of files are
	// told, the wait between two looks at a file, and the replacing of a file.
	clock   func() time.Time
	pause   func(context.Context, time.Duration) error
	replace func(from, to string) error
}

// memo is what a Store knows of its file. It is kept behind a pointer, so that
// printing a struct that holds a Store in an unexported field (where fmt calls no
// methods) shows an address.
type memo struct {
	spare []byte // the content that was written last, and room for the next; of who writes
	view  view
}

// New returns a store on a file. It reads and writes nothing yet, so a file that
// is missing, damaged or not a file at all is an error of the first call that
// needs it; [Store.Probe] makes that call.
func New(cfg Config) (*Store, error) {
	if cfg.Path == "" {
		cfg.Path = DefaultPath
	}
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, unavailable("find the token file "+cfg.Path, err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Store{
		path: path, strict: cfg.Strict, now: cfg.Now, log: cfg.Logger,
		writing: make(chan struct{}, 1), leases: newLeases(), memo: &memo{view: newView("")},
		clock: time.Now, pause: wait, replace: replace,
	}, nil
}

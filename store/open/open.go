// Package open opens a token store by its URL, as users type it: "csv:PATH",
// "sqlite:PATH", "sqlite::memory:" or "memory:". It is the one package that
// imports database drivers, so a program that knows its store imports that
// store's package instead and pays for nothing else.
package open

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/memory"
)

// ErrUnsupported is wrapped by the errors of URLs that name no known store.
var ErrUnsupported = errors.New("store URL is not supported")

// Config is optional; the zero value works.
type Config struct {
	// Now is the stores' clock; nil is time.Now.
	Now func() time.Time
	// Logger hears of files that others can read; nil discards.
	Logger *slog.Logger
}

// Store is an opened store. Close it after the last use.
type Store struct {
	oauth.Store
	close func() error // nil: there is nothing to close
}

// SaveAll implements [oauth.Batch] by the opened store's own, if it has one.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	return oauth.SaveAll(ctx, s.Store, tokens)
}

var _ oauth.Store = (*Store)(nil)

// Unwrap gives the store that was opened, so that its abilities are found.
func (s *Store) Unwrap() oauth.Store { return s.Store }

// Close lets go of files and connections.
func (s *Store) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// URL opens the store that a URL names. ctx bounds the opening alone. What
// follows the scheme is a path as it is, without escapes. A URL that cannot be
// understood wraps [ErrUnsupported], and its text is not repeated: it may hold a
// password.
func URL(ctx context.Context, storeURL string, cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	scheme, path, ok := strings.Cut(storeURL, ":")
	if !ok {
		return nil, fmt.Errorf("%w: it has no scheme; %s", ErrUnsupported, known)
	}
	switch scheme {
	case "memory":
		if path != "" {
			return nil, fmt.Errorf("%w: memory: stands alone", ErrUnsupported)
		}
		return &Store{Store: memory.New(memory.Config{Now: cfg.Now})}, nil
	case "csv":
		if err := checkPath(scheme, path); err != nil {
			return nil, err
		}
		s, err := csvfile.New(csvfile.Config{Path: path, Now: cfg.Now, Logger: cfg.Logger})
		if err != nil {
			return nil, err
		}
		return &Store{Store: s}, nil
	case "sqlite":
		if err := checkPath(scheme, path); err != nil {
			return nil, err
		}
		return openSQLite(ctx, path, cfg)
	}
	return nil, fmt.Errorf("%w: scheme %q; %s", ErrUnsupported, printable(scheme), known)
}

// known ends the errors of URLs that cannot be opened.
const known = "supported are csv:PATH, sqlite:PATH, sqlite::memory: and memory:"

// checkPath refuses what would make a file nobody meant.
func checkPath(scheme, path string) error {
	switch {
	case path == "":
		return fmt.Errorf("%w: %s: needs a path, as in %s:tokens", ErrUnsupported, scheme, scheme)
	case strings.HasPrefix(path, "//"):
		return fmt.Errorf("%w: the path follows %s: at once, as in %s:/var/lib/tokens", ErrUnsupported, scheme, scheme)
	case path == "~" || strings.HasPrefix(path, "~/"):
		return fmt.Errorf("%w: the shell has left ~ in the path: write it in full", ErrUnsupported)
	}
	return nil
}

// printable shows a scheme only if it looks like one: a URL typed wrongly could
// begin with anything.
func printable(scheme string) string {
	if len(scheme) > 16 || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+.-") != "" {
		return "..."
	}
	return scheme
}

// Package open opens a token store by its URL, as users type it:
//
//	csv:PATH                  a file of the official SDKs
//	sqlite:PATH               a database in a file; sqlite::memory: keeps it in memory
//	memory:                   a list in memory
//	mysql://USER:PASSWORD@HOST:PORT/DATABASE?table=T&socket=S&tls=verify|off&ca=FILE
//	postgres://USER:PASSWORD@HOST:PORT/DATABASE?table=T&socket=S&sslmode=M&ca=FILE&pooler=transaction
//	redis://USER:PASSWORD@HOST:PORT/NUMBER?prefix=P&socket=S&eviction=allow
//	rediss://...              the same with TLS, and ca=FILE; a password alone is redis://:PASSWORD@HOST
//
// All of a server's URL may be left out: mysql: alone is root at localhost:3306,
// database zohooauth, table oauthtoken; postgres: is localhost:5432 and the same
// database and table; redis: is localhost:6379/0 and the prefix zohocrm. Every
// server also takes password-file=FILE and max-conns=N (16). Options that are not
// known are refused. A password in a URL is seen by others in a list of
// processes; a file or [Config.Password] is not.
//
// It is the one package that imports database drivers, so a program that knows
// its store imports that store's package instead and pays for nothing else.
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
	"zohocrm/store/internal/sqlstore"
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
	// Password is for a server whose URL has none, nor a password-file.
	Password oauth.Secret
	// ReadOnly: nothing is made or written, no file, no folder, no database and no
	// table. Save, Delete, Acquire and what else writes wrap
	// [oauth.ErrStoreUnavailable]. What is not there yet holds no token, except that a
	// SQLite file which is missing is an error that wraps [io/fs.ErrNotExist].
	ReadOnly bool
	// Wrap, if given, is put around the store that was opened: package sealed, for
	// one. Its error closes the store again.
	Wrap func(oauth.Store) (oauth.Store, error)
}

const (
	connectTime = 10 * time.Second // until a server has answered to a new connection
	idleTime    = 5 * time.Minute  // after which a connection that nobody uses is closed
	idleConns   = 4                // connections that are kept though nobody uses them
)

// Store is an opened store. Close it after the last use.
type Store struct {
	oauth.Store
	close func() error // nil: there is nothing to close
}

// SaveAll implements [oauth.Batch] by the opened store's own, if it has one.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	return oauth.SaveAll(ctx, s.Store, tokens)
}

// FindMany finds each of the tokens as Find does, at a fraction of the price where
// the opened store can; package transfer asks for it.
func (s *Store) FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error) {
	if many, ok := s.Store.(interface {
		FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error)
	}); ok {
		return many.FindMany(ctx, partials)
	}
	rows, errs := make([]oauth.Token, len(partials)), make([]error, len(partials))
	for i, partial := range partials {
		rows[i], errs[i] = s.Find(ctx, partial)
	}
	return rows, errs
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
// follows the scheme of a file is a path as it is, without escapes. A URL that cannot be
// understood wraps [ErrUnsupported], and its text is not repeated: it may hold a
// password.
func URL(ctx context.Context, storeURL string, cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := openAs(ctx, storeURL, cfg)
	if err != nil || cfg.Wrap == nil {
		return s, err
	}
	wrapped, err := cfg.Wrap(s.Store)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Store = wrapped
	return s, nil
}

// openAs opens the store that the URL's scheme says.
func openAs(ctx context.Context, storeURL string, cfg Config) (*Store, error) {
	scheme, path, ok := strings.Cut(storeURL, ":")
	if !ok {
		return nil, fmt.Errorf("%w: it has no scheme; %s", ErrUnsupported, known)
	}
	switch scheme {
	case "memory":
		if path != "" {
			return nil, fmt.Errorf("%w: memory: stands alone", ErrUnsupported)
		}
		return cfg.asked(memory.New(memory.Config{Now: cfg.Now}), nil), nil
	case "csv":
		if err := checkPath(scheme, path); err != nil {
			return nil, err
		}
		s, err := csvfile.New(csvfile.Config{Path: path, Now: cfg.Now, Logger: cfg.Logger})
		if err != nil {
			return nil, err
		}
		return cfg.asked(s, nil), nil
	case "sqlite":
		if err := checkPath(scheme, path); err != nil {
			return nil, err
		}
		return openSQLite(ctx, path, cfg)
	}
	if p, ok := productOf(scheme); ok {
		a, err := parse(p, storeURL)
		if err != nil {
			return nil, err
		}
		return openServer(ctx, a, cfg)
	}
	return nil, fmt.Errorf("%w: scheme %q; %s", ErrUnsupported, printable(scheme), known)
}

// known ends the errors of URLs that cannot be opened.
const known = "supported are csv:PATH, sqlite:PATH, sqlite::memory:, memory:, mysql://, postgres://, redis:// and rediss://"

func openServer(ctx context.Context, a address, cfg Config) (s *Store, err error) {
	switch a.product.name {
	case "mysql":
		s, err = openMySQL(ctx, a, cfg)
	case "postgres":
		s, err = openPostgres(ctx, a, cfg)
	default:
		s, err = openRedis(ctx, a, cfg)
	}
	var bad sqlstore.NameError
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return s, err
}

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

package rediskv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
)

var (
	_ oauth.Store  = (*Store)(nil)
	_ oauth.Prober = (*Store)(nil)
	_ oauth.Batch  = (*Store)(nil)
)

// MaxChars is the greatest number of characters in a column.
const MaxChars = 4096

// maxPrefix is the longest prefix, in bytes.
const maxPrefix = 200

// Config has only defaults that suit everybody; the zero value works.
type Config struct {
	// Prefix tells this store's keys from everybody else's: they begin with it in
	// braces. At most 200 printable ASCII characters without braces and spaces;
	// empty is "zohocrm".
	Prefix string
	// AllowEviction accepts a server that, when its memory is full, throws away
	// keys that never expire. Without it New refuses such a server, because it
	// would throw away tokens.
	AllowEviction bool
	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
}

// Store is a store in Redis. Make it with [New]; it is safe for concurrent use.
type Store struct {
	client  redis.UniversalClient
	keys    keys
	scripts scripts
	now     func() time.Time
	turn    chan struct{} // held by the one goroutine that repeats a change
}

// New returns the store under cfg.Prefix, after it has reached the server. It
// writes nothing. The client stays the caller's, who closes it after the last
// use of the store. It must have ContextTimeoutEnabled, without which it does
// not look at the deadlines of contexts; [Options] makes such options from a URL.
//
// A context that is cancelled ends a method when the client has waited for its
// network for as long as its ReadTimeout or WriteTimeout says, at the latest; a
// context's deadline ends it at once.
func New(ctx context.Context, client redis.UniversalClient, cfg Config) (*Store, error) {
	if !keepsDeadlines(client) {
		return nil, errors.New("redis: the client does not keep the deadlines of contexts; set ContextTimeoutEnabled in its options, as rediskv.Options does")
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "zohocrm"
	}
	if err := CheckPrefix(cfg.Prefix); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	k := newKeys(cfg.Prefix)
	s := &Store{client: client, keys: k, scripts: newScripts(k), now: cfg.Now, turn: make(chan struct{}, 1)}
	if err := s.reach(ctx, cfg.AllowEviction); err != nil {
		return nil, s.failed(ctx, "open", err)
	}
	return s, nil
}

// CheckPrefix says what is wrong with a prefix that no store can have.
func CheckPrefix(prefix string) error {
	if len(prefix) > maxPrefix || strings.ContainsFunc(prefix, unfit) {
		return fmt.Errorf("the prefix is longer than %d characters or holds a brace, a space or something other than printable ASCII; choose another", maxPrefix)
	}
	return nil
}

func keepsDeadlines(client redis.UniversalClient) bool {
	switch c := client.(type) {
	case *redis.Client:
		return c.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		return c.Options().ContextTimeoutEnabled
	case *redis.Ring:
		return c.Options().ContextTimeoutEnabled
	}
	return true // somebody's own: it cannot be asked
}

func unfit(r rune) bool { return r <= ' ' || r > '~' || r == '{' || r == '}' }

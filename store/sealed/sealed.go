package sealed

import (
	"errors"
	"log/slog"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

var (
	_ oauth.Store = (*Store)(nil)
	_ oauth.Batch = (*Store)(nil)
)

// MaxSecret is how many bytes a secret may have so that, sealed, it fits into the
// 255 characters of the official SDKs' columns.
const MaxSecret = 150

// Config says with which keys, and what else is allowed. Keys are needed.
type Config struct {
	// Keys seal and open. Nil is an error: there is no plain operation.
	Keys *keys.Set

	// RefusePlain takes plain rows for damage or forgery. The keys can say so too:
	// see keys.RefusePlain.
	RefusePlain bool

	// MaxSecret is how many bytes a secret may have; 0 is [MaxSecret]. More suits an
	// inner store whose columns hold more than 255 characters: four for three bytes,
	// and 52 beside.
	MaxSecret int

	// Now is the clock for CreatedAt of new rows; nil is time.Now.
	Now func() time.Time

	// Logger hears, with its ID and user, of each plain row that a Save sealed; nil
	// discards.
	Logger *slog.Logger
}

// Store seals what is saved in another store. Make it with [New]; it is safe for
// concurrent use, also by several processes on one inner store.
type Store struct {
	inner oauth.Store
	cfg   Config
	cache cache

	// turn is held by a Save that lost against another one and tries again, so that
	// those of this process do not go on losing against each other.
	turn chan struct{}
}

// New wraps a store, which stays its caller's to close.
func New(inner oauth.Store, cfg Config) (*Store, error) {
	if inner == nil {
		return nil, errors.New("sealed: a store to wrap is needed")
	}
	if cfg.Keys == nil {
		return nil, errors.New("sealed: keys are needed; make them with `zcrm keys create` and open them with keys.Open")
	}
	if cfg.MaxSecret <= 0 {
		cfg.MaxSecret = MaxSecret
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Store{inner: inner, cfg: cfg, turn: make(chan struct{}, 1)}, nil
}

// Unwrap gives the inner store, whose [oauth.Prober] and [oauth.Coordinator] serve
// this one too: neither sees a token.
func (s *Store) Unwrap() oauth.Store { return s.inner }

// plainAllowed reports whether plain rows are read.
func (s *Store) plainAllowed(ring *keys.Ring) bool {
	return !s.cfg.RefusePlain && !ring.RefusesPlain()
}

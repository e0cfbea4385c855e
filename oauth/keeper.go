package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"zohocrm/dc"
)

// KeeperConfig sets up [NewKeeper]. Only Store is required.
type KeeperConfig struct {
	// Store keeps the tokens. The Keeper does not close it.
	Store Store
	// Accounts speaks to Zoho; nil is NewAccounts(AccountsConfig{}).
	Accounts *Accounts
	// DataCenter is where tokens without a home are exchanged and refreshed, and
	// Environment which of its API hosts they are for; the zero values are the
	// United States and production.
	DataCenter  dc.DataCenter
	Environment dc.Environment
	// NameUser answers who signed in, as "email:zgid"; the SDKs call it
	// find_user. It also guards names: a login for a name that exists is refused
	// unless both are known to be the same person. nil: tokens stay without a
	// name unless the caller gives one, and names that callers give are believed.
	NameUser func(ctx context.Context, t Token) (string, error)
	// OnChange is called once for each change that this Keeper saved. Its error
	// goes to the caller whose call made the change; the change itself stands. It
	// may ask the Keeper for tokens, but not log in the same user again.
	OnChange func(ctx context.Context, c Change) error
	// MinLife is how long an answered token is good for at least; 0 is a minute.
	// Of short-lived tokens it is at most a quarter of their life.
	MinLife time.Duration
	// Recheck is how long a token is answered from memory before the store is
	// looked at again, in the background: how soon a logout elsewhere is noticed.
	// 0 is 30 s.
	Recheck time.Duration
	// CacheSize bounds how many users' tokens are held in memory; 0 is 10,000.
	CacheSize int
	// Timeout bounds each piece of work that is done for waiting callers: one
	// look into the store, one refresh, one login; 0 is 30 s. A caller's own
	// context bounds only its waiting.
	Timeout time.Duration
	// Ahead is how long before its end a token is refreshed in the background, by a
	// call that is answered with the present one, so that nobody waits. It is at
	// most a quarter of the token's life, and up to a third less of it, always the
	// same for one user, so that users who logged in together do not refresh
	// together. 0 is 15 minutes; negative: never.
	Ahead time.Duration
	// Lease is for how long one program may be busy refreshing before others take
	// over; 0 is [DefaultLease]. It must be longer than the Timeout of Accounts by
	// what a Save takes.
	Lease time.Duration
	// MaxIdle and MaxAge end connections: a token that was not used, or whose login
	// was, longer ago than this is answered with [ErrReauthRequired]. They go by the
	// store's side data, which notes use once an hour, so an idle token ends up to an
	// hour later; 0: no limit.
	MaxIdle, MaxAge time.Duration
	// ClockOffset is added to the store's clock; nil: nothing. It is for tests that
	// move the clock of Zoho's simulator, together with AccountsConfig.Now.
	ClockOffset func() time.Duration
	// Observer hears of everything that is done, with durations; nil: nobody.
	Observer Observer
	// Logger hears of refreshes and troubles, never of a secret; nil discards.
	Logger *slog.Logger
}

// ChangeKind says what happened to a token.
type ChangeKind string

const (
	Connected ChangeKind = "connected" // a login was saved
	Refreshed ChangeKind = "refreshed" // a new access token was saved
	Revoked   ChangeKind = "revoked"   // Zoho was told, and the row deleted
)

// Change is what [KeeperConfig].OnChange hears.
type Change struct {
	Kind  ChangeKind
	Token Token
}

// Keeper keeps tokens fresh. It answers from memory; else from the store; else
// with one exchange or refresh for everybody who waits. It is safe for
// concurrent use. Close it to stop its background work.
type Keeper struct {
	cfg      KeeperConfig
	store    Store
	leases   Coordinator
	shared   bool // leases are kept by the store: other programs use them too
	accounts *Accounts
	home     dc.DataCenter
	log      *slog.Logger
	local    func() time.Time     // this machine's clock
	elapsed  func() time.Duration // the same since some moment, for deadlines in memory
	clock    storeClock

	flights    singleflight.Group // by what is being obtained, never by a secret
	cache      cache
	noted      noted
	unsaved    unsaved
	generation atomic.Int64 // counts what was forgotten, so that no look brings it back

	ctx    context.Context // of background work; cancelled by Close
	cancel context.CancelFunc
	work   sync.WaitGroup
	// closing keeps Close from waiting while work is still being added.
	closing sync.RWMutex
}

// NewKeeper returns a Keeper.
func NewKeeper(cfg KeeperConfig) (*Keeper, error) {
	if cfg.Store == nil {
		return nil, errors.New("oauth: KeeperConfig.Store is missing")
	}
	if cfg.DataCenter.IsZero() {
		cfg.DataCenter, _ = dc.Zoho().ByLocation("us")
	}
	if cfg.Accounts == nil {
		cfg.Accounts = NewAccounts(AccountsConfig{Logger: cfg.Logger, Directory: dc.Zoho().With(cfg.DataCenter)})
	}
	if _, ok := cfg.Accounts.Directory().ByAccountsURL(cfg.DataCenter.AccountsURL); !ok {
		return nil, fmt.Errorf("oauth: KeeperConfig.DataCenter: %w: list it in AccountsConfig.Directory", dc.ErrUntrusted)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.MinLife = cmp.Or(cfg.MinLife, time.Minute)
	cfg.Recheck = cmp.Or(cfg.Recheck, 30*time.Second)
	cfg.CacheSize = cmp.Or(cfg.CacheSize, 10_000)
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Second)
	cfg.Ahead = cmp.Or(cfg.Ahead, 15*time.Minute)
	cfg.Lease = cmp.Or(cfg.Lease, DefaultLease)
	k := &Keeper{
		cfg: cfg, store: opened{cfg.Store}, accounts: cfg.Accounts, home: cfg.DataCenter,
		log: cfg.Logger, local: cfg.Accounts.clock.local, elapsed: cfg.Accounts.clock.elapsed,
		cache: cache{limit: cfg.CacheSize},
	}
	if k.leases, k.shared = CoordinatorOf(cfg.Store); !k.shared {
		k.leases = &LocalCoordinator{Clock: cfg.Accounts.Now}
	}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	return k, nil
}

// Close stops the background work and waits for it, and for a refresh that is
// being saved. It does not close the store. Its error is an [*UnsavedError] for
// each token that Zoho issued and the store has still not taken.
func (k *Keeper) Close() error {
	k.closing.Lock()
	k.cancel()
	k.closing.Unlock()
	k.work.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), k.cfg.Timeout)
	defer cancel()
	var errs []error
	for _, t := range k.unsaved.all() {
		saved, err := k.commit(ctx, t)
		switch {
		case err == nil && saved.AccessToken == t.AccessToken:
			kind := Refreshed
			if t.ID == "" {
				kind = Connected
			}
			errs = append(errs, k.announce(ctx, kind, saved))
		case !gone(err):
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ErrClosed: the Keeper was closed.
var ErrClosed = errors.New("oauth: the Keeper is closed")

// Store is where the tokens are kept.
func (k *Keeper) Store() Store { return k.cfg.Store }

// Token returns a valid token of the user that partial means: refreshed if need
// be, and connected first if partial brings a new grant or refresh token. It is
// partial laid over the stored row, see [Merge].
func (k *Keeper) Token(ctx context.Context, partial Token) (Token, error) {
	return k.TokenFor(ctx, partial, k.cfg.MinLife)
}

// TokenFor is Token with another wish for the least remaining life. A wish for
// more than three quarters of the life that Zoho gives counts as that much: a
// longer one could only be granted by a refresh for every call.
func (k *Keeper) TokenFor(ctx context.Context, partial Token, minLife time.Duration) (Token, error) {
	t, err := k.bind(partial).obtain(ctx, want{life: minLife})
	if err != nil {
		return Token{}, err
	}
	return *t, nil
}

// Refresh asks Zoho for a new access token although the stored one may be good,
// because a person wants it. Failures that were noted earlier do not count, and of
// Zoho's limit the share that programs leave over may be used.
func (k *Keeper) Refresh(ctx context.Context, partial Token) (Token, error) {
	row, err := k.lookup(ctx, partial)
	if err != nil {
		return Token{}, err
	}
	t, err := k.bind(partial).obtain(ctx, want{life: k.cfg.MinLife, rejected: row.AccessToken, byHand: true})
	if err != nil {
		return Token{}, err
	}
	return *t, nil
}

// Source binds the Keeper to one user. Sources of equal partial tokens share
// their memory.
func (k *Keeper) Source(partial Token) Source { return k.bind(partial) }

// begin registers work that Close waits for. It reports false when the Keeper is
// closed already.
func (k *Keeper) begin() bool {
	k.closing.RLock()
	defer k.closing.RUnlock()
	if k.ctx.Err() != nil {
		return false
	}
	k.work.Add(1)
	return true
}

// fly runs f once for all who ask for the same key at the same time. ctx bounds
// only the waiting: what f brings belongs to all of them, so no waiter can cancel
// it, and Close waits for it. f bounds its own steps by [Keeper.step].
func (k *Keeper) fly(ctx context.Context, key string, f func(context.Context) (obtained, error)) (obtained, error) {
	flight := k.flights.DoChan(key, func() (any, error) {
		if !k.begin() {
			return obtained{}, ErrClosed
		}
		defer k.work.Done()
		return f(context.WithoutCancel(ctx))
	})
	select {
	case <-ctx.Done():
		return obtained{}, ctx.Err()
	case r := <-flight:
		o, _ := r.Val.(obtained)
		return o, r.Err
	}
}

// step bounds one piece of work.
func (k *Keeper) step(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, k.cfg.Timeout)
}

// lookup is the store's Find, bounded. A store that does not answer in time is
// unavailable.
func (k *Keeper) lookup(ctx context.Context, partial Token) (Token, error) {
	bounded, cancel := k.step(ctx)
	defer cancel()
	t, err := k.store.Find(bounded, partial)
	switch {
	case err == nil, aboutTheRow(err), ctx.Err() != nil:
		return t, err
	case errors.Is(err, context.DeadlineExceeded):
		return t, fmt.Errorf("%w: no answer within %s", ErrStoreUnavailable, k.cfg.Timeout)
	case errors.Is(err, ErrStoreUnavailable):
		return t, err
	}
	return t, fmt.Errorf("%w: %w", ErrStoreUnavailable, err)
}

// aboutTheRow: the store answered, and this is what it found. Every other error
// says nothing about the row.
func aboutTheRow(err error) bool {
	for _, known := range []error{ErrNotFound, ErrIncompleteKey, ErrMismatch, ErrAmbiguous, ErrCorrupt} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// announce tells the hook of a change.
func (k *Keeper) announce(ctx context.Context, kind ChangeKind, t Token) error {
	k.log.Info("token "+string(kind), "token", t)
	if k.cfg.OnChange == nil {
		return nil
	}
	ctx, cancel := k.step(ctx)
	defer cancel()
	return k.cfg.OnChange(ctx, Change{Kind: kind, Token: t})
}

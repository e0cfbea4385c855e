package oauth

import (
	"context"
	"errors"
	"time"
)

// Coordinator is the ability of a store that several programs share to let one of
// them at a time ask Zoho for a token. It holds no token and no secret: what it
// keeps is a [Standing] for each credential, keyed by [Token.SideKey], which is a
// hash of the refresh token, or of the authorization code at the first connect.
//
// The rules are [Standing.Acquire] and [Standing.Settle], pure functions of what
// stands, so that a store only reads and writes one small record as one atomic
// step, on its own clock. That a lease is lost, because its holder was paused for
// too long, is harmless: what counts is the Version in [Store].Save, and a lease
// only keeps others from asking Zoho in vain.
//
// A store without this ability works. Each process then makes its own refresh,
// and what is known of failures and of Zoho's limits ends with the process.
type Coordinator interface {
	// Now is the store's clock, or the zero time if it has none but this
	// machine's.
	Now(ctx context.Context) (time.Time, error)

	// Acquire takes the lease of a credential and reserves one mint of its budget,
	// before anything is sent. It does not wait. [*HeldError]: somebody else has the
	// lease. [*ThrottledError]: the budget is spent. [ErrReauthRequired] and the
	// other classes of [ServerError]: an earlier attempt said so, and it would make
	// no sense to repeat it yet.
	Acquire(ctx context.Context, c Claim) (Lease, error)

	// Settle ends a lease, and records what came of it. Of a lease that has passed
	// to somebody else nothing is recorded, and that is no error.
	Settle(ctx context.Context, l Lease, o Outcome) error

	// Standings gives what is kept for these keys; a key of which nothing is kept
	// is left out.
	Standings(ctx context.Context, keys ...string) (map[string]Standing, error)
}

// CoordinatorOf finds the Coordinator in a chain of wrapped stores.
func CoordinatorOf(s Store) (Coordinator, bool) { return ability[Coordinator](s) }

// Claim asks for a lease.
type Claim struct {
	Key   string        // the credential: [Token.SideKey]
	Owner string        // who asks: a text that nobody else uses
	For   time.Duration // how long the lease lasts; 0 is [DefaultLease]
	// Offset is added to the store's clock: zero but in tests.
	Offset time.Duration
	// Client is the fingerprint of the client secret in use: that another one is
	// wrong says nothing of it.
	Client string
	// Forced: the stored access token is not over, but Zoho refused it. Granted once
	// a minute at most, or a program that is refused for another reason would spend
	// the budget.
	Forced bool
	// ByHand: a person asks, who may have mended what failed. Earlier failures do
	// not count, Zoho's limits do.
	ByHand bool
}

// DefaultLease is longer than any request to the accounts server and the Save
// after it take, and short enough to be waited for when its holder died: 12 s for
// the request, 6 s for reading before it, and 2 s, in which no request goes on any
// more, for the Save.
const DefaultLease = 20 * time.Second

// Lease is the right to ask Zoho for one token of a credential.
type Lease struct {
	Key, Owner string
	Epoch      int64     // counts the leases of this credential
	Now        time.Time // the store's clock when it was granted, Claim.Offset included
	Until      time.Time // when it ends, by the same clock
	Offset     time.Duration
}

// OutcomeKind says what came of a lease.
type OutcomeKind int

// The outcomes.
const (
	// Released: nothing was sent, so the mint that was reserved is given back.
	Released OutcomeKind = iota
	// Minted: Zoho issued a token.
	Minted
	// Spent: the same for an authorization code, which is worth nothing any more.
	Spent
	// Failed: Outcome.Err says how. A token may have been made.
	Failed
	// Withdrawn: the credential is revoked. It needs no lease: only Lease.Key and
	// Lease.Offset are used, and whoever holds the lease has lost it.
	Withdrawn
	// Joined and Left count the refresh tokens of a user; Lease.Key is [LoginsKey].
	Joined
	Left
)

// Outcome is what came of a lease.
type Outcome struct {
	Kind   OutcomeKind
	Err    error  // of Failed: classified as in [ServerError]; of Withdrawn: why Zoho could not be told
	Client string // of Failed with [ErrClientConfig]: the fingerprint of the client secret that was refused
}

// ErrHeld: somebody else is asking Zoho. See [HeldError].
var ErrHeld = errors.New("another program is refreshing this token")

// HeldError is [ErrHeld] with what is good to know for who waits.
type HeldError struct {
	Rest time.Duration // how long it lasts at the most
	Poll time.Duration // how often to look whether it has ended, as the store advises; 0 is 50 ms
}

func (e *HeldError) Error() string { return ErrHeld.Error() }

// Is makes errors.Is(err, ErrHeld) true.
func (e *HeldError) Is(target error) bool { return target == ErrHeld }

package oauth

import (
	"context"
	"iter"
)

// Store keeps tokens: TokenStore of the official SDKs, with the same six
// methods. The words on this interface define what a store does; package
// store/storetest proves every sentence of them for any implementation.
// [Resolve], [PlanSave] and [NextID] are these rules as pure functions, so that
// a store only fetches and writes rows.
//
// # Words
//
// A row is what is stored of one token. A key is one of the fields ID, UserName,
// GrantToken, RefreshToken and AccessToken when it is not empty; empty never
// equals empty. Two values match when their bytes are equal: no case is folded
// and nothing is trimmed. A row contradicts a token when ID, UserName or
// ClientID is filled in both and differs.
//
// # Which row
//
// The keys of the given token are tried in the order above until one finds a
// row. An ID that is not there ends the search with ErrNotFound; a row found by
// ID that contradicts is ErrMismatch. Rows found by another key that contradict
// are passed over. Of several rows of the same user and client (two programs of
// an official SDK left them) the one with the given Version is meant, else the
// one with the latest Expiry, of equal ones the last; anything else twice, an ID
// that rows of two owners share included, is an [*AmbiguousError]. A token with
// no key, and so an empty ID, is ErrIncompleteKey, and never somebody's row.
//
// # Values
//
// What was saved is what is found, byte for byte; times are kept to the
// millisecond. A value that the store cannot hold is a [*ValueError] before
// anything is written. A row or file that cannot be read is a [*CorruptError]
// that names the place and never a secret. Values passed in and out are copies.
//
// # Side data
//
// Scope, AccountsURL, CreatedAt, UpdatedAt and LastUsedAt are kept beside the
// ten columns, keyed by [Token.SideKey] and never by ID: a new login starts
// with what it brings, and a reused ID inherits nothing. Losing them is harmless. They do not
// change a row's Version. LastUsedAt moves at most once an hour.
//
// # Concurrency
//
// Every method is safe for use by many goroutines, and where the store is
// shared, by many processes; one user of one client then still has one row.
// Every method obeys its context. Every other method may be called inside the
// loop over List.
//
// # Optional abilities
//
// A store may also be a [Prober], a [Batch] and a [Coordinator]. A store that
// wraps another one has a method Unwrap() Store, through which a Prober and a
// Coordinator are found; a Batch is not, since the wrapper may change what is
// saved.
type Store interface {
	// Find returns the row that partial means, as it is stored, with its ID,
	// Version and side data. No row: ErrNotFound. (find_token)
	Find(ctx context.Context, partial Token) (Token, error)

	// Get returns the row with this ID. No row: ErrNotFound. (find_token_by_id)
	Get(ctx context.Context, id string) (Token, error)

	// Save inserts or updates, and returns the row as it is now, with its ID and
	// Version. It has happened for good when Save returns nil, as durably as the
	// store's documentation says. (save_token)
	//
	// The row is picked as by Find. With a Version the Save happens only if the
	// row is still the same; a row that changed or went is ErrConflict (one that
	// contradicts, ErrMismatch), and nothing is inserted. Without a Version and with no row picked, it inserts:
	// under the given ID where the store can hold it, else under a new one, which
	// was never given to another row, not even to one deleted since. A user of a
	// client that has a row is never inserted a second time: that row is updated
	// and keeps its ID.
	//
	// Fields are laid over the row by [Merge]: an empty field keeps what is
	// stored, except that AccessToken and Expiry are one value and belong to the
	// RefreshToken. A result without refresh, grant and access token is
	// ErrIncompleteKey.
	//
	// Without a Version, a row is not moved to another APIDomain (compared without
	// case and trailing slash), and so to another data centre or environment: that
	// is ErrMismatch.
	//
	// A row without a user name that is given one, when that user and client have
	// a row already: that row takes the values and keeps its ID, and the nameless
	// one goes, in one step.
	Save(ctx context.Context, t Token) (Token, error)

	// Delete removes the row with this ID. No row: ErrNotFound. With a version
	// it happens only if the row is still the same, else ErrConflict.
	// (delete_token)
	Delete(ctx context.Context, id, version string) error

	// List yields every row in a stable order, streamed: it may be stopped early,
	// and what is saved or deleted meanwhile may or may not be seen. After an
	// error it ends. (get_tokens)
	List(ctx context.Context) iter.Seq2[Token, error]

	// DeleteAll removes every row, or none if it fails. (delete_tokens)
	DeleteAll(ctx context.Context) error
}

// Prober is the ability to prove that a Save would work, without leaving a row.
// The Keeper asks it before it spends an authorization code.
type Prober interface {
	Probe(ctx context.Context) error
}

// Batch is the ability to save many tokens at a fraction of the price: one
// transaction, or one writing of the file, for up to a thousand of them.
type Batch interface {
	// SaveAll saves every token as Save would, in order. If one is refused, the
	// error says which, counted from 0, by a [*BatchError]; the thousand it
	// belongs to is not saved, and those before it are.
	SaveAll(ctx context.Context, tokens iter.Seq[Token]) error
}

// BatchSize is how many tokens a [Batch] saves in one step at the most.
const BatchSize = 1000

// SaveAll saves many tokens, in batches where the store can, else one by one.
func SaveAll(ctx context.Context, s Store, tokens iter.Seq[Token]) error {
	// Not looked for through Unwrap: a wrapper may change what is saved.
	if b, ok := s.(Batch); ok {
		return b.SaveAll(ctx, tokens)
	}
	i := 0
	for t := range tokens {
		if _, err := s.Save(ctx, t); err != nil {
			return &BatchError{Index: i, Err: err}
		}
		i++
	}
	return nil
}

// All collects what List yields: get_tokens as a slice.
func All(ctx context.Context, s Store) ([]Token, error) {
	var all []Token
	for t, err := range s.List(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// ProberOf finds the Prober in a chain of wrapped stores.
func ProberOf(s Store) (Prober, bool) { return ability[Prober](s) }

func ability[A any](s Store) (A, bool) {
	for s != nil {
		if a, ok := s.(A); ok {
			return a, true
		}
		u, ok := s.(interface{ Unwrap() Store })
		if !ok {
			break
		}
		s = u.Unwrap()
	}
	var none A
	return none, false
}

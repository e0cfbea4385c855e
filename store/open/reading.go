package open

import (
	"context"
	"fmt"
	"iter"

	"zohocrm/oauth"
)

// asked is a Store as cfg asks for it, of a store that knows nothing of reading
// alone.
func (cfg Config) asked(s full, close func() error) *Store {
	if cfg.ReadOnly {
		return &Store{Store: reading{s}, close: close}
	}
	return &Store{Store: s, close: close}
}

// full is what the stores are that can be opened.
type full interface {
	oauth.Store
	oauth.Coordinator
}

// reading keeps a store from being written. Its own methods are all that write;
// others are found through Unwrap.
type reading struct{ full }

var (
	_ oauth.Prober = reading{}
	_ oauth.Batch  = reading{}
)

// Unwrap gives the store itself.
func (r reading) Unwrap() oauth.Store { return r.full }

// Save implements [oauth.Store].
func (r reading) Save(context.Context, oauth.Token) (oauth.Token, error) {
	return oauth.Token{}, refuse()
}

// Delete implements [oauth.Store].
func (r reading) Delete(context.Context, string, string) error { return refuse() }

// DeleteAll implements [oauth.Store].
func (r reading) DeleteAll(context.Context) error { return refuse() }

// SaveAll implements [oauth.Batch].
func (r reading) SaveAll(context.Context, iter.Seq[oauth.Token]) error { return refuse() }

// Probe implements [oauth.Prober].
func (r reading) Probe(context.Context) error { return refuse() }

// Acquire implements [oauth.Coordinator].
func (r reading) Acquire(context.Context, oauth.Claim) (oauth.Lease, error) {
	return oauth.Lease{}, refuse()
}

// Settle implements [oauth.Coordinator].
func (r reading) Settle(context.Context, oauth.Lease, oauth.Outcome) error { return refuse() }

func refuse() error {
	return fmt.Errorf("%w: the store was opened to be read only", oauth.ErrStoreUnavailable)
}

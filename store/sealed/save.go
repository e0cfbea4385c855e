package sealed

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

const (
	// tries is how often a row is read and saved anew because others were quicker.
	// Each time somebody else's Save has happened, so this is never met by chance.
	tries = 200
	// refusals is how often the inner store may refuse what the row that was read
	// allows. It can once or twice, when the row has just been made.
	refusals = 10
)

// lostError is an inner store's refusal that means that somebody else was quicker.
// The plan is made anew from what stands now, and says whether it is one.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }

// Unwrap gives the refusal.
func (e *lostError) Unwrap() error { return e.err }

// lost marks an error as one, if it is.
func lost(err error) error {
	for _, is := range []error{oauth.ErrConflict, oauth.ErrMismatch, oauth.ErrAmbiguous, oauth.ErrNotFound} {
		if errors.Is(err, is) {
			return &lostError{err}
		}
	}
	return err
}

// again runs do until it no longer loses against somebody else.
func (s *Store) again(ctx context.Context, do func() error) error {
	refused := 0
	for try := 1; ; try++ {
		err := do()
		var loss *lostError
		if !errors.As(err, &loss) {
			return err
		}
		if !errors.Is(err, oauth.ErrConflict) {
			refused++
		}
		if try == tries || refused == refusals {
			return loss.err
		}
		if try > 1 {
			continue
		}
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Save implements [oauth.Store]. A secret longer than [Config.MaxSecret] is
// [oauth.ErrInvalidValue].
func (s *Store) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := s.check(t); err != nil {
		return oauth.Token{}, err
	}
	var saved oauth.Token
	err := s.again(ctx, func() (err error) {
		saved, err = s.save(ctx, t)
		return err
	})
	if err != nil {
		return oauth.Token{}, err
	}
	return saved, nil
}

// check refuses values that could not be told from others once they are sealed.
func (s *Store) check(t oauth.Token) error {
	if err := t.Row().Check(0); err != nil {
		return err
	}
	if t.Sealed() { // it was read without the keys; sealed once more nobody could open it
		return &oauth.ValueError{Column: columnRefresh, Reason: "it is sealed already"}
	}
	return secretsOf(t).fit(s.cfg.MaxSecret)
}

func (s *Store) save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	f := s.plan(ctx, t.Version)
	plan, err := oauth.PlanSave(t, s.cfg.Now(), f.rows)
	if err != nil {
		return oauth.Token{}, err
	}
	k := f.ring.Primary()
	if plan.Insert() {
		return s.insert(ctx, f, k, plan.Row)
	}
	old := f.found[originOf(plan.Old)]
	sealed, err := s.seal(k, plan.Row, &old)
	if err != nil {
		return oauth.Token{}, err
	}
	if plan.Remove.Version != "" {
		return s.merge(ctx, k, plan, sealed)
	}
	got, err := s.inner.Save(ctx, sealed)
	if err != nil {
		return oauth.Token{}, lost(err)
	}
	if !old.sealed {
		s.cfg.Logger.InfoContext(ctx, "a plain row was sealed", "id", got.ID, "user", got.UserName)
	}
	return s.asSaved(k, plan.Row, sealed, got), nil
}

// asSaved is plain as it was saved with a key, by what the inner store answered.
func (s *Store) asSaved(k *keys.Key, plain, sealed, got oauth.Token) oauth.Token {
	plain.ID, plain.Version, plain.Expiry = got.ID, got.Version, got.Expiry
	plain = plain.WithSide(got)
	if sealed.ID, sealed.Expiry = got.ID, got.Expiry; sameStored(sealed, got) {
		s.cache.keep(row{stored: got, plain: plain, key: k.ID(), sealed: true})
	}
	return plain
}

// insert adds a row. Its mark makes the inner store refuse to lay it over a row
// that somebody has made meanwhile, unless that one is plain and has no API domain.
func (s *Store) insert(ctx context.Context, f *finder, k *keys.Key, plain oauth.Token) (oauth.Token, error) {
	sealed, err := s.seal(k, plain, nil)
	if err != nil {
		return oauth.Token{}, err
	}
	got, err := s.inner.Save(ctx, sealed)
	if err != nil {
		return oauth.Token{}, lost(err)
	}
	if sameAbout(got, sealed) {
		return s.asSaved(k, plain, sealed, got), nil
	}
	return s.rebind(ctx, f, k, plain, sealed, got)
}

// rebind seals a row that became half of what was sent and half of a plain row that
// a program without the keys made at the same moment.
func (s *Store) rebind(ctx context.Context, f *finder, k *keys.Key, plain, sent, got oauth.Token) (oauth.Token, error) {
	mixed := got
	mixed.ClientSecret, mixed.APIDomain = plain.ClientSecret, plain.APIDomain
	ours, theirs := tokensOf(&plain), tokensOf(&mixed)
	for i, c := range tokensOf(&sent) {
		switch {
		case *theirs[i].cell == *c.cell:
			*theirs[i].cell = *ours[i].cell
		case isSealed(*theirs[i].cell) || !s.plainAllowed(f.ring):
			return oauth.Token{}, ofRow(got, errMixed)
		}
	}
	sealed, err := s.seal(k, mixed, nil)
	if err != nil {
		return oauth.Token{}, err
	}
	sealed.ID, sealed.Version = got.ID, got.Version
	saved, err := s.inner.Save(ctx, sealed)
	if err != nil {
		return oauth.Token{}, fmt.Errorf("%w: id %q: a program without the keys writes to this store", err, got.ID)
	}
	return s.asSaved(k, mixed, sealed, saved), nil
}

// merge lays a nameless row's values over the row of its user and removes it. An
// inner store that is a Batch does both in one step, by two Saves: of the user's
// row by its Version, and of the nameless row, by its Version, under the user's
// name with the same values, for which it goes. Another one removes it in a second
// step: if the program ends before, the row stays until it is named again.
func (s *Store) merge(ctx context.Context, k *keys.Key, plan oauth.Plan, sealed oauth.Token) (oauth.Token, error) {
	if b, ok := s.inner.(oauth.Batch); ok {
		err := b.SaveAll(ctx, slices.Values([]oauth.Token{sealed, naming(sealed, plan.Remove)}))
		if err == nil {
			return s.merged(ctx, k, plan.Row, sealed), nil
		}
		// Where the user has several rows, the name may mean another one than before.
		if err := lost(err); !errors.Is(err, oauth.ErrMismatch) {
			return oauth.Token{}, err
		}
	}
	got, err := s.inner.Save(ctx, sealed)
	if err != nil {
		return oauth.Token{}, lost(err)
	}
	if err := s.inner.Delete(ctx, plan.Remove.ID, plan.Remove.Version); err != nil {
		return oauth.Token{}, lost(err)
	}
	return s.asSaved(k, plan.Row, sealed, got), nil
}

// naming is the Save for which a nameless row goes into the one that was just
// saved: its API domain, mark included, says that it is that one.
func naming(sealed, nameless oauth.Token) oauth.Token {
	sealed.ID, sealed.Version = nameless.ID, nameless.Version
	return sealed
}

// merged is what merge saved, as it was read back. It has happened: if the row has
// changed again, or cannot be read, a Version is given that is out of date.
func (s *Store) merged(ctx context.Context, k *keys.Key, plain, sealed oauth.Token) oauth.Token {
	got, err := s.inner.Get(ctx, sealed.ID)
	if err != nil || got.APIDomain != sealed.APIDomain {
		got = sealed
		got.Version = sealed.Row().Version()
	}
	return s.asSaved(k, plain, sealed, got)
}

package sealed

import (
	"context"
	"errors"
	"iter"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// Find implements [oauth.Store].
func (s *Store) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	return oauth.Resolve(partial, s.look(ctx, partial.Version).rows)
}

// Get implements [oauth.Store].
func (s *Store) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

// Delete implements [oauth.Store].
func (s *Store) Delete(ctx context.Context, id, version string) error {
	return s.inner.Delete(ctx, id, version)
}

// DeleteAll implements [oauth.Store].
func (s *Store) DeleteAll(ctx context.Context) error { return s.inner.DeleteAll(ctx) }

// List implements [oauth.Store].
func (s *Store) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return s.list(s.inner.List(ctx), false)
}

// Survey is List, except that it goes on after a row that cannot be read, as far
// as the inner store does.
func (s *Store) Survey(ctx context.Context) iter.Seq2[oauth.Token, error] {
	if inner, ok := s.inner.(interface {
		Survey(context.Context) iter.Seq2[oauth.Token, error]
	}); ok {
		return s.list(inner.Survey(ctx), true)
	}
	return s.list(s.inner.List(ctx), true)
}

func (s *Store) list(stored iter.Seq2[oauth.Token, error], goOn bool) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		for t, err := range stored {
			var r row
			if err == nil {
				r, err = s.open(s.cfg.Keys.Ring(), t)
			}
			if !yield(r.plain, err) || err != nil && !goOn {
				return
			}
		}
	}
}

// finder looks rows up for one call. It remembers how those that it found are
// stored.
type finder struct {
	s       *Store
	ctx     context.Context
	ring    *keys.Ring
	version string // of several rows of one owner, the one that is meant
	found   map[origin]row
	memo    map[question][]oauth.Token // what the inner store answered for a user name
}

// question is what the inner store is asked.
type question struct {
	key           oauth.Key
	text, version string
}

// origin is what tells the stored rows apart: of one user's rows several may have
// one ID.
type origin struct{ id, version string }

func originOf(t oauth.Token) origin { return origin{t.ID, t.Version} }

// look is for one reading.
func (s *Store) look(ctx context.Context, version string) *finder {
	return &finder{s: s, ctx: ctx, ring: s.cfg.Keys.Ring(), version: version}
}

// plan is for making one plan, which asks for a user twice.
func (s *Store) plan(ctx context.Context, version string) *finder {
	f := s.look(ctx, version)
	f.found, f.memo = make(map[origin]row), make(map[question][]oauth.Token)
	return f
}

// rows is [oauth.Rows], except that of several rows of one owner it gives only the
// one that is meant.
func (f *finder) rows(k oauth.Key, value string) ([]oauth.Token, error) {
	if k == oauth.ByID || k == oauth.ByUserName {
		return f.opened(k, value)
	}
	found, err := f.byToken(k, value)
	if err != nil || len(found) > 0 {
		return found, err
	}
	// The row may just have been sealed with a key that is newer than the ring.
	// Whoever did that had the key before, so one look at the keys is enough.
	if now := f.s.cfg.Keys.Look(); now != f.ring {
		f.ring = now
		return f.byToken(k, value)
	}
	return nil, nil
}

// byToken looks for a token in each form in which it may be stored. Rows go from
// plain to sealed and from an older key to the primary while this runs, so that is
// the order, and none slips through. The plain form comes once more at the end,
// for a store that is being unsealed.
func (f *finder) byToken(k oauth.Key, value string) ([]oauth.Token, error) {
	forms, err := f.forms(k, value)
	if err != nil {
		return nil, err
	}
	var all []oauth.Token
	for i, form := range forms {
		if i == len(forms)-1 && i > 0 && form == forms[0] && len(all) > 0 {
			break
		}
		found, err := f.opened(k, form)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (f *finder) forms(k oauth.Key, value string) ([]string, error) {
	plain := f.s.plainAllowed(f.ring)
	var forms []string
	if plain {
		forms = append(forms, value)
	}
	all := f.ring.Keys()
	for i := len(all) - 1; i >= 0; i-- { // the primary last
		sealed, err := sealToken(all[i], k.Column(), value)
		if err != nil {
			return nil, err
		}
		forms = append(forms, sealed.Reveal())
	}
	if plain {
		forms = append(forms, value)
	}
	return forms, nil
}

// opened gives the rows that have this stored value, opened.
func (f *finder) opened(k oauth.Key, value string) ([]oauth.Token, error) {
	ask := question{k, value, f.version}
	stored, known := f.memo[ask]
	if !known {
		var err error
		if stored, err = f.stored(k, value); err != nil {
			return nil, err
		}
		if f.memo != nil && k == oauth.ByUserName {
			f.memo[ask] = stored
		}
	}
	tokens := make([]oauth.Token, len(stored))
	for i, t := range stored {
		r, known := f.s.cache.look(f.ring, t)
		if !known {
			var err error
			if r, err = f.s.open(f.ring, t); err != nil {
				return nil, err
			}
			f.s.cache.keep(r)
		}
		if f.found != nil {
			f.found[originOf(t)] = r
		}
		tokens[i] = r.plain
	}
	return tokens, nil
}

// maxMatches is how many rows of different owners with one key are looked at.
const maxMatches = 100

// stored gives the rows of the inner store that have this value. The inner store
// names one row, or says which ones it cannot choose from.
func (f *finder) stored(k oauth.Key, value string) ([]oauth.Token, error) {
	t, err := f.s.inner.Find(f.ctx, only(k, value, f.version))
	var several *oauth.AmbiguousError
	switch {
	case err == nil:
		return []oauth.Token{t}, nil
	case errors.Is(err, oauth.ErrNotFound):
		return nil, nil
	case !errors.As(err, &several), k == oauth.ByID, len(several.Matches) > maxMatches:
		return nil, err
	}
	var found []oauth.Token
	seen := make(map[string]bool)
	for _, m := range several.Matches {
		if seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		t, err := f.s.inner.Find(f.ctx, only(oauth.ByID, m.ID, f.version))
		switch {
		case errors.Is(err, oauth.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}
		if k.Of(t) == value {
			found = append(found, t)
		}
	}
	return found, nil
}

// only is a token with nothing but this key, and a Version to choose by.
func only(k oauth.Key, value, version string) oauth.Token {
	t := oauth.Token{Version: version}
	switch k {
	case oauth.ByID:
		t.ID = value
	case oauth.ByUserName:
		t.UserName = value
	case oauth.ByGrantToken:
		t.GrantToken = oauth.NewSecret(value)
	case oauth.ByRefreshToken:
		t.RefreshToken = oauth.NewSecret(value)
	case oauth.ByAccessToken:
		t.AccessToken = oauth.NewSecret(value)
	}
	return t
}

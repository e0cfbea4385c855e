package storetest

import (
	"context"
	"iter"
	"testing"

	"zohocrm/oauth"
)

// altered is a store some of whose methods do something else. It does not have
// the abilities of the store within, so that these can be altered too.
type altered struct {
	oauth.Store
	find      func(ctx context.Context, partial oauth.Token) (oauth.Token, error)
	get       func(ctx context.Context, id string) (oauth.Token, error)
	save      func(ctx context.Context, t oauth.Token) (oauth.Token, error)
	delete    func(ctx context.Context, id, version string) error
	list      func(ctx context.Context) iter.Seq2[oauth.Token, error]
	deleteAll func(ctx context.Context) error
	probe     func(ctx context.Context) error
}

func (a *altered) Unwrap() oauth.Store { return a.Store }

func (a *altered) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if a.find != nil {
		return a.find(ctx, partial)
	}
	return a.Store.Find(ctx, partial)
}

func (a *altered) Get(ctx context.Context, id string) (oauth.Token, error) {
	if a.get != nil {
		return a.get(ctx, id)
	}
	return a.Store.Get(ctx, id)
}

func (a *altered) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if a.save != nil {
		return a.save(ctx, t)
	}
	return a.Store.Save(ctx, t)
}

func (a *altered) Delete(ctx context.Context, id, version string) error {
	if a.delete != nil {
		return a.delete(ctx, id, version)
	}
	return a.Store.Delete(ctx, id, version)
}

func (a *altered) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	if a.list != nil {
		return a.list(ctx)
	}
	return a.Store.List(ctx)
}

func (a *altered) DeleteAll(ctx context.Context) error {
	if a.deleteAll != nil {
		return a.deleteAll(ctx)
	}
	return a.Store.DeleteAll(ctx)
}

func (a *altered) Probe(ctx context.Context) error {
	if a.probe != nil {
		return a.probe(ctx)
	}
	return nil
}

// fault is a way to break a store and the checks that have to notice.
type fault struct {
	name    string
	fails   []string
	backend func(t *testing.T) Backend
}

// bent breaks a rule.
func bent(name string, bend func(r *rules), fails ...string) fault {
	return fault{name, fails, func(*testing.T) Backend {
		r := sound()
		bend(&r)
		return backend(r)
	}}
}

// wrapped breaks methods; a begins as a plain wrapper around a sound store.
func wrapped(name string, alter func(t testing.TB, a *altered), fails ...string) fault {
	return fault{name, fails, func(*testing.T) Backend {
		b := backend(sound())
		wrap := func(t testing.TB, s oauth.Store) oauth.Store {
			a := &altered{Store: s}
			alter(t, a)
			return a
		}
		open, reopen := b.Open, b.Reopen
		b.Open = func(t testing.TB) oauth.Store { return wrap(t, open(t)) }
		b.Reopen = func(t testing.TB, s oauth.Store) oauth.Store { return wrap(t, reopen(t, s)) }
		b.patience = patience / 20
		return b
	}}
}

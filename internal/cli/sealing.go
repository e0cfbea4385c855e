package cli

import (
	"context"

	"zohocrm/oauth"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// keySet opens the keys of the settings, once; nil without --keys.
func (a *app) keySet(ctx context.Context) (*keys.Set, error) {
	if a.set.keys == "" || a.keys != nil {
		return a.keys, nil
	}
	set, err := keys.Open(ctx, a.set.keys, a.keysConfig())
	if err != nil {
		return nil, advise(err, "see: zcrm keys --help")
	}
	a.keys = set
	return set, nil
}

func (a *app) keysConfig() keys.Config {
	return keys.Config{Now: a.now, Logger: a.logger(), LookupEnv: func(name string) (string, bool) {
		v := a.getenv(name)
		return v, v != ""
	}}
}

// sealed is the store behind the keys of the settings; the store itself without
// --keys.
func (a *app) sealed(ctx context.Context, store oauth.Store) (oauth.Store, error) {
	set, err := a.keySet(ctx)
	if err != nil || set == nil {
		return store, err
	}
	if _, already := store.(*sealed.Store); already {
		return store, nil
	}
	s, err := sealed.New(store, sealed.Config{Keys: set, Now: a.now, Logger: a.logger()})
	if err != nil {
		return nil, err // not s: a nil *Store in an interface is not nil
	}
	return s, nil
}

// lookAt opens the store of the settings to look at it, behind the keys.
func (a *app) lookAt(ctx context.Context) (*looked, error) {
	l, err := a.lookPlainly(ctx)
	if err != nil || l.store == nil {
		return l, err
	}
	store, err := a.sealed(ctx, l.store)
	if err != nil {
		l.close() // the error that matters is the first
		return nil, err
	}
	l.store = store
	return l, nil
}

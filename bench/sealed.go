package main

import (
	"context"
	"path/filepath"

	"zohocrm/oauth"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// sealedRows measure what encryption costs.
func sealedRows(ctx context.Context, k *kit) (sheet, error) {
	_, plain, err := sqliteTable().crowded(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	over, err := k.sealed(ctx, tokens)
	if err != nil {
		return sheet{}, err
	}
	for _, s := range []oauth.Store{plain, over} {
		if err := warm(ctx, s); err != nil {
			return sheet{}, err
		}
	}
	return sheet{rows: []row{
		{name: "sealed SQLite Find among 10,000", other: "SQLite Find", ours: finding(ctx, over), theirs: finding(ctx, plain), atMost: 1.5},
		{name: "sealed SQLite Save among 10,000", other: "SQLite Save", ours: saving(ctx, over), theirs: saving(ctx, plain), atMost: 1.3},
	}}, nil
}

// sealed is a sealed SQLite store of n users.
func (k *kit) sealed(ctx context.Context, n int) (s *sealed.Store, err error) {
	dir, err := k.folder()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "keys.json")
	if _, err := keys.Create(ctx, file, keys.Config{}); err != nil {
		return nil, err
	}
	set, err := keys.Open(ctx, file, keys.Config{})
	if err != nil {
		return nil, err
	}
	at, err := k.place(ctx, inSQLite)
	if err != nil {
		return nil, err
	}
	wrap := func(inner oauth.Store) (oauth.Store, error) {
		s, err = sealed.New(inner, sealed.Config{Keys: set, RefusePlain: true})
		return s, err
	}
	if _, err := k.store(ctx, at, open.Config{Wrap: wrap}); err != nil {
		return nil, err
	}
	return s, oauth.SaveAll(ctx, s, crowd(n))
}

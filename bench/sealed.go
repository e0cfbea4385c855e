package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

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
	over, _, err := k.sealed(ctx, tokens)
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

// sealed is a sealed SQLite store of n users, and the file of its keys.
func (k *kit) sealed(ctx context.Context, n int) (s *sealed.Store, file string, err error) {
	dir, err := k.folder()
	if err != nil {
		return nil, "", err
	}
	file = filepath.Join(dir, "keys.json")
	if _, err := keys.Create(ctx, file, keys.Config{}); err != nil {
		return nil, "", err
	}
	set, err := keys.Open(ctx, file, keys.Config{})
	if err != nil {
		return nil, "", err
	}
	at, err := k.place(ctx, inSQLite)
	if err != nil {
		return nil, "", err
	}
	wrap := func(inner oauth.Store) (oauth.Store, error) {
		s, err = sealed.New(inner, sealed.Config{Keys: set, RefusePlain: true})
		return s, err
	}
	if _, err := k.store(ctx, at, open.Config{Wrap: wrap}); err != nil {
		return nil, "", err
	}
	return s, file, oauth.SaveAll(ctx, s, crowd(n))
}

// resealing measures how quickly a store is sealed anew with another key.
func resealing(ctx context.Context, k *kit) (sheet, error) {
	s, file, err := k.sealed(ctx, many)
	if err != nil {
		return sheet{}, err
	}
	return sheet{counts: []count{{
		name: "tokens sealed anew in a second", how: "100,000 in SQLite, after a rotation of keys", target: "at least 10,000", long: true,
		measure: func(ctx context.Context) (string, bool, error) {
			if _, err := keys.Rotate(ctx, file, keys.Config{}); err != nil {
				return "", false, err
			}
			began := time.Now()
			report, err := sealed.SealAll(ctx, s, sealed.SealAllConfig{Mode: sealed.Reseal})
			perSecond := many / time.Since(began).Seconds()
			if err == nil && report.Changed != many {
				err = errors.New("not all rows were sealed anew")
			}
			return fmt.Sprintf("%.0f", perSecond), perSecond >= 10_000, err
		},
	}}}, nil
}

package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// table is one SQL database as the measurements need it.
type table struct {
	in    kind
	words words
	bare  func(storeURL string) (*sql.DB, error) // opens a place as a program without this module would
	tidy  []string                               // statements that make the server look at what was filled in
}

// measured are a store and a bare program, each in a place of its own that holds the
// same 10,000 users, so that neither meets what the other wrote.
type measured struct {
	url   string
	store *open.Store
	bare  *bareTable
}

// fill makes both places.
func (t table) fill(ctx context.Context, k *kit) (measured, error) {
	var m measured
	var err error
	if m.url, m.store, err = t.crowded(ctx, k); err != nil {
		return m, err
	}
	other, _, err := t.crowded(ctx, k)
	if err != nil {
		return m, err
	}
	db, err := t.bare(other)
	if err != nil {
		return m, err
	}
	k.later(db.Close)
	if m.bare, err = newBareTable(ctx, k, db, t.words); err != nil {
		return m, err
	}
	return m, warm(ctx, m.store)
}

// crowded is a new place with 10,000 users, opened.
func (t table) crowded(ctx context.Context, k *kit) (storeURL string, s *open.Store, err error) {
	if storeURL, err = k.place(ctx, t.in); err != nil {
		return "", nil, err
	}
	if s, err = k.store(ctx, storeURL, open.Config{}); err != nil {
		return "", nil, err
	}
	if err := oauth.SaveAll(ctx, s, crowd(tokens)); err != nil {
		return "", nil, err
	}
	db, err := t.bare(storeURL)
	if err != nil {
		return "", nil, err
	}
	defer db.Close()
	for _, text := range t.tidy {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return "", nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	return storeURL, s, nil
}

const (
	sameQuery  = "the same prepared query through database/sql"
	sameUpdate = "a bare transaction: lock, read the row, update it, its side data, the count of changes"
	sameInsert = "a bare transaction: lock, look for user and secrets, greatest ID, insert the row, its side data, count"
)

// rows are what every SQL store is measured by.
func (t table) rows(ctx context.Context, m measured, find float64) []row {
	name := func(what string) string { return fmt.Sprint(t.in, " ", what) }
	return []row{
		{name: name("Find among 10,000"), other: sameQuery, ours: finding(ctx, m.store), theirs: m.bare.finding(ctx), atMost: find},
		{name: name("Find among 10,000, the first of each row in a process"), other: sameQuery, ours: findingFirst(ctx, m.url), theirs: m.bare.finding(ctx)},
		{name: name("Save among 10,000"), other: sameUpdate, ours: saving(ctx, m.store), theirs: m.bare.saving(ctx), atMost: 1.5},
		{name: name("Save of a new user"), other: sameInsert, ours: adding(ctx, m.store), theirs: m.bare.adding(ctx), atMost: 1.5},
	}
}

// findingFirst is a Find by a store that has not seen the row before. The opening
// of such a store does not count.
func findingFirst(ctx context.Context, storeURL string) side {
	return func(n int) (time.Duration, error) {
		var all time.Duration
		for n > 0 {
			fresh, err := open.URL(ctx, storeURL, open.Config{})
			if err != nil {
				return 0, err
			}
			some := min(n, tokens)
			n -= some
			took, err := finding(ctx, fresh)(some)
			if err := fresh.Close(); err != nil {
				return 0, err
			}
			if err != nil {
				return 0, err
			}
			all += took
		}
		return all, nil
	}
}

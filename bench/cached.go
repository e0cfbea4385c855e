package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// cached measures the path that every CRM call takes: a token in memory.
func cached(ctx context.Context, k *kit) (sheet, error) {
	store := memory.New(memory.Config{})
	stored, err := store.Save(ctx, oauth.Token{
		UserName: "alice", RefreshToken: oauth.NewSecret("1000.r"), AccessToken: oauth.NewSecret("1000.a"),
		Expiry: time.Now().Add(time.Hour), APIDomain: "https://www.zohoapis.com", LastUsedAt: time.Now(),
	})
	if err != nil {
		return sheet{}, err
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{Store: store, Recheck: time.Hour})
	if err != nil {
		return sheet{}, err
	}
	k.later(keeper.Close)
	source := keeper.Source(oauth.Token{UserName: "alice"})
	if t, err := source.Token(ctx); err != nil || t.AccessToken != stored.AccessToken {
		return sheet{}, fmt.Errorf("the bound source answers %v, %w", t, err)
	}
	ours := parallel(func(n int) error {
		for range n {
			if _, err := source.Token(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	var bare atomic.Pointer[oauth.Token]
	bare.Store(&stored)
	limit := parallel(func(n int) error {
		for range n {
			if t := bare.Load(); time.Now().After(t.Expiry) {
				return errors.New("expired")
			}
		}
		return nil
	})
	reuse := oauth2.ReuseTokenSource(&oauth2.Token{AccessToken: "1000.a", Expiry: time.Now().Add(time.Hour)}, nil)
	peer := parallel(func(n int) error {
		for range n {
			if _, err := reuse.Token(); err != nil {
				return err
			}
		}
		return nil
	})
	once := func() { _, _ = source.Token(ctx) } // its error would have ended the row before
	return sheet{rows: []row{
		{name: "cached token, in parallel", other: "an atomic load and time.Now", ours: ours, theirs: limit, atMost: 1.5, once: once},
		{name: "cached token, in parallel", other: "oauth2.ReuseTokenSource", ours: ours, theirs: peer, faster: 2, once: once},
	}}, nil
}

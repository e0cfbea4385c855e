package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// cached measures the path that every CRM call takes: a token in memory.
func cached(string) ([]row, func() error, error) {
	ctx := context.Background()
	store := memory.New(memory.Config{})
	stored, err := store.Save(ctx, oauth.Token{
		UserName: "alice", RefreshToken: oauth.NewSecret("1000.r"), AccessToken: oauth.NewSecret("1000.a"),
		Expiry: time.Now().Add(time.Hour), APIDomain: "https://www.zohoapis.com", LastUsedAt: time.Now(),
	})
	if err != nil {
		return nil, nil, err
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{Store: store, Recheck: time.Hour})
	if err != nil {
		return nil, nil, err
	}
	source := keeper.Source(oauth.Token{UserName: "alice"})
	if t, err := source.Token(ctx); err != nil || t.AccessToken != stored.AccessToken {
		return nil, nil, fmt.Errorf("the bound source answers %v, %w", t, err)
	}
	ours := func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := source.Token(ctx); err != nil {
					b.Error(err)
				}
			}
		})
	}
	var bare atomic.Pointer[oauth.Token]
	bare.Store(&stored)
	limit := func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if t := bare.Load(); time.Now().After(t.Expiry) {
					b.Error("expired")
				}
			}
		})
	}
	reuse := oauth2.ReuseTokenSource(&oauth2.Token{AccessToken: "1000.a", Expiry: time.Now().Add(time.Hour)}, nil)
	peer := func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := reuse.Token(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	return []row{
		{name: "cached token, in parallel", other: "an atomic load and time.Now", ours: ours, theirs: limit, atMost: 1.5, allocs: 0},
		{name: "cached token, in parallel", other: "oauth2.ReuseTokenSource", ours: ours, theirs: peer, faster: 2, allocs: 0},
	}, keeper.Close, nil
}

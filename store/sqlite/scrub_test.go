package sqlite_test

import (
	"context"
	"slices"
	"testing"
)

// TestScrubLeavesTheConnection as it was, with somebody's temporary tables.
func TestScrubLeavesTheConnection(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	s.db.SetMaxOpenConns(1)
	if err := s.SaveAll(ctx, slices.Values(users(0, 10))); err != nil {
		t.Fatal(err)
	}
	const inMemory = 2
	for range 2 {
		if err := s.Scrub(ctx); err != nil {
			t.Fatal(err)
		}
		if now := number(t, s, "PRAGMA temp_store"); now != inMemory {
			t.Errorf("temp_store is %d", now)
		}
		run(t, s.db, "CREATE TEMP TABLE IF NOT EXISTS theirs (x)")
	}
	if n := number(t, s, "SELECT count(*) FROM temp.theirs"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

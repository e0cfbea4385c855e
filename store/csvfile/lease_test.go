package csvfile_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// credential is a key as the Keeper makes them.
const credential = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// folderOf is where the leases of a file are.
func folderOf(path string) string { return filepath.Join(path+".zcrm", "refresh") }

// ahead is a store whose clock is that much ahead.
func ahead(t testing.TB, path string, by time.Duration) *csvfile.Store {
	t.Helper()
	return newStore(t, csvfile.Config{Path: path, Now: func() time.Time { return time.Now().Add(by) }})
}

func acquire(t testing.TB, s oauth.Coordinator, owner string) oauth.Lease {
	t.Helper()
	l, err := s.Acquire(t.Context(), oauth.Claim{Key: credential, Owner: owner})
	if err != nil {
		t.Fatalf("Acquire by %s: %v", owner, err)
	}
	return l
}

// wantHeld wants somebody else to have the lease.
func wantHeld(t testing.TB, s oauth.Coordinator) {
	t.Helper()
	_, err := s.Acquire(t.Context(), oauth.Claim{Key: credential, Owner: "another"})
	var held *oauth.HeldError
	if !errors.As(err, &held) || held.Poll != 10*time.Millisecond || held.Rest <= 0 || held.Rest > oauth.DefaultLease {
		t.Errorf("Acquire of a lease that somebody has: %v, %+v", err, held)
	}
}

func settle(t testing.TB, s oauth.Coordinator, l oauth.Lease, kind oauth.OutcomeKind, why ...error) {
	t.Helper()
	if err := s.Settle(t.Context(), l, oauth.Outcome{Kind: kind, Err: errors.Join(why...)}); err != nil {
		t.Errorf("Settle: %v", err)
	}
}

func standing(t testing.TB, s oauth.Coordinator) (oauth.Standing, bool) {
	t.Helper()
	all, err := s.Standings(t.Context(), credential)
	if err != nil {
		t.Errorf("Standings: %v", err)
	}
	found, ok := all[credential]
	return found, ok
}

// TestLeaseOfStores: the Stores of one process are as strangers to each other.
func TestLeaseOfStores(t *testing.T) {
	path := location(t)
	stores := []*atPath{open(t, path), open(t, path), open(t, path), open(t, path)}
	if _, known := standing(t, stores[0]); known {
		t.Error("something is known of a credential that nobody has asked for")
	}
	if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
		t.Errorf("Standings made %v", left)
	}
	for round := range 5 {
		var granted atomic.Int64
		var lease oauth.Lease
		var mine *atPath
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				s := stores[i%len(stores)]
				l, err := s.Acquire(t.Context(), oauth.Claim{Key: credential, Owner: fmt.Sprint(i)})
				switch {
				case err == nil:
					granted.Add(1)
					lease, mine = l, s
				case !errors.Is(err, oauth.ErrHeld):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if granted.Load() != 1 || lease.Epoch != int64(round+1) {
			t.Fatalf("round %d: %d leases were granted, epoch %d", round, granted.Load(), lease.Epoch)
		}
		for _, s := range stores {
			if st, _ := standing(t, s); st.Owner != lease.Owner || len(st.Mints) != round+1 {
				t.Errorf("round %d: %+v", round, st)
			}
			wantHeld(t, s)
		}
		settle(t, mine, lease, oauth.Minted)
		if st, _ := standing(t, stores[round%4]); st.Owner != "" {
			t.Errorf("round %d: still held by %q", round, st.Owner)
		}
	}
}

// TestLeaseOfAnyKey: a key that would be a path is a name like others.
func TestLeaseOfAnyKey(t *testing.T) {
	path := location(t)
	s := open(t, path)
	for _, key := range []string{"", "../../outside", "a/b", strings.ToUpper(credential)} {
		l, err := s.Acquire(t.Context(), oauth.Claim{Key: key, Owner: "me"})
		if err != nil || l.Key != key {
			t.Errorf("Acquire of %q: %v", key, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(left) != 1 {
		t.Errorf("there are %v", left)
	}
	if all, err := s.Standings(t.Context(), "a/b", "../../outside", "unknown"); err != nil || len(all) != 2 || all["a/b"].Owner != "me" {
		t.Errorf("Standings: %v, %v", all, err)
	}
}

// TestLeaseAbandoned: a lease that is never settled ends by the clock, and its
// lock goes with it.
func TestLeaseAbandoned(t *testing.T) {
	path, now := location(t), time.Now()
	clock := func() time.Time { return now }
	s := newStore(t, csvfile.Config{Path: path, Now: clock})
	late := acquire(t, s, "first")
	now = now.Add(oauth.DefaultLease)
	second := acquire(t, s, "second")
	if text := read(t, filepath.Join(folderOf(path), credential+".json")); strings.Contains(text, "unlocked") {
		t.Errorf("the second lease has no lock: %s", text)
	}
	settle(t, s, late, oauth.Failed, oauth.ErrReauthRequired)
	if st, _ := standing(t, s); st.Owner != "second" || st.State != oauth.Usable {
		t.Errorf("a late holder changed it: %+v", st)
	}
	wantHeld(t, newStore(t, csvfile.Config{Path: path, Now: clock}))
	settle(t, s, second, oauth.Minted)
}

// TestLeaseFolderLost: losing the folder loses what was known, and breaks nothing.
func TestLeaseFolderLost(t *testing.T) {
	path := location(t)
	s := open(t, path)
	lease := acquire(t, s, "me")
	if err := os.RemoveAll(path + ".zcrm"); err != nil {
		t.Fatal(err)
	}
	settle(t, s, lease, oauth.Minted)
	settle(t, s, oauth.Lease{Key: credential}, oauth.Withdrawn)
	_, err := s.Acquire(t.Context(), oauth.Claim{Key: credential, Owner: "me"})
	if !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("Acquire of a revoked credential: %v", err)
	}
}

// TestTornRecord: what a power failure left of a record counts as nothing.
func TestTornRecord(t *testing.T) {
	path := location(t)
	s := open(t, path)
	settle(t, s, acquire(t, s, "me"), oauth.Failed, oauth.ErrReauthRequired)
	record := filepath.Join(folderOf(path), credential+".json")
	whole := read(t, record)
	if !strings.Contains(whole, `"reauth"`) {
		t.Fatalf("the record is %s", whole)
	}
	for _, torn := range []string{"", whole[:len(whole)/2], strings.Repeat("\x00", len(whole)), "[]", strings.Repeat(" ", 1<<20) + whole} {
		if err := os.WriteFile(record, []byte(torn), 0o600); err != nil {
			t.Fatal(err)
		}
		if st, known := standing(t, s); known {
			t.Errorf("%.20q is known as %+v", torn, st)
		}
		if l := acquire(t, s, "me"); l.Epoch != 1 {
			t.Errorf("%.20q: epoch %d", torn, l.Epoch)
		} else {
			settle(t, s, l, oauth.Released)
		}
	}
}

// TestLeaseWhileWriting: neither a program that writes the token file all the
// time nor one that was stopped while it did keeps anybody from a lease.
func TestLeaseWhileWriting(t *testing.T) {
	path := settled(t, []byte(golden))
	s := open(t, path)
	if err := s.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	writer := flock.New(path + ".zcrm/lock")
	if ok, err := writer.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer writer.Unlock()
	settle(t, s, acquire(t, s, "me"), oauth.Minted)
}

// TestFolderStuck: the lock of the folder is waited for, but not for ever.
func TestFolderStuck(t *testing.T) {
	path := location(t)
	holder := open(t, path)
	first := acquire(t, holder, "me")
	stopped := flock.New(filepath.Join(folderOf(path), "lock"))
	if ok, err := stopped.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	synctest.Test(t, func(t *testing.T) {
		s, began := open(t, path), time.Now()
		_, err := s.Acquire(t.Context(), oauth.Claim{Key: credential})
		if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), folderOf(path)) || time.Since(began) != 4*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Settle(ctx, oauth.Lease{Key: credential}, oauth.Outcome{}); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Errorf("Settle: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, err := s.Acquire(ctx, oauth.Claim{Key: credential}); !errors.Is(err, context.Canceled) {
			t.Errorf("Acquire: %v", err)
		}
		if _, err := s.Standings(ctx, credential); !errors.Is(err, context.Canceled) {
			t.Errorf("Standings: %v", err)
		}
		if st, _ := standing(t, s); st.Owner != first.Owner { // which looks without the lock
			t.Errorf("Standings: %+v", st)
		}
		time.AfterFunc(time.Second, func() { stopped.Unlock() })
		began = time.Now()
		if _, err := s.Acquire(t.Context(), oauth.Claim{Key: credential}); !errors.Is(err, oauth.ErrHeld) || time.Since(began).Truncate(10*time.Millisecond) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
	settle(t, holder, first, oauth.Minted)
}

// TestSweep: once a day, what says nothing any more is removed, with its lock.
func TestSweep(t *testing.T) {
	path := location(t)
	var month time.Duration
	s := newStore(t, csvfile.Config{Path: path, Now: func() time.Time { return time.Now().Add(month - 31*24*time.Hour) }})
	names := map[string]string{}
	for i, kind := range map[string]oauth.OutcomeKind{"old": oauth.Minted, "young": oauth.Minted, "revoked": oauth.Withdrawn, "count": oauth.Joined} {
		key := oauth.NewSecret(i).Hash()
		names[i] = filepath.Join(folderOf(path), key)
		l, err := s.Acquire(t.Context(), oauth.Claim{Key: key, Owner: "me"})
		if err != nil {
			t.Fatal(err)
		}
		settle(t, s, l, kind)
	}
	held := acquire(t, s, "me") // and is forgotten, but its holder lives
	names["held"] = filepath.Join(folderOf(path), credential)
	then := time.Now().Add(-31 * 24 * time.Hour)
	for name, file := range names {
		if name != "young" {
			if err := os.Chtimes(file+".json", then, then); err != nil {
				t.Fatal(err)
			}
		}
	}
	there := func() string {
		var found []string
		for _, name := range []string{"old", "young", "revoked", "count", "held"} {
			for _, end := range []string{".json", ".lock"} {
				if _, err := os.Lstat(names[name] + end); err == nil {
					found = append(found, name+end)
				} else if !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			}
		}
		return strings.Join(found, " ")
	}
	all := there()
	month = 31 * 24 * time.Hour
	add := func(key string) {
		t.Helper()
		if _, err := open(t, path).Acquire(t.Context(), oauth.Claim{Key: key, Owner: "new"}); err != nil {
			t.Fatal(err)
		}
	}
	add("same day")
	if got := there(); got != all || strings.Count(all, " ") != 9 {
		t.Errorf("on the same day: %s", got)
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(filepath.Join(folderOf(path), "lock"), yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	add("next day")
	if got := there(); got != "young.json young.lock count.json count.lock held.json held.lock" {
		t.Errorf("on the next day: %s", got)
	}
	add("next day, again")
	if info, err := os.Stat(filepath.Join(folderOf(path), "lock")); err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("the day is not noted: %v", err)
	}
	settle(t, s, held, oauth.Minted)
}

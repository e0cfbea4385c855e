package sqlstore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm/oauth"
)

var errLocked = errors.New("locked")

func lockedStore() *Store {
	return &Store{table: "t", dialect: Dialect{Product: "Test", Classify: func(err error) (Failure, string) {
		if errors.Is(err, errLocked) {
			return Busy, err.Error()
		}
		return Other, err.Error()
	}}}
}

// TestPatience: a lock is waited for, for twenty seconds and in short steps.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began, tries := lockedStore(), time.Now(), 0
		err := s.again(context.Background(), func() error { tries++; return fromDriver(errLocked) })
		if took := time.Since(began); took < patience || took > patience+2*longestPause {
			t.Errorf("gave up after %v, want %v", took, patience)
		}
		if tries < int(patience/longestPause/2) {
			t.Errorf("tried %d times in %v", tries, patience)
		}
		err = s.failed(context.Background(), "save", err)
		if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "kept the database locked for 20s") {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, tries := lockedStore(), 0
		err := s.again(context.Background(), func() error {
			if tries++; tries < 100 {
				return fromDriver(errLocked)
			}
			return nil
		})
		if err != nil || tries != 100 {
			t.Errorf("%v after %d tries; want success at the hundredth", err, tries)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began := time.Now()
		err = s.again(ctx, func() error { return fromDriver(errLocked) })
		if took := time.Since(began); took != time.Second || !errors.Is(s.failed(ctx, "save", err), context.DeadlineExceeded) {
			t.Errorf("with a second to live it ended after %v with %v", took, err)
		}
		other := errors.New("another error")
		tries = 0
		err = s.again(context.Background(), func() error { tries++; return fromDriver(other) })
		if !errors.Is(err, other) || tries != 1 {
			t.Errorf("another error: %v after %d tries", err, tries)
		}
	})
}

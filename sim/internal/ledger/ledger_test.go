package ledger

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func begin() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestWindow(t *testing.T) {
	rate := Rate{N: 3, Per: time.Minute}
	for _, c := range []struct {
		name    string
		sliding bool
		events  []time.Duration // counted
		at      time.Duration
		full    bool
	}{
		{"empty", false, nil, 0, false},
		{"room left", false, []time.Duration{0, 1}, 2, false},
		{"full", false, []time.Duration{0, 1, 2}, time.Minute - 1, true},
		{"over at the end", false, []time.Duration{0, 1, 2}, time.Minute, false},
		{"fixed: late events are forgotten too", false, []time.Duration{0, 59 * time.Second, 59 * time.Second}, time.Minute, false},
		{"fixed: a new window opens", false, []time.Duration{0, time.Minute, time.Minute, time.Minute}, time.Minute, true},
		{"sliding: late events count on", true, []time.Duration{0, 59 * time.Second, 59 * time.Second}, time.Minute, false},
		{"sliding: full", true, []time.Duration{0, 59 * time.Second, 59 * time.Second, time.Minute}, 90 * time.Second, true},
		{"clock moved back", false, []time.Duration{time.Hour, time.Hour, time.Hour}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w window
			for _, d := range c.events {
				w.add(begin().Add(d), rate, c.sliding)
			}
			if got := w.full(begin().Add(c.at), rate, c.sliding); got != c.full {
				t.Errorf("full = %v", got)
			}
		})
	}
	var w window
	for range 100 {
		w.add(begin(), Rate{}, true)
		w.add(begin(), Rate{N: 3, Per: time.Hour}, true)
	}
	if w.full(begin(), Rate{}, true) || len(w.past) > 3 {
		t.Errorf("no limit, %d kept", len(w.past))
	}
}

// A ledger that serves for weeks keeps what is alive and no more.
func TestExpiredTokensAreForgotten(t *testing.T) {
	l := New(Rules{TokenLife: time.Minute})
	now := begin()
	owner := Owner{User: "u", Client: "c", Location: "us"}
	code, err := l.IssueCode(now, Code{Owner: owner, Offline: true, Forced: true})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := l.Exchange(now, Exchange{Code: code, Client: "c", Location: "us"})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 * minSweep {
		now = now.Add(time.Second)
		l.Direct(now, owner, "")
		if _, err := l.Refresh(now, Refresh{Token: issued.RefreshToken, Client: "c", Location: "us"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(l.access); n > 2*minSweep {
		t.Errorf("%d access tokens kept", n)
	}
	if s := l.Stats(now); s.LiveAccess != 120 {
		t.Errorf("%d alive", s.LiveAccess)
	}
}

func TestMintLogIsBounded(t *testing.T) {
	m := newMintLog()
	for i := range maxMintLog + 10 {
		m.add(strings.Repeat("x", i%7) + time.Duration(i).String())
	}
	if len(m.n) > maxMintLog || len(m.order) > maxMintLog {
		t.Errorf("%d, %d", len(m.n), len(m.order))
	}
}

func TestWaitingCodesAreBounded(t *testing.T) {
	l := New(Rules{TokenLife: time.Hour})
	for i := range maxCodes + 10 {
		c := Code{Owner: Owner{Client: "c"}}
		if i%2 == 0 {
			c.Life = time.Second
		}
		if _, err := l.IssueCode(begin().Add(time.Duration(i)*time.Millisecond), c); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.codes) > maxCodes {
		t.Errorf("%d codes kept", len(l.codes))
	}
}

// However many ask at once, a code is exchanged once and the rate holds.
func TestAtOnce(t *testing.T) {
	l := New(Rules{TokenLife: time.Hour, Mints: Rate{N: 10, Per: time.Minute}, LiveAccess: 15})
	code, err := l.IssueCode(begin(), Code{Owner: Owner{User: "u", Client: "c", Location: "us"}, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var won []Issued
	inParallel(50, func() {
		if x, err := l.Exchange(begin(), Exchange{Code: code, Client: "c", Location: "us"}); err == nil {
			mu.Lock()
			won = append(won, x)
			mu.Unlock()
		}
	})
	if len(won) != 1 {
		t.Fatalf("%d exchanges", len(won))
	}
	minted := 0
	inParallel(50, func() {
		_, err := l.Refresh(begin(), Refresh{Token: won[0].RefreshToken, Client: "c", Location: "us"})
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			minted++
		} else if !errors.Is(err, ErrThrottled) {
			t.Error(err)
		}
	})
	if minted != 10 {
		t.Errorf("%d mints", minted)
	}
}

func inParallel(n int, f func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(f)
	}
	wg.Wait()
}

func TestFingerprint(t *testing.T) {
	if got := Fingerprint("abc"); got != "sha256:ba7816bf8f01" {
		t.Error(got)
	}
}

package oauth_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
)

// callers are programs that ask for one user's token now and then.
func (b *bubble) callers(n int, partial oauth.Token, changes ...func(*oauth.KeeperConfig)) []oauth.Source {
	var all []oauth.Source
	for range n {
		all = append(all, b.program(changes...).Source(partial))
	}
	return all
}

// Near its end a token is refreshed in the background: once, by one of the programs
// that use it, while all of them are answered with the present one and nobody waits.
func TestRefreshAheadIsMadeOnceAndNobodyWaits(t *testing.T) {
	inBubble(t, func(b *bubble) {
		old := b.connect(b.program(), "alice", "alice")
		sources := b.callers(4, oauth.Token{UserName: "alice"})
		now := old
		for hour := range 3 {
			var at time.Duration // into the token's life
			b.passes(time.Hour, 10*time.Second, func() {
				for range 5 {
					for _, s := range sources {
						began := time.Now()
						got, err := s.Token(context.Background())
						if err != nil {
							t.Fatal(err)
						}
						if waited := time.Since(began); waited != 0 {
							t.Errorf("a caller waited %v", waited)
						}
						if got.AccessToken != now.AccessToken && at == 0 {
							if at = time.Hour - time.Until(now.Expiry); at > 0 {
								now = *got
							}
						}
						if !got.Valid(time.Now(), 9*time.Minute) {
							t.Fatalf("%v before its end a token is still in use", time.Until(got.Expiry))
						}
					}
				}
			})
			if n := b.sim.Counters().Refreshes; n != int64(hour+1) {
				t.Fatalf("in hour %d: %d refreshes", hour+1, n)
			}
			if at < 45*time.Minute || at > 51*time.Minute {
				t.Errorf("in hour %d the refresh was made after %v, want 45 to 50 minutes (and half a minute until it is looked for)", hour+1, at)
			}
		}
	})
}

// When it is time is always the same for one user, in every program, and differs
// between users.
func TestRefreshAheadHasAStableTime(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := b.program()
		due := func(name string) time.Duration {
			row, err := b.store.Find(context.Background(), oauth.Token{UserName: name})
			if err != nil {
				t.Fatal(err)
			}
			made, source := b.sim.Counters().Refreshes, b.program().Source(oauth.Token{UserName: name})
			var at time.Duration
			b.passes(55*time.Minute, 30*time.Second, func() {
				if _, err := source.Token(context.Background()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if n := b.sim.Counters().Refreshes; n > made {
					made, at = n, time.Hour-time.Until(row.Expiry)
				}
			})
			return at.Round(time.Minute)
		}
		times := map[time.Duration]int{}
		for i := range 12 {
			name := fmt.Sprint("user", i)
			b.connect(k, "alice", name)
			first := due(name)
			if _, err := b.program().Refresh(context.Background(), oauth.Token{UserName: name}); err != nil {
				t.Fatal(err)
			}
			if second := due(name); (second - first).Abs() > time.Minute {
				t.Errorf("%s is refreshed after %v, and another time after %v", name, first, second)
			}
			times[first]++
		}
		if len(times) < 3 {
			t.Errorf("twelve users are refreshed at %v of their tokens' lives", times)
		}
		for at := range times {
			if at < 45*time.Minute || at > 51*time.Minute {
				t.Errorf("a refresh was made after %v", at)
			}
		}
	})
}

// Nothing is refreshed that nobody asks for.
func TestRefreshAheadStartsFromACall(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := b.program()
		b.connect(k, "alice", "alice")
		source := k.Source(oauth.Token{UserName: "alice"})
		if _, err := source.Token(context.Background()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		if n := b.sim.Counters().TokenRequests; n != 1 {
			t.Errorf("in five hours without a call Zoho was asked %d times", n-1)
		}
		if _, err := source.Token(context.Background()); err != nil {
			t.Error(err)
		}
		if n := b.sim.Counters().Refreshes; n != 1 {
			t.Errorf("a call after five hours made %d refreshes", n)
		}
	})
}

// While the token lives, a refresh ahead that fails is nobody's trouble, and is not
// repeated at every call.
func TestRefreshAheadFailsInSilence(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := b.program()
		old := b.connect(k, "alice", "alice")
		sources := b.callers(3, oauth.Token{UserName: "alice"})
		b.sim.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "refresh", Count: -1})
		b.passes(58*time.Minute, 10*time.Second, func() {
			for _, s := range sources {
				if got, err := s.Token(context.Background()); err != nil || got.AccessToken != old.AccessToken {
					t.Fatalf("%v before its end: %v, %v", time.Until(old.Expiry), got, err)
				}
			}
		})
		if n := b.sim.Counters().TokenRequests; n < 3 || n > 8 {
			t.Errorf("in a quarter of an hour Zoho was asked %d times, want a handful with growing pauses", n-1)
		}
		standings, _ := b.store.Standings(context.Background(), old.SideKey())
		if s := standings[old.SideKey()]; s.State != oauth.Failing || s.Failures < 2 {
			t.Errorf("there stands %s", s.Text())
		}
		b.sim.ClearFaults()
		time.Sleep(10 * time.Minute)
		for _, s := range sources {
			if got, err := s.Token(context.Background()); err != nil || got.AccessToken == old.AccessToken {
				t.Errorf("Zoho is back: %v, %v", got, err)
			}
		}
		if n := b.sim.Counters().Refreshes; n != 1 {
			t.Errorf("%d refreshes", n)
		}
	})
}

// Who does not want it does without, and short lives have a short time before their
// end.
func TestRefreshAheadCanBeSet(t *testing.T) {
	inBubble(t, func(b *bubble) {
		b.connect(b.program(), "alice", "alice")
		never := b.callers(1, oauth.Token{UserName: "alice"}, func(k *oauth.KeeperConfig) { k.Ahead = -1 })[0]
		b.passes(58*time.Minute, 10*time.Second, func() {
			if _, err := never.Token(context.Background()); err != nil {
				t.Fatal(err)
			}
		})
		if n := b.sim.Counters().Refreshes; n != 0 {
			t.Errorf("%d refreshes ahead, though there were to be none", n)
		}
		late := b.callers(1, oauth.Token{UserName: "alice"}, func(k *oauth.KeeperConfig) { k.Ahead = 3 * time.Minute })[0]
		if _, err := late.Token(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.passes(40*time.Second, 10*time.Second, func() {
			if _, err := late.Token(context.Background()); err != nil {
				t.Fatal(err)
			}
		})
		if n := b.sim.Counters().Refreshes; n != 1 {
			t.Errorf("less than two minutes before its end: %d refreshes, want one", n)
		}
	})
}

// Other programs notice a revocation when they look at the store again, half a
// minute later at the most while they are in use.
func TestOthersNoticeARevocation(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := b.program()
		b.connect(k, "alice", "alice")
		source := b.program().Source(oauth.Token{UserName: "alice"})
		if _, err := source.Token(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := k.Revoke(context.Background(), oauth.Token{UserName: "alice"}); err != nil {
			t.Fatal(err)
		}
		b.passes(30*time.Second, time.Second, func() { source.Token(context.Background()) })
		if got, err := source.Token(context.Background()); err == nil {
			t.Errorf("half a minute after a revocation: %v", got)
		}
	})
}

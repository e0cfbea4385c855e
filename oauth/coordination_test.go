package oauth_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// One program asks Zoho; all others wait for it and take what it brought.
//
// Defects: D16.
func TestOneProgramAsksAndTheOthersWait(t *testing.T) {
	r, q := newQueue(t)
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	var seen tally
	leader, g := r.program(q, seen.watched), newGate()
	leader.line.hook(g.pass, nil)
	led := r.asks(leader, oauth.Token{UserName: "alice"})
	g.reached(t)
	const followers = 5
	var asked []chan answered
	for range followers {
		asked = append(asked, r.asks(r.program(q, seen.watched), oauth.Token{UserName: "alice"}))
		<-q.waiting
	}
	close(g.open)
	want := <-led
	for _, a := range asked {
		if got := <-a; got.err != nil || got.token.AccessToken != want.token.AccessToken || got.token.AccessToken == old.AccessToken {
			t.Errorf("a follower got %v, %v; the leader %v, %v", got.token, got.err, want.token, want.err)
		}
	}
	r.wantMints(1, 1)
	for kind, n := range map[oauth.EventKind]int{
		oauth.EventLease: 1, oauth.EventSend: 1, oauth.EventMint: 1, oauth.EventSaved: 1, oauth.EventWait: followers, oauth.EventAdopt: followers,
	} {
		if got := seen.count(kind); got != n {
			t.Errorf("event %q was observed %d times, want %d", kind, got, n)
		}
	}
	if s := r.standing(old.SideKey()); len(s.Mints) != 1 || s.State != oauth.Usable {
		t.Errorf("there stands %s", s.Text())
	}
}

// A follower leaves as soon as the row has changed, lease or no lease: the holder
// may be slow to give it back, and an SDK takes none.
func TestFollowersLeaveWhenTheRowChanges(t *testing.T) {
	r, q := newQueue(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	leader, g := r.program(q), newGate()
	leader.line.hook(g.pass, nil)
	led := r.asks(leader, oauth.Token{UserName: "alice"})
	g.reached(t)
	follower := r.asks(r.program(q), oauth.Token{UserName: "alice"})
	<-q.waiting
	theirs := r.refreshAsSDK("alice")
	if got := <-follower; got.err != nil || got.token.AccessToken != theirs.AccessToken {
		t.Errorf("the follower got %v, %v; an SDK saved %v", got.token, got.err, theirs)
	}
	close(g.open)
	if got := <-led; got.err != nil {
		t.Error(got.err)
	}
}

// A holder that is gone holds nobody up for longer than its lease, and when it
// comes back it takes what stands there by then.
func TestAHolderThatHangsIsReplaced(t *testing.T) {
	r, q := newQueue(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	first, g := r.program(q), newGate()
	first.line.hook(nil, g.pass) // Zoho has made its token
	slow := r.asks(first, oauth.Token{UserName: "alice"})
	g.reached(t)
	second := r.asks(r.program(q), oauth.Token{UserName: "alice"})
	<-q.waiting
	r.sim.Advance(oauth.DefaultLease)
	quick := <-second
	if quick.err != nil {
		t.Fatal(quick.err)
	}
	r.wantMints(1, 2) // one, and one for the lease that ended too early
	close(g.open)
	if got := <-slow; got.err != nil || got.token.AccessToken != quick.token.AccessToken {
		t.Errorf("who was too slow got %v, %v; in the store stands %v", got.token, got.err, quick.token)
	}
	if all := r.all(); len(all) != 1 || all[0].AccessToken != quick.token.AccessToken {
		t.Errorf("stored: %v", all)
	}
	r.wantMints(1, 2)
}

// What the holder could not do, the others need not wait out: they are told at
// once, and Zoho is left in peace until the time that was set.
func TestAHolderThatFailsHoldsNobodyUp(t *testing.T) {
	r, q := newQueue(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	leader, g := r.program(q), newGate()
	leader.line.hook(func() error { g.pass(); return errors.New("no route to host") }, nil)
	led := r.asks(leader, oauth.Token{UserName: "alice"})
	g.reached(t)
	other := r.program(q)
	follower := r.asks(other, oauth.Token{UserName: "alice"})
	<-q.waiting
	close(g.open)
	for _, a := range []chan answered{led, follower} {
		if got := <-a; !errors.Is(got.err, oauth.ErrUnreachable) {
			t.Errorf("Token = %v, %v", got.token, got.err)
		}
	}
	if n := r.sim.Counters().TokenRequests; n != 1 { // the login
		t.Errorf("Zoho was asked %d times", n-1)
	}
	r.sim.Advance(3 * time.Second)
	if _, err := other.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("three seconds later: %v", err)
	}
	r.wantMints(1, 1)
}

// A holder whose own client secret is wrong says nothing of the others', who go on
// at once.
func TestAHolderWithAWrongSecretHoldsNobodyUp(t *testing.T) {
	r, q := newQueue(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	leader, g := r.program(q), newGate()
	leader.line.hook(g.pass, nil)
	wrong := oauth.Token{UserName: "alice", ClientSecret: oauth.NewSecret("wrong")}
	led := r.asks(leader, wrong)
	g.reached(t)
	follower := r.asks(r.program(q), oauth.Token{UserName: "alice"})
	<-q.waiting
	close(g.open)
	if got := <-led; !errors.Is(got.err, oauth.ErrClientConfig) && got.err != nil {
		t.Errorf("with the wrong secret: %v", got.err)
	}
	if got := <-follower; got.err != nil {
		t.Errorf("with the right secret: %v", got.err)
	}
	r.wantMints(1, 1)
	// And of the wrong one, others know. They are not stopped by what they need not ask.
	r.sim.Advance(2 * time.Hour)
	for range 3 {
		if _, err := r.program(nil).Token(r.ctx, wrong); !errors.Is(err, oauth.ErrClientConfig) {
			t.Errorf("with the wrong secret: %v", err)
		}
	}
	if n := r.sim.Counters().TokenErrors; n != 2 {
		t.Errorf("Zoho refused the wrong secret %d times, want once in each hour", n)
	}
}

// What one program learned of a credential, the next does not ask Zoho for again.
func TestWhatFailedIsKnownToEveryProgram(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails func(r *rig)
		want  error
		again time.Duration // when it may be asked again; 0: never
	}{
		{"consent withdrawn", func(r *rig) { r.sim.RevokeUser("alice@example.com") }, oauth.ErrReauthRequired, 0},
		{"throttled with 400", func(r *rig) { r.sim.Inject(failing(sim.FaultThrottle400, "refresh")) }, oauth.ErrThrottled, 10 * time.Minute},
		{"throttled with 200", func(r *rig) { r.sim.Inject(failing(sim.FaultThrottle200, "refresh")) }, oauth.ErrThrottled, 10 * time.Minute},
		{"an error page", func(r *rig) { r.sim.Inject(failing(sim.FaultHTML, "refresh")) }, oauth.ErrOutcomeUnknown, 15 * time.Second},
		{"an answer that is lost", func(r *rig) { r.sim.Inject(failing(sim.FaultDropAfter, "refresh")) }, oauth.ErrOutcomeUnknown, 15 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			old := r.connect("alice", "alice")
			r.sim.Advance(2 * time.Hour)
			c.fails(r)
			for i := range 4 {
				if _, err := r.program(nil).Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, c.want) {
					t.Errorf("program %d: %v, want %v", i+1, err, c.want)
				}
			}
			if n := r.sim.Counters().TokenRequests; n != 2 {
				t.Errorf("Zoho was asked %d times, want once", n-1)
			}
			s := r.standing(old.SideKey())
			if c.want == oauth.ErrThrottled {
				if s.State != oauth.Usable || s.Barred.Before(r.sim.Now().Add(9*time.Minute)) {
					t.Errorf("there stands %s", s.Text())
				}
			} else if s.State == oauth.Usable || s.Class != oauth.ClassOf(c.want) {
				t.Errorf("there stands %s", s.Text())
			}
			if c.again == 0 {
				r.sim.Advance(240 * time.Hour)
				_, err := r.program(nil).Token(r.ctx, oauth.Token{UserName: "alice"})
				var known *oauth.StandingError
				if !errors.As(err, &known) || known.State != oauth.Dead || !strings.Contains(err.Error(), "log in again") {
					t.Errorf("ten days later: %v", err)
				}
				if n := r.sim.Counters().TokenRequests; n != 2 {
					t.Error("ten days later Zoho was asked again")
				}
				return
			}
			r.sim.Advance(c.again - time.Second)
			if _, err := r.program(nil).Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, c.want) {
				t.Errorf("a second too early: %v", err)
			}
			r.sim.Advance(2 * time.Second)
			last := r.program(nil)
			if _, err := last.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
				t.Errorf("in time: %v", err)
			}
			last.Close() // the success is noted off the caller's path
			if s := r.standing(old.SideKey()); s.State != oauth.Usable || s.Failures != 0 {
				t.Errorf("after a success there stands %s", s.Text())
			}
		})
	}
}

// A new login is another credential, of which nothing bad is known.
func TestANewLoginClearsWhatFailed(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	r.sim.RevokeUser("alice@example.com")
	r.sim.Advance(2 * time.Hour)
	waiting := r.program(nil)
	if _, err := waiting.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Fatal(err)
	}
	again := r.connect("alice", "alice")
	for _, p := range []*program{waiting, r.program(nil)} {
		if got, err := p.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil || got.AccessToken != again.AccessToken {
			t.Errorf("after a new login: %v, %v", got, err)
		}
	}
	r.sim.Advance(2 * time.Hour)
	if _, err := waiting.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("a refresh after the new login: %v", err)
	}
	r.wantMints(2, 1)
}

// One code is exchanged once, however many programs bring it.
func TestOneExchangeForManyPrograms(t *testing.T) {
	r, q := newQueue(t)
	partial := r.code("alice")
	leader, g := r.program(q), newGate()
	leader.line.hook(g.pass, nil)
	led := r.asks(leader, partial)
	g.reached(t)
	var asked []chan answered
	for range 6 {
		asked = append(asked, r.asks(r.program(q), partial))
		<-q.waiting
	}
	close(g.open)
	want := <-led
	if want.err != nil {
		t.Fatal(want.err)
	}
	for _, a := range asked {
		if got := <-a; got.err != nil || got.token.AccessToken != want.token.AccessToken {
			t.Errorf("another program with the same code: %v, %v; want %v", got.token, got.err, want.token)
		}
	}
	if n := r.sim.Counters().TokenRequests; n != 1 {
		t.Errorf("one code was sent %d times", n)
	}
	if all := r.all(); len(all) != 1 {
		t.Errorf("stored: %v", all)
	}
}

// So is a code that they bring under a name, be it that they ask for the token or
// log the user in.
func TestOneExchangeForANamedLogin(t *testing.T) {
	r, q := newQueue(t)
	partial := r.code("alice")
	partial.UserName = "alice"
	leader, g := r.program(q), newGate()
	leader.line.hook(g.pass, nil)
	led := r.asks(leader, partial)
	g.reached(t)
	var asked []chan answered
	for i := range 6 {
		p := r.program(q)
		if i%2 == 0 {
			asked = append(asked, r.asks(p, partial))
		} else {
			out := make(chan answered, 1)
			go func() {
				token, err := p.Connect(r.ctx, oauth.Login{Token: partial})
				out <- answered{token, err}
			}()
			asked = append(asked, out)
		}
		<-q.waiting
	}
	close(g.open)
	want := <-led
	if want.err != nil {
		t.Fatal(want.err)
	}
	for _, a := range asked {
		if got := <-a; got.err != nil || got.token.RefreshToken != want.token.RefreshToken {
			t.Errorf("another program with the same code: %v, %v", got.token, got.err)
		}
	}
	if n := r.sim.Counters().TokenRequests; n != 1 {
		t.Errorf("one code was sent %d times", n)
	}
}

// ownClock is a store with a clock of its own.
type ownClock struct {
	*memory.Store
	now   func() time.Time
	asked atomic.Int32
}

func (s *ownClock) Now(context.Context) (time.Time, error) { s.asked.Add(1); return s.now(), nil }

// Two machines whose clocks are ten minutes apart go by the store's, and agree on
// when a token ends, down to the second.
func TestMachinesWhoseClocksDiffer(t *testing.T) {
	r := newRig(t)
	store := &ownClock{Store: r.store, now: r.sim.Now}
	machine := func(ahead time.Duration) *program {
		return r.program(store, func(k *oauth.KeeperConfig, a *oauth.AccountsConfig) {
			a.Now = func() time.Time { return r.sim.Now().Add(ahead) }
			k.Ahead = -1
		})
	}
	fast, slow := machine(5*time.Minute), machine(-5*time.Minute)
	login := r.code("alice")
	login.UserName = "alice"
	row, err := fast.Connect(r.ctx, oauth.Login{Token: login})
	if err != nil {
		t.Fatal(err)
	}
	alice := oauth.Token{UserName: "alice"}
	for i, maker := range []*program{fast, slow, fast} {
		if rest := row.Expiry.Sub(r.sim.Now()); (rest - time.Hour).Abs() > 5*time.Second {
			t.Errorf("token %d ends in %v by the store's clock, want an hour", i, rest)
		}
		r.sim.Advance(58 * time.Minute)
		for _, p := range []*program{fast, slow} {
			if got, err := p.Token(r.ctx, alice); err != nil || got.AccessToken != row.AccessToken {
				t.Errorf("token %d, two minutes before its end: %v, %v", i, got, err)
			}
		}
		r.wantMints(1, int64(i))
		r.sim.Advance(90 * time.Second)
		if row, err = maker.Token(r.ctx, alice); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*program{fast, slow} {
			if got, err := p.Token(r.ctx, alice); err != nil || got.AccessToken != row.AccessToken {
				t.Errorf("half a minute before its end token %d was replaced, and one has %v, %v", i, got, err)
			}
		}
		r.wantMints(1, int64(i+1))
	}
	if n := store.asked.Load(); n > 60 {
		t.Errorf("the store was asked %d times for its clock in three hours", n)
	}
}

// The store's clock decides when a lease ends, not the holder's.
func TestALeaseEndsByTheStoresClock(t *testing.T) {
	r, q := newQueue(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	ahead := func(_ *oauth.KeeperConfig, a *oauth.AccountsConfig) {
		a.Now = func() time.Time { return r.sim.Now().Add(10 * time.Minute) }
	}
	leader, g := r.program(q), newGate()
	leader.line.hook(g.pass, nil)
	led := r.asks(leader, oauth.Token{UserName: "alice"})
	g.reached(t)
	follower := r.asks(r.program(q, ahead), oauth.Token{UserName: "alice"})
	<-q.waiting
	close(g.open)
	want := <-led
	if got := <-follower; got.err != nil || got.token.AccessToken != want.token.AccessToken {
		t.Errorf("a follower whose clock is ahead: %v, %v", got.token, got.err)
	}
	r.wantMints(1, 1)
}

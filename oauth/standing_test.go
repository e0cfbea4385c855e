package oauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zohocrm/oauth"
)

// noon is when the tests of Standing begin.
func noon() time.Time { return time.Date(2031, time.March, 4, 12, 0, 0, 0, time.UTC) }

// book is a Standing that a test goes on with.
type book struct {
	*testing.T
	s   oauth.Standing
	now time.Time
}

func newBook(t *testing.T) *book { return &book{T: t, now: noon()} }

func (b *book) pass(d time.Duration) { b.now = b.now.Add(d) }

// takes wants the claim to be granted.
func (b *book) takes(c oauth.Claim) oauth.Lease {
	b.Helper()
	c.Owner = fmt.Sprint("owner ", b.s.Epoch+1)
	s, lease, err := b.s.Acquire(c, b.now)
	if err != nil {
		b.Fatalf("Acquire(%+v) of %s: %v", c, b.s.Text(), err)
	}
	b.s = s
	return lease
}

// is wants the claim to be refused in this way, and nothing to change.
func (b *book) is(want error, c oauth.Claim) error {
	b.Helper()
	s, lease, err := b.s.Acquire(c, b.now)
	if !errors.Is(err, want) || lease != (oauth.Lease{}) || s.Text() != b.s.Text() {
		b.Errorf("Acquire(%+v) of %s: %+v, %v; want %v", c, b.s.Text(), lease, err, want)
	}
	return err
}

func (b *book) settles(l oauth.Lease, kind oauth.OutcomeKind, err error) {
	b.s = b.s.Settle(l, oauth.Outcome{Kind: kind, Err: err}, b.now)
}

// The reasons for a refusal come in the order of what helps the caller most.
func TestWhyAClaimIsRefused(t *testing.T) {
	b := newBook(t)
	for range 9 {
		b.settles(b.takes(oauth.Claim{}), oauth.Minted, nil)
	}
	b.is(oauth.ErrThrottled, oauth.Claim{})
	held := b.takes(oauth.Claim{ByHand: true})
	b.is(oauth.ErrHeld, oauth.Claim{}) // its holder may be about to bring a token
	b.settles(held, oauth.Failed, &oauth.ThrottledError{RetryAt: b.now})
	var throttled *oauth.ThrottledError
	if err := b.is(oauth.ErrThrottled, oauth.Claim{}); !errors.As(err, &throttled) || !throttled.RetryAt.Equal(b.now.Add(10*time.Minute)) {
		t.Errorf("by Zoho's word: %v", err)
	}
	b.pass(10 * time.Minute)
	b.settles(b.takes(oauth.Claim{}), oauth.Failed, oauth.ErrUnreachable)
	b.is(oauth.ErrUnreachable, oauth.Claim{Forced: true})
	b.settles(b.takes(oauth.Claim{ByHand: true}), oauth.Failed, oauth.ErrReauthRequired)
	b.is(oauth.ErrReauthRequired, oauth.Claim{})
	b.settles(oauth.Lease{}, oauth.Withdrawn, nil)
	b.is(oauth.ErrReauthRequired, oauth.Claim{ByHand: true})
	b.pass(365 * 24 * time.Hour)
	b.is(oauth.ErrReauthRequired, oauth.Claim{ByHand: true})
}

// A lease lasts up to its end and not a moment longer.
func TestWhenALeaseEnds(t *testing.T) {
	b := newBook(t)
	for _, c := range []struct{ asked, want time.Duration }{{0, oauth.DefaultLease}, {time.Minute, time.Minute}} {
		lease := b.takes(oauth.Claim{Key: "key", For: c.asked, Offset: 3})
		if lease.Until.Sub(lease.Now) != c.want || !lease.Now.Equal(b.now) || lease.Key != "key" || lease.Offset != 3 {
			t.Errorf("For %v: %+v", c.asked, lease)
		}
		b.pass(c.want - time.Millisecond)
		var held *oauth.HeldError
		if err := b.is(oauth.ErrHeld, oauth.Claim{}); !errors.As(err, &held) || held.Rest != time.Millisecond {
			t.Errorf("a millisecond before its end: %v", err)
		}
		b.pass(time.Millisecond)
	}
	b.takes(oauth.Claim{})
}

// Pauses double up to ten minutes, but for what never left this machine.
func TestPausesGrow(t *testing.T) {
	for err, want := range map[error][]time.Duration{
		oauth.ErrUnreachable:    {2 * time.Second, 2 * time.Second, 2 * time.Second},
		oauth.ErrOutcomeUnknown: {15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute, 10 * time.Minute},
		oauth.ErrClientConfig:   {30 * time.Second, time.Minute, 2 * time.Minute},
		errors.New("anything"):  {15 * time.Second},
	} {
		b := newBook(t)
		for i, pause := range want {
			b.settles(b.takes(oauth.Claim{}), oauth.Failed, err)
			if b.s.Next.Sub(b.now) != pause || b.s.Failures != i+1 || !b.s.Since.Equal(noon()) {
				t.Errorf("%v, failure %d: %s; want a pause of %v", err, i+1, b.s.Text(), pause)
			}
			b.pass(pause - 1)
			if oauth.ClassOf(err) == oauth.ClassOf(oauth.ErrOutcomeUnknown) {
				b.is(oauth.ErrOutcomeUnknown, oauth.Claim{})
			} else {
				b.is(err, oauth.Claim{})
			}
			b.now = noon().Add(time.Duration(i+1) * time.Hour)
		}
	}
}

// What an earlier attempt learned is told with when, how often, and what to do.
func TestWhatAStandingSays(t *testing.T) {
	b := newBook(t)
	b.settles(b.takes(oauth.Claim{}), oauth.Failed, fmt.Errorf("refresh: %w", oauth.ErrOutcomeUnknown))
	err := b.is(oauth.ErrOutcomeUnknown, oauth.Claim{})
	for _, want := range []string{"accounts server gave no usable answer", "after 1 failure since 2031-03-04T12:00:00Z", "next attempt is at 2031-03-04T12:00:15Z"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	b.settles(oauth.Lease{}, oauth.Withdrawn, nil)
	err = b.is(oauth.ErrReauthRequired, oauth.Claim{})
	for _, want := range []string{"consent is needed again", "it was revoked", "since 2031-03-04T12:00:00Z", "log in again"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// An authorization code that has brought its token is not sent again, not even by
// hand; one that was refused may be, a little later.
func TestACodeIsSpent(t *testing.T) {
	b := newBook(t)
	b.settles(b.takes(oauth.Claim{}), oauth.Failed, oauth.ErrGrantExpired)
	b.is(oauth.ErrGrantExpired, oauth.Claim{})
	b.settles(b.takes(oauth.Claim{ByHand: true}), oauth.Spent, nil)
	if b.s.State != oauth.Used || b.s.Owner != "" || b.s.Failures != 0 || len(b.s.Mints) != 2 {
		t.Errorf("there stands %s", b.s.Text())
	}
	for _, c := range []oauth.Claim{{}, {ByHand: true}, {Forced: true}} {
		if err := b.is(oauth.ErrGrantExpired, c); !strings.Contains(err.Error(), "it was used") {
			t.Error(err)
		}
	}
	b.pass(time.Hour - 1)
	if b.s.Idle(b.now) {
		t.Error("a used code is forgotten within the hour")
	}
	b.pass(1)
	if !b.s.Idle(b.now) {
		t.Error("a used code is remembered for longer than an hour")
	}
}

// Each class has a word, by which it is found again; what has none is of unknown
// outcome.
func TestClassesHaveWords(t *testing.T) {
	words := map[string]bool{}
	for _, class := range []error{
		oauth.ErrReauthRequired, oauth.ErrGrantExpired, oauth.ErrClientConfig, oauth.ErrThrottled,
		oauth.ErrUnreachable, oauth.ErrRefused, oauth.ErrOutcomeUnknown,
	} {
		word := oauth.ClassOf(fmt.Errorf("wrapped: %w", class))
		if words[word] || word == "" {
			t.Errorf("%v has the word %q of another", class, word)
		}
		words[word] = true
		if class == oauth.ErrThrottled { // it is no failure of a credential
			continue
		}
		b := newBook(t)
		b.settles(b.takes(oauth.Claim{}), oauth.Failed, class)
		if b.s.Class != word {
			t.Errorf("%v is kept as %q", class, b.s.Class)
		}
		b.is(class, oauth.Claim{})
	}
	if word := oauth.ClassOf(errors.New("?")); word != oauth.ClassOf(oauth.ErrOutcomeUnknown) {
		t.Errorf("an unknown error is of class %q", word)
	}
	b := newBook(t)
	b.s = oauth.ParseStanding(`{"state":"failing","class":"of a later version","next":"2031-03-04T12:05:00Z"}`)
	b.is(oauth.ErrOutcomeUnknown, oauth.Claim{})
}

// What is idle may be forgotten, and nothing else.
func TestIdle(t *testing.T) {
	b := newBook(t)
	idle := func(want bool) {
		t.Helper()
		if b.s.Idle(b.now) != want {
			t.Errorf("%s is idle: %v", b.s.Text(), !want)
		}
	}
	idle(true)
	lease := b.takes(oauth.Claim{})
	idle(false)
	b.settles(lease, oauth.Minted, nil)
	idle(false) // the mint counts
	b.pass(10 * time.Minute)
	idle(true)
	b.settles(b.takes(oauth.Claim{For: time.Hour}), oauth.Released, nil)
	idle(true)
	b.takes(oauth.Claim{For: time.Hour})
	b.pass(59 * time.Minute)
	idle(false) // somebody has it
	b.pass(time.Minute)
	idle(true)
	b.settles(b.takes(oauth.Claim{}), oauth.Failed, &oauth.ThrottledError{})
	b.pass(10*time.Minute - 1)
	idle(false)
	b.pass(1)
	idle(true)
	b.settles(oauth.Lease{}, oauth.Joined, nil)
	b.pass(24 * time.Hour)
	idle(false)
	b.settles(oauth.Lease{}, oauth.Left, nil)
	idle(true)
	b.settles(b.takes(oauth.Claim{}), oauth.Failed, oauth.ErrReauthRequired)
	b.pass(29 * 24 * time.Hour)
	idle(false)
	b.settles(oauth.Lease{}, oauth.Withdrawn, nil)
	b.pass(29 * 24 * time.Hour)
	idle(false)
	b.pass(24 * time.Hour)
	idle(true)
}

// The text is what it was made from, small, and anything else counts as nothing.
func TestStandingText(t *testing.T) {
	b := newBook(t)
	b.now = b.now.Add(987 * time.Millisecond)
	for range 9 {
		b.settles(b.takes(oauth.Claim{}), oauth.Minted, nil)
		b.pass(3 * time.Millisecond)
	}
	b.settles(b.takes(oauth.Claim{ByHand: true, Forced: true}), oauth.Failed, &oauth.ThrottledError{})
	b.s.State, b.s.Class, b.s.Client = oauth.Failing, oauth.ClassOf(oauth.ErrReauthRequired), "sha256:000000000000"
	b.s.Since, b.s.Next, b.s.Failures = b.now, b.now, 12345
	b.s.Owner, b.s.Until = strings.Repeat("O", 26), b.now
	text := b.s.Text()
	if len(text) > 700 {
		t.Errorf("the text of a full standing has %d bytes: %s", len(text), text)
	}
	if back := oauth.ParseStanding(text); back.Text() != text {
		t.Errorf("%s comes back as %s", text, back.Text())
	}
	if text := (oauth.Standing{}).Text(); text != "{}" {
		t.Errorf("nothing is %s", text)
	}
	for _, odd := range []string{"", "null", "[]", `{"epoch":"one"}`, `{"epoch":3`, "\x00", strings.Repeat("[", 10_000)} {
		if s := oauth.ParseStanding(odd); s.Text() != "{}" {
			t.Errorf("ParseStanding(%.20q) = %s", odd, s.Text())
		}
	}
}

// Whatever is claimed and settled, by whomever, in whatever order:
// a refusal changes nothing; at most one lease is held; epochs go up; what is said
// by who has no lease any more is not heard; in any ten minutes no more than ten
// mints are given out, and nine without a person or a refusal; what was passed in
// is not changed; and the text loses nothing.
func TestStandingHoldsItsRules(t *testing.T) {
	outcomes := []error{
		oauth.ErrUnreachable, oauth.ErrOutcomeUnknown, oauth.ErrRefused, oauth.ErrClientConfig,
		oauth.ErrReauthRequired, oauth.ErrGrantExpired, &oauth.ThrottledError{},
	}
	type mint struct {
		at    time.Time
		epoch int64
		extra bool
	}
	rapid.Check(t, func(rt *rapid.T) {
		var s oauth.Standing
		var leases []oauth.Lease
		var mints []mint
		now := noon()
		for i := range rapid.IntRange(1, 60).Draw(rt, "steps") {
			before, text := s, s.Text()
			now = now.Add(time.Duration(rapid.IntRange(0, 120_000).Draw(rt, "ms")) * time.Millisecond)
			if len(leases) == 0 || rapid.Bool().Draw(rt, "claims") {
				c := oauth.Claim{
					Owner: fmt.Sprint("owner ", i), ByHand: rapid.Bool().Draw(rt, "by hand"), Forced: rapid.Bool().Draw(rt, "forced"),
					For:    time.Duration(rapid.IntRange(0, 60).Draw(rt, "seconds")) * time.Second,
					Client: rapid.SampledFrom([]string{"right", "wrong"}).Draw(rt, "client"),
				}
				next, lease, err := s.Acquire(c, now)
				if err != nil {
					if next.Text() != text {
						rt.Fatalf("refused with %v: %s became %s", err, text, next.Text())
					}
					var throttled *oauth.ThrottledError
					if errors.As(err, &throttled) && !throttled.RetryAt.After(now) {
						rt.Fatalf("at %v to be repeated at %v", now, throttled.RetryAt)
					}
					continue
				}
				if s.Owner != "" && now.Before(s.Until) || s.State == oauth.Ended || s.State == oauth.Used || lease.Epoch != s.Epoch+1 {
					rt.Fatalf("%+v was granted of %s", lease, text)
				}
				leases = append(leases, lease)
				mints = append(mints, mint{now, lease.Epoch, c.ByHand || c.Forced})
				s = next
			} else {
				l := rapid.SampledFrom(leases).Draw(rt, "lease")
				o := oauth.Outcome{Kind: oauth.OutcomeKind(rapid.IntRange(int(oauth.Released), int(oauth.Left)).Draw(rt, "kind"))}
				if (o.Kind == oauth.Withdrawn || o.Kind == oauth.Spent) && rapid.IntRange(0, 9).Draw(rt, "rarely") > 0 {
					continue // it ends everything
				}
				if o.Kind == oauth.Failed {
					o.Err = rapid.SampledFrom(outcomes).Draw(rt, "error")
				}
				own := s.Epoch == l.Epoch && s.Owner == l.Owner
				next := s.Settle(l, o, now)
				if !own && o.Kind <= oauth.Failed && next.Text() != text {
					rt.Fatalf("%+v is not held, and changed %s to %s", l, text, next.Text())
				}
				unsent := o.Kind == oauth.Released || errors.Is(o.Err, oauth.ErrUnreachable)
				if own && unsent {
					for j := range mints {
						if mints[j].epoch == l.Epoch {
							mints = append(mints[:j:j], mints[j+1:]...)
							break
						}
					}
				}
				if own && o.Kind <= oauth.Failed && next.Owner != "" {
					rt.Fatalf("after %+v there stands %s", o, next.Text())
				}
				s = next
			}
			if before.Text() != text {
				rt.Fatalf("what was passed in changed from %s to %s", text, before.Text())
			}
			if back := oauth.ParseStanding(s.Text()); back.Text() != s.Text() {
				rt.Fatalf("%s comes back as %s", s.Text(), back.Text())
			}
			recent, bySelf := 0, 0
			for _, m := range mints {
				if m.at.Add(10 * time.Minute).After(now) {
					recent++
					if !m.extra {
						bySelf++
					}
				}
			}
			if recent > 10 || bySelf > 9 {
				rt.Fatalf("in ten minutes %d mints, %d of them by programs: %s", recent, bySelf, s.Text())
			}
		}
	})
}

package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// State is how a credential stands.
type State string

// The states. All but the first last until the user logs in again, which makes
// another credential, or until a person asks for a refresh.
const (
	Usable  State = ""
	Failing State = "failing" // Standing.Class says how, Standing.Next when to try again
	Dead    State = "reauth"  // Zoho does not accept it any more: the user must consent again
	Ended   State = "revoked" // it was revoked here; Zoho may still have to be told
	Used    State = "used"    // an authorization code that has brought its token
)

// Zoho's limits, and ours below them (Zoho: token-limits).
const (
	mintWindow = 10 * time.Minute // in which
	mintLimit  = 10               // access tokens are made of one refresh token
	// One is left for a person.
	mintByItself = mintLimit - 1
	// forcedStep is the least time between mints for refused access tokens.
	forcedStep = time.Minute
)

// Standing is what a [Coordinator] keeps of one credential. Times are by the
// store's clock. It holds no secret.
type Standing struct {
	Epoch int64     `json:"epoch,omitzero"` // of the newest lease
	Owner string    `json:"owner,omitzero"` // who has it; empty: nobody
	Until time.Time `json:"until,omitzero"` // until when
	// Mints are when mints were reserved, those that Zoho still counts.
	Mints []time.Time `json:"mints,omitempty"`
	// Barred is until when Zoho refuses, by its own word.
	Barred time.Time `json:"barred,omitzero"`
	// Forced is when a mint was last made for an access token that Zoho refused.
	Forced time.Time `json:"forced,omitzero"`

	// Logins counts refresh tokens, under a key of its own: see [LoginsKey].
	Logins int `json:"logins,omitzero"`

	State    State     `json:"state,omitzero"`
	Class    string    `json:"class,omitzero"`    // of the last failure: see [ClassOf]
	Client   string    `json:"client,omitzero"`   // of a failure that blames the client secret: its fingerprint
	Failures int       `json:"failures,omitzero"` // in a row
	Since    time.Time `json:"since,omitzero"`    // when the state began
	Next     time.Time `json:"next,omitzero"`     // of Failing, and of Ended while Zoho has not been told: the next attempt
}

// Text is s as a store keeps it, at most some 700 bytes.
func (s Standing) Text() string {
	text, err := json.Marshal(s)
	if err != nil { // a year beyond 9999: nothing that a clock says
		return ""
	}
	return string(text)
}

// ParseStanding reads what [Standing.Text] gave. What cannot be read counts as
// nothing: losing it costs a request to Zoho and no token.
func ParseStanding(text string) Standing {
	var s Standing
	if json.Unmarshal([]byte(text), &s) != nil {
		return Standing{}
	}
	return s
}

// Acquire decides a claim. It answers what stands afterwards; with an error
// nothing changes.
func (s Standing) Acquire(c Claim, now time.Time) (Standing, Lease, error) {
	if err := s.refuses(c, now); err != nil {
		return s, Lease{}, err
	}
	length := c.For
	if length == 0 {
		length = DefaultLease
	}
	s.Epoch++
	s.Owner, s.Until = c.Owner, now.Add(length)
	s.Mints = append(s.recent(now), now)
	if c.Forced {
		s.Forced = now
	}
	return s, Lease{Key: c.Key, Owner: c.Owner, Epoch: s.Epoch, Now: now, Until: s.Until, Offset: c.Offset}, nil
}

// refuses is why a claim is not granted now. That a lease is held comes before
// the budget: its holder may be about to bring a token.
func (s Standing) refuses(c Claim, now time.Time) error {
	if s.State == Ended {
		return s.failure(ErrReauthRequired, "it was revoked")
	}
	if s.State == Used {
		return s.failure(ErrGrantExpired, "it was used")
	}
	if s.State == Dead && !c.ByHand {
		return s.failure(classNamed(s.Class), "Zoho does not accept it any more")
	}
	if s.Owner != "" && now.Before(s.Until) {
		return &HeldError{Rest: s.Until.Sub(now)}
	}
	if now.Before(s.Barred) {
		return &ThrottledError{RetryAt: s.Barred}
	}
	if s.State == Failing && !c.ByHand && now.Before(s.Next) && (s.Client == "" || s.Client == c.Client) {
		return s.failure(classNamed(s.Class), "the next attempt is at "+s.Next.UTC().Format(time.RFC3339))
	}
	if c.Forced && !c.ByHand && now.Before(s.Forced.Add(forcedStep)) {
		return &ThrottledError{RetryAt: s.Forced.Add(forcedStep)}
	}
	limit := mintByItself
	if c.ByHand || c.Forced {
		limit = mintLimit
	}
	if recent := s.recent(now); len(recent) >= limit {
		return &ThrottledError{RetryAt: recent[len(recent)-limit].Add(mintWindow)}
	}
	return nil
}

// failure repeats what an earlier attempt learned.
func (s Standing) failure(class error, detail string) error {
	return &StandingError{State: s.State, Class: class, Since: s.Since, Failures: s.Failures, detail: detail}
}

// recent are the mints that Zoho still counts.
func (s Standing) recent(now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(s.Mints), func(at time.Time) bool { return !now.Before(at.Add(mintWindow)) })
}

// Settle decides what stands after a lease has ended so. Of a lease that has
// passed to somebody else, nothing is recorded.
func (s Standing) Settle(l Lease, o Outcome, now time.Time) Standing {
	switch o.Kind {
	case Withdrawn:
		return s.end(o.Err, now)
	case Joined:
		s.Logins++
		return s
	case Left:
		s.Logins = max(0, s.Logins-1)
		return s
	}
	if s.Epoch != l.Epoch || s.Owner != l.Owner {
		return s
	}
	s.Owner, s.Until = "", time.Time{}
	switch o.Kind {
	case Released:
		if n := len(s.Mints); n > 0 {
			s.Mints = slices.Clone(s.Mints[:n-1])
		}
		if s.Forced.Equal(l.Now) {
			s.Forced = time.Time{}
		}
	case Minted:
		return s.cleared()
	case Spent:
		s = s.cleared()
		s.State, s.Since = Used, now
	case Failed:
		s = s.fail(o, now)
	}
	return s
}

func (s Standing) cleared() Standing {
	s.State, s.Class, s.Client, s.Failures, s.Since, s.Next = Usable, "", "", 0, time.Time{}, time.Time{}
	return s
}

func (s Standing) fail(o Outcome, now time.Time) Standing {
	var throttled *ThrottledError
	if errors.As(o.Err, &throttled) {
		// It is no failure of the credential. Zoho says nothing about when it ends:
		// ten minutes after the first of the mints that it counts, or, if others whom
		// we do not see made them, after its answer.
		s.Barred = now.Add(mintWindow)
		return s
	}
	if n := len(s.Mints); n > 0 && errors.Is(o.Err, ErrUnreachable) {
		s.Mints = slices.Clone(s.Mints[:n-1]) // nothing was sent
	}
	if s.State == Dead && !errors.Is(o.Err, ErrReauthRequired) {
		s.Failures++ // a person tried in vain: that says nothing new
		return s
	}
	if s.State == Usable {
		s.Since = now
	}
	s.State, s.Class, s.Client = Failing, ClassOf(o.Err), ""
	s.Failures++
	s.Next = now.Add(pause(o.Err, s.Failures))
	switch {
	case errors.Is(o.Err, ErrReauthRequired):
		s.State, s.Since, s.Next = Dead, now, time.Time{}
	case errors.Is(o.Err, ErrClientConfig):
		s.Client = o.Client
	}
	return s
}

// end marks a credential as revoked, and takes its lease from whoever has it.
func (s Standing) end(err error, now time.Time) Standing {
	if s.State != Ended {
		s = s.cleared()
		s.State, s.Since = Ended, now
		s.Epoch++
	}
	s.Owner, s.Until, s.Class, s.Next = "", time.Time{}, "", time.Time{}
	if err != nil {
		s.Class = ClassOf(err)
		s.Failures++
		s.Next = now.Add(pause(err, s.Failures))
	}
	return s
}

// Pauses after a request that failed, doubled with each failure in a row.
const (
	pauseUnreachable = 2 * time.Second  // nothing left this machine; another one may have better luck
	pauseUnknown     = 15 * time.Second // a token may have been made
	pauseHopeless    = 30 * time.Second // only a person can mend it
	pauseLongest     = 10 * time.Minute
)

func pause(err error, failures int) time.Duration {
	first := pauseUnknown
	switch {
	case errors.Is(err, ErrUnreachable):
		return pauseUnreachable
	case errors.Is(err, ErrClientConfig), errors.Is(err, ErrMismatch), errors.Is(err, ErrGrantExpired):
		first = pauseHopeless
	}
	return min(first<<min(failures-1, 10), pauseLongest)
}

// StandingError repeats what an earlier attempt with the same credential, perhaps
// of another program, learned. Zoho was not asked again.
type StandingError struct {
	State    State
	Class    error // what errors.Is finds: [ErrReauthRequired] and so on
	Since    time.Time
	Failures int
	detail   string
}

func (e *StandingError) Error() string {
	what := e.Class.Error() + ": " + e.detail
	if e.State == Failing {
		times := "1 failure"
		if e.Failures > 1 {
			times = fmt.Sprintf("%d failures", e.Failures)
		}
		return fmt.Sprintf("%s, after %s since %s", what, times, e.Since.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("%s, since %s: log in again", what, e.Since.UTC().Format(time.RFC3339))
}

// Unwrap gives the class.
func (e *StandingError) Unwrap() error { return e.Class }

// classes are the words under which classes of failures are kept.
var classes = []struct {
	name string
	err  error
}{
	{"reauth-required", ErrReauthRequired}, {"grant-expired", ErrGrantExpired}, {"client-config", ErrClientConfig},
	{"throttled", ErrThrottled}, {"unreachable", ErrUnreachable}, {"refused", ErrRefused}, {"outcome-unknown", ErrOutcomeUnknown},
}

// ClassOf is the word for the class of a failure, as it is kept and shown:
// "reauth-required", "client-config", "unreachable", "outcome-unknown" and so on.
func ClassOf(err error) string {
	for _, c := range classes {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	return "outcome-unknown"
}

func classNamed(name string) error {
	for _, c := range classes {
		if c.name == name {
			return c.err
		}
	}
	return ErrOutcomeUnknown
}

// keepState is how long a state is kept, beyond which asking Zoho once more does
// no harm: an official SDK that rewrites a file from what it read long ago brings
// revoked rows back. A code is dead at Zoho after minutes.
const (
	keepState = 30 * 24 * time.Hour
	keepUsed  = time.Hour
)

// Idle reports that nothing of s matters any more at this time, so that a store
// may forget it: no lease, no mint that counts, no state.
func (s Standing) Idle(now time.Time) bool {
	keep := keepState
	switch s.State {
	case Usable:
		keep = 0
	case Used:
		keep = keepUsed
	}
	return s.Logins == 0 && !now.Before(s.Since.Add(keep)) && !now.Before(s.Until) && !now.Before(s.Barred) && len(s.recent(now)) == 0
}

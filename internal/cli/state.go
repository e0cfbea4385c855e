package cli

import (
	"context"
	"slices"
	"time"

	"zohocrm/oauth"
)

// standingsAtOnce is how many keys a store is asked for in one go.
const standingsAtOnce = 500

// standings gives what the store remembers of each token, by [oauth.Token.SideKey];
// nothing where the store remembers nothing.
func standings(ctx context.Context, store oauth.Store, all []oauth.Token) (map[string]oauth.Standing, error) {
	known := make(map[string]oauth.Standing)
	c, ok := oauth.CoordinatorOf(store)
	if !ok {
		return known, nil
	}
	for some := range slices.Chunk(all, standingsAtOnce) {
		keys := make([]string, len(some))
		for i, t := range some {
			keys[i] = t.SideKey()
		}
		found, err := c.Standings(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for key, s := range found {
			known[key] = s
		}
	}
	return known, nil
}

// stateView is how a token stands, as --json prints it.
type stateView struct {
	State       string `json:"state"` // ok, failing, reauth or revoked
	Class       string `json:"state_class,omitempty"`
	Since       string `json:"state_since,omitempty"`
	Failures    int    `json:"failures,omitempty"`
	NextAttempt string `json:"next_attempt,omitempty"`
}

func stateViewOf(s oauth.Standing) stateView {
	return stateView{State: stateWord(s), Class: s.Class, Since: rfc3339(s.Since), Failures: s.Failures, NextAttempt: rfc3339(s.Next)}
}

func stateWord(s oauth.Standing) string {
	if s.State == oauth.Usable {
		return "ok"
	}
	return string(s.State)
}

// stateLine says how a token stands, in a cell of a table.
func stateLine(s oauth.Standing, now time.Time) string {
	switch s.State {
	case oauth.Dead:
		return "log in again"
	case oauth.Ended:
		if s.Next.IsZero() {
			return "revoked"
		}
		return "revoked; Zoho not told yet"
	case oauth.Failing:
		line := "failing: " + s.Class
		if wait := s.Next.Sub(now); wait > 0 {
			line += ", next try in " + spell(wait.Round(time.Second))
		}
		return line
	}
	if now.Before(s.Barred) {
		return "throttled for " + spell(s.Barred.Sub(now).Round(time.Second))
	}
	return "ok"
}

package check

import (
	"context"

	"zohocrm/oauth"
)

// standingsAtOnce is how many tokens a store is asked about in one go.
const standingsAtOnce = 500

// standings finds out what a store remembers of Zoho's answers, where it is an
// [oauth.Coordinator].
type standings struct {
	coordinator oauth.Coordinator // nil: there is none
	waiting     []oauth.Token     // those that have not been asked about

	dead, failing, untold tally
}

func newStandings(store oauth.Store) *standings {
	c, _ := oauth.CoordinatorOf(store)
	return &standings{coordinator: c}
}

func (s *standings) add(ctx context.Context, t oauth.Token) error {
	if s.coordinator == nil || t.SideKey() == "" {
		return nil
	}
	if s.waiting = append(s.waiting, t); len(s.waiting) < standingsAtOnce {
		return nil
	}
	return s.ask(ctx)
}

// ask looks at the tokens that wait.
func (s *standings) ask(ctx context.Context) error {
	if len(s.waiting) == 0 {
		return nil
	}
	keys := make([]string, len(s.waiting))
	for i, t := range s.waiting {
		keys[i] = t.SideKey()
	}
	known, err := s.coordinator.Standings(ctx, keys...)
	if err != nil {
		return err
	}
	for i, t := range s.waiting {
		switch standing := known[keys[i]]; standing.State {
		case oauth.Dead:
			s.dead.add(named(t, ""))
		case oauth.Failing:
			s.failing.add(named(t, standing.Class))
		case oauth.Ended:
			s.untold.add(named(t, ""))
		}
	}
	s.waiting = s.waiting[:0]
	return nil
}

func (s *standings) findings() []Finding {
	var all []Finding
	for _, f := range []struct {
		tally
		Finding
	}{
		{s.dead, Finding{Failure, "needs-login", "Zoho does not accept it any more", again}},
		{s.failing, Finding{Warning, "refresh-fails", "the last refresh failed", "see why: zcrm token refresh --id ID"}},
		{s.untold, Finding{Warning, "revoke-unfinished", "it was revoked here and is still stored, so Zoho may not have been told", "repeat it: zcrm token revoke --id ID"}},
	} {
		if f.n > 0 {
			all = append(all, f.finding(f.Finding))
		}
	}
	return all
}

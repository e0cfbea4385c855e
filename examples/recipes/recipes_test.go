package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/examples/recipes"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// A run that failed begins where it began the next time.
func TestNightlyKeepsItsPlace(t *testing.T) {
	zoho := newStandIn()
	defer zoho.Close()
	store := memory.New(memory.Config{})
	cfg := zoho.config(store)
	cfg.Token.UserName = zoho.connected(store, "").UserName
	since := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	full := errors.New("the disk is full")
	next, err := recipes.Nightly(t.Context(), cfg, since, func(crm.Record) error { return full })
	if !errors.Is(err, full) || !next.Equal(since) || recipes.ExitCode(err) != 1 {
		t.Errorf("%v, %v", next, err)
	}
	zoho.Inject(sim.Fault{Kind: sim.FaultTooMany, Match: "api", Count: 10})
	next, err = recipes.Nightly(t.Context(), cfg, since, nil)
	if !next.Equal(since) || recipes.ExitCode(err) != 75 {
		t.Errorf("throttled: %v, %v", next, err)
	}
}

func TestExitCode(t *testing.T) {
	for err, want := range map[error]int{
		nil:                       0,
		errors.New("x"):           1,
		oauth.ErrReauthRequired:   78,
		oauth.ErrStoreUnavailable: 75,
		context.DeadlineExceeded:  75,
		&oauth.ThrottledError{}:   75,
		crm.ErrScope:              78,
	} {
		if err != nil {
			err = fmt.Errorf("wrapped: %w", err)
		}
		if got := recipes.ExitCode(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

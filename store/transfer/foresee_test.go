package transfer_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/transfer"
)

// choosy is a store that says which tokens it would refuse.
type choosy struct {
	oauth.Store
	check func(oauth.Token) error
}

func (s choosy) Check(t oauth.Token) error { return s.check(t) }

// A dry run refuses what the target says that it would refuse, of what it would be
// given: the source's token laid over the target's. What concerns more than one token
// ends it.
func TestDryRunForesees(t *testing.T) {
	there := user(3)
	there.RedirectURL = "https://example.com/old"
	from, to := filled(t, users(1, 4)...), filled(t, there)
	refused := &oauth.ValueError{Column: "user_name", Reason: "it is too long"}
	var asked atomic.Int64
	target := choosy{to, func(t oauth.Token) error {
		asked.Add(1)
		if t.UserName == "user1" {
			return refused
		}
		return nil
	}}
	report, err := transfer.Copy(t.Context(), from, target, transfer.Config{DryRun: true})
	var incomplete *transfer.IncompleteError
	if !errors.As(err, &incomplete) || !errors.Is(err, oauth.ErrInvalidValue) || report.Inserted != 1 || report.Updated != 1 || len(report.Refused) != 1 {
		t.Errorf("%v: %v", report, err)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("it was asked about %d tokens", n)
	}
	if n := len(all(t, to)); n != 1 {
		t.Errorf("the dry run left %d tokens", n)
	}
	target.check = func(oauth.Token) error { return oauth.ErrStoreUnavailable }
	if report, err := transfer.Copy(t.Context(), from, target, transfer.Config{DryRun: true}); !errors.Is(err, oauth.ErrStoreUnavailable) || report.Read != 0 {
		t.Errorf("%v: %v", report, err)
	}
}

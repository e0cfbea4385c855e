package recipes

import (
	"context"
	"errors"
	"time"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/oauth"
)

// Nightly hands on the leads that were changed since the last run, and answers the
// time to give as since in the next one: when this run began, by this machine's
// clock, less a quarter of an hour for clocks that differ. Keep it only if there
// was no error; a lead may come twice, and none is passed over.
func Nightly(ctx context.Context, cfg zohocrm.Config, since time.Time, each func(crm.Record) error) (next time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute) // before the next run begins
	defer cancel()
	next = time.Now().Add(-15 * time.Minute)
	client, err := zohocrm.New(ctx, cfg)
	if err != nil {
		return since, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	leads := client.CRM.Records.List(ctx, "Leads", &crm.ListOptions{
		Fields: []string{"Last_Name", "Company", "Modified_Time"}, ModifiedSince: since,
	})
	for lead, err := range leads {
		if errors.Is(err, crm.ErrNotModified) {
			return next, nil
		}
		if err == nil {
			err = each(lead)
		}
		if err != nil {
			return since, err
		}
	}
	return next, nil
}

// ExitCode tells cron, systemd or a job queue what to do (sysexits.h): 0 is fine, 75
// is worth a repetition, 78 needs a person, 1 is anything else.
func ExitCode(err error) int {
	for _, class := range []struct {
		code int
		of   []error
	}{
		{78, []error{oauth.ErrReauthRequired, oauth.ErrNotFound, oauth.ErrClientConfig, crm.ErrScope, crm.ErrPermission}},
		{75, []error{oauth.ErrThrottled, oauth.ErrUnreachable, oauth.ErrOutcomeUnknown, oauth.ErrStoreUnavailable,
			crm.ErrThrottled, crm.ErrUnavailable, context.DeadlineExceeded}},
	} {
		for _, kind := range class.of {
			if errors.Is(err, kind) {
				return class.code
			}
		}
	}
	if err != nil {
		return 1
	}
	return 0
}

package crm

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RenewalConfig says how watches are kept alive.
type RenewalConfig struct {
	// Watches are the channels; their Expiry is not looked at. Required.
	Watches []Watch
	// Life is how long a watch is asked to live each time. 0, or more than
	// that: MaxWatchLife less an hour, since clocks differ.
	Life time.Duration
	// Renewed is told when the watches were enabled or renewed, and until when
	// they live now. nil: nobody is.
	Renewed func(until time.Time)
	// Failed is told of each failure; another try follows, earlier than usual.
	// nil: nobody is.
	Failed func(error)
}

// Keep enables watches and renews them after half of their life, until ctx ends,
// whose error it returns. A watch that expired meanwhile, because Zoho or this
// program was away, is enabled again. Failures are tried again after a minute
// and then ever later, up to an hour; only a scope that is missing, a token that
// is refused and watches that are wrong end it.
//
// It runs in the caller's goroutine. The watches stay open when it ends: close
// them by [NotificationsService.Disable].
//
// POST and PATCH /crm/v8/actions/watch, scopes ZohoCRM.notifications.CREATE and
// .UPDATE (Zoho: notifications/enable, notifications/update-info).
func (s *NotificationsService) Keep(ctx context.Context, cfg RenewalConfig) error {
	if len(cfg.Watches) == 0 {
		return errors.New("crm: there are no Watches to keep")
	}
	if longest := MaxWatchLife - time.Hour; cfg.Life <= 0 || cfg.Life > longest {
		cfg.Life = longest
	}
	open, failures := false, 0
	for {
		until, err := s.keepOnce(ctx, cfg, open)
		wait := cfg.Life / 2
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrScope), errors.Is(err, ErrInvalidToken), errors.Is(err, errWatch):
			return err
		case err != nil:
			if cfg.Failed != nil {
				cfg.Failed(err)
			}
			// What exactly failed is not known, so all are enabled again.
			open, wait = false, min(time.Minute<<min(failures, 6), time.Hour, cfg.Life/4)
			failures++
		default:
			if cfg.Renewed != nil {
				cfg.Renewed(until)
			}
			open, failures = true, 0
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// errWatch: the watches themselves are wrong.
var errWatch = errors.New("the watch is not valid")

// keepOnce enables watches, or renews those that are open.
func (s *NotificationsService) keepOnce(ctx context.Context, cfg RenewalConfig, open bool) (until time.Time, err error) {
	now := s.client.now()
	until = now.Add(cfg.Life)
	watches := make([]Watch, len(cfg.Watches))
	for i, w := range cfg.Watches {
		w.Expiry = until
		if err := w.check(now); err != nil {
			return until, fmt.Errorf("crm: watch %d: %w: %w", i, errWatch, err)
		}
		watches[i] = w
	}
	if open {
		_, err = s.Renew(ctx, watches...)
		if !errors.Is(err, ErrNotSubscribed) {
			return until, err
		}
	}
	_, err = s.Enable(ctx, watches...)
	return until, err
}

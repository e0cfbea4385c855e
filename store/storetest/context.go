package storetest

import (
	"context"
	"errors"
	"time"

	"zohocrm/oauth"
)

func contextChecks() []check {
	return []check{
		{name: "ContextEnded", run: contextEnded},
		{name: "NoGoroutineLeft", run: noGoroutineLeft},
	}
}

// contextEnded: a context that is over stops every method before it does anything.
func contextEnded(f *fixture) {
	row := f.save(filled("alice"))
	cancelled, cancel := context.WithCancel(f.ctx)
	cancel()
	late, stop := context.WithDeadline(f.ctx, time.Unix(1, 0))
	defer stop()
	for _, c := range []struct {
		ctx  context.Context
		want error
	}{{cancelled, context.Canceled}, {late, context.DeadlineExceeded}} {
		for method, err := range f.everyMethod(c.ctx, row) {
			if !errors.Is(err, c.want) {
				f.Errorf("%s with an ended context: %v; want %q", method, err, c.want)
			}
		}
		f.holds(row)
	}
	f.save(filled("alice"))
}

// everyMethod calls each method once and gives their errors.
func (f *fixture) everyMethod(ctx context.Context, row oauth.Token) map[string]error {
	errs := map[string]error{}
	_, errs["Find"] = f.s.Find(ctx, oauth.Token{UserName: row.UserName})
	_, errs["Get"] = f.s.Get(ctx, row.ID)
	_, errs["Save as an insert"] = f.s.Save(ctx, filled("bob"))
	_, errs["Save as an update"] = f.s.Save(ctx, oauth.Token{ID: row.ID, AccessToken: secret("new")})
	errs["Delete"] = f.s.Delete(ctx, row.ID, "")
	_, errs["List"] = oauth.All(ctx, f.s)
	errs["DeleteAll"] = f.s.DeleteAll(ctx)
	if prober, ok := oauth.ProberOf(f.raw); ok {
		errs["Probe"] = prober.Probe(ctx)
	}
	return errs
}

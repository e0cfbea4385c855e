// Package prometheus counts what a Keeper does, as Prometheus metrics. Make one
// Observer for a program and give it to every Keeper:
//
//	observer, err := prometheus.New(prometheus.Config{Registerer: registry})
//	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{Observer: observer, ...})
//
// Its metrics carry no user name, no client and no token, so their number does
// not grow with the users:
//
//	zohocrm_token_mints_total                     tokens that Zoho issued to this program
//	zohocrm_token_adoptions_total                 refreshes that another program had done already
//	zohocrm_token_failures_total{class}           requests to the accounts server that brought none
//	zohocrm_token_throttles_total                 times that the budget of ten mints in ten minutes was spent
//	zohocrm_token_reauths_total                   times that a user has to consent again
//	zohocrm_token_logins_total                    users who logged in
//	zohocrm_token_revocations_total{result}       users who were revoked; result is ok or failed
//	zohocrm_token_save_failures_total             tokens that Zoho issued and the store did not take
//	zohocrm_token_seconds{step}                   histogram of what takes time: lease, wait, mint, save
package prometheus

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"zohocrm/oauth"
)

// Config says where the metrics are registered.
type Config struct {
	// Registerer takes the metrics; nil is prometheus.DefaultRegisterer.
	Registerer prometheus.Registerer
}

// Observer is an [oauth.Observer]. It is safe for concurrent use.
type Observer struct {
	mints, adoptions, throttles, reauths, logins, unsaved prometheus.Counter
	failures, revocations                                 *prometheus.CounterVec
	seconds                                               *prometheus.HistogramVec
}

var _ oauth.Observer = (*Observer)(nil)

// New registers the metrics. Its error is that of the Registerer: most likely they
// are registered already.
func New(cfg Config) (*Observer, error) {
	if cfg.Registerer == nil {
		cfg.Registerer = prometheus.DefaultRegisterer
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "zohocrm_token_" + name + "_total", Help: help})
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zohocrm_token_" + name + "_total", Help: help}, []string{label})
	}
	o := &Observer{
		mints:       counter("mints", "Tokens that Zoho issued to this program."),
		adoptions:   counter("adoptions", "Refreshes that another program had done already."),
		throttles:   counter("throttles", "Times that the budget of mints was spent, or that Zoho said so."),
		reauths:     counter("reauths", "Times that a user has to consent again."),
		logins:      counter("logins", "Users who logged in."),
		unsaved:     counter("save_failures", "Tokens that Zoho issued and the store did not take."),
		failures:    vector("failures", "Requests to the accounts server that brought no token.", "class"),
		revocations: vector("revocations", "Users who were revoked at Zoho.", "result"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zohocrm_token_seconds", Help: "How long the steps of a refresh take.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 12), // half a millisecond to 12 s
		}, []string{"step"}),
	}
	var failed []error
	for _, c := range []prometheus.Collector{
		o.mints, o.adoptions, o.throttles, o.reauths, o.logins, o.unsaved, o.failures, o.revocations, o.seconds,
	} {
		failed = append(failed, cfg.Registerer.Register(c))
	}
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	return o, nil
}

// Observe implements [oauth.Observer].
func (o *Observer) Observe(_ context.Context, e oauth.Event) {
	switch e.Kind {
	case oauth.EventMint:
		o.mints.Inc()
	case oauth.EventAdopt:
		o.adoptions.Inc()
	case oauth.EventThrottle:
		o.throttles.Inc()
	case oauth.EventReauth:
		o.reauths.Inc()
	case oauth.EventLogin:
		o.logins.Inc()
	case oauth.EventFail:
		o.failures.WithLabelValues(oauth.ClassOf(e.Err)).Inc()
	case oauth.EventSaved:
		if e.Err != nil {
			o.unsaved.Inc()
		}
	case oauth.EventRevoke:
		result := "ok"
		if e.Err != nil {
			result = "failed"
		}
		o.revocations.WithLabelValues(result).Inc()
	}
	if step, ok := steps[e.Kind]; ok && e.Err == nil {
		o.seconds.WithLabelValues(step).Observe(e.Duration.Seconds())
	}
}

// steps are the events whose Duration is worth a histogram.
var steps = map[oauth.EventKind]string{
	oauth.EventLease: "lease", oauth.EventWait: "wait", oauth.EventMint: "mint", oauth.EventSaved: "save",
}

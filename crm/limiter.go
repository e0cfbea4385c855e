package crm

import "context"

// Edition is the edition of Zoho CRM that an organisation has.
type Edition string

// The editions, by which Zoho bounds the calls at once (Zoho: api-limits).
const (
	Free         Edition = "Free"         // 5 calls at once
	Standard     Edition = "Standard"     // 10
	Professional Edition = "Professional" // 15
	Enterprise   Edition = "Enterprise"   // 20; Zoho One too
	Ultimate     Edition = "Ultimate"     // 25
)

func (e Edition) calls() int {
	switch e {
	case Free:
		return 5
	case Professional:
		return 15
	case Enterprise:
		return 20
	case Ultimate:
		return 25
	}
	return 10
}

// LimiterConfig says how many calls may run at once.
type LimiterConfig struct {
	// Edition is the organisation's. "" or another word: Standard.
	Edition Edition
	// Calls is the number of calls at once. 0: by Edition.
	Calls int
	// Heavy is how many of them may be heavy: COQL, lists of a custom view or
	// sorted ones, writes of more than ten records, lead conversion, mail.
	// 0: 10.
	Heavy int
}

// Limiter makes calls wait instead of having Zoho refuse them: it bounds those
// that run at once. Zoho counts by organisation and application, so the clients
// of all users of one organisation share a Limiter. Make it with [NewLimiter];
// it is safe for concurrent use and needs no closing.
type Limiter struct{ all, heavy chan struct{} }

// NewLimiter returns a Limiter for one organisation.
func NewLimiter(cfg LimiterConfig) *Limiter {
	if cfg.Calls <= 0 {
		cfg.Calls = cfg.Edition.calls()
	}
	if cfg.Heavy <= 0 {
		cfg.Heavy = 10
	}
	return &Limiter{all: make(chan struct{}, cfg.Calls), heavy: make(chan struct{}, cfg.Heavy)}
}

// acquire waits for a place, or for the context. The places of heavy calls are
// taken first, so that a heavy call which waits for one holds nobody else up.
func (l *Limiter) acquire(ctx context.Context, heavy bool) (release func(), err error) {
	places := [2]chan struct{}{l.heavy, l.all}
	from := 0
	if !heavy {
		from = 1
	}
	for i := from; i < len(places); i++ {
		select {
		case places[i] <- struct{}{}:
		case <-ctx.Done():
			if i > from {
				<-l.heavy
			}
			return nil, ctx.Err()
		}
	}
	return func() {
		<-l.all
		if heavy {
			<-l.heavy
		}
	}, nil
}

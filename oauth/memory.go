package oauth

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// cooling remembers what failed and until when it makes no sense to repeat it.
type cooling struct {
	mu    sync.Mutex
	until map[string]failure
}

type failure struct {
	err   error
	until time.Time
}

// maxCold bounds the memory: beyond it, what is over is swept, and if nothing is
// over, everything.
const maxCold = 10_000

// Pauses after a request that failed, so that callers do not turn into a storm.
// Zoho gives ten access tokens in ten minutes and says nothing about waiting.
const (
	pauseUnreachable = 2 * time.Second  // nothing left this machine
	pauseUnknown     = 15 * time.Second // a token may have been made
	pauseHopeless    = 30 * time.Second // only a person can mend it
)

// pauseAfter is how long a failure is remembered.
func pauseAfter(err error, now time.Time) time.Duration {
	var throttled *ThrottledError
	switch {
	case errors.As(err, &throttled):
		return throttled.RetryAt.Sub(now)
	case errors.Is(err, ErrUnreachable):
		return pauseUnreachable
	case errors.Is(err, ErrReauthRequired), errors.Is(err, ErrGrantExpired), errors.Is(err, ErrClientConfig), errors.Is(err, ErrMismatch):
		return pauseHopeless
	}
	return pauseUnknown
}

// coldKey is what a failure is remembered of: a wrong client secret says nothing
// about a caller who has the right one.
func coldKey(t Token, err error) string {
	if errors.Is(err, ErrClientConfig) {
		return t.SideKey() + t.ClientSecret.Hash() + t.ClientID
	}
	return t.SideKey()
}

// cool remembers that a request with t's credential failed.
func (k *Keeper) cool(t Token, err error) {
	now := k.now()
	k.cooling.set(coldKey(t, err), failure{err, now.Add(pauseAfter(err, k.accounts.Now()))}, now)
}

// cooled answers the failure that still holds for t's credential.
func (k *Keeper) cooled(t Token) error {
	now := k.now()
	if err := k.cooling.get(coldKey(t, nil), now); err != nil {
		return err
	}
	return k.cooling.get(coldKey(t, ErrClientConfig), now)
}

func (c *cooling) set(key string, f failure, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.until) >= maxCold {
		for key, f := range c.until {
			if !now.Before(f.until) {
				delete(c.until, key)
			}
		}
	}
	if c.until == nil || len(c.until) >= maxCold {
		c.until = make(map[string]failure)
	}
	c.until[key] = f
}

func (c *cooling) get(key string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.until[key]
	if !ok || now.Before(f.until) {
		return f.err
	}
	delete(c.until, key)
	return nil
}

// once reports true the first time it is asked for key in a while.
func (c *cooling) once(key string, now time.Time, a time.Duration) bool {
	if c.get(key, now) != nil {
		return false
	}
	c.set(key, failure{errDone, now.Add(a)}, now)
	return true
}

// errDone stands for something that need not be repeated yet.
var errDone = errors.New("done")

func (c *cooling) clear(t Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.until, coldKey(t, nil))
	delete(c.until, coldKey(t, ErrClientConfig))
}

// unsaved holds, by [Token.SideKey], the tokens that Zoho issued and the store
// did not take, until it does. They belong to the Keeper: callers may have left.
type unsaved struct {
	mu     sync.Mutex
	tokens map[string]Token
}

func (u *unsaved) keep(t Token) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tokens == nil {
		u.tokens = make(map[string]Token)
	}
	u.tokens[t.SideKey()] = t
}

func (u *unsaved) get(key string) (Token, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	t, ok := u.tokens[key]
	return t, ok
}

// byCode finds what an authorization code brought.
func (u *unsaved) byCode(code Secret) (Token, bool) {
	for _, t := range u.all() {
		if t.GrantToken == code && !code.IsZero() && t.ID == "" {
			return t, true
		}
	}
	return Token{}, false
}

func (u *unsaved) drop(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.tokens, key)
}

func (u *unsaved) all() []Token {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []Token
	for _, t := range u.tokens {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Token) int { return a.Expiry.Compare(b.Expiry) })
	return all
}

package oauth

import (
	"slices"
	"sync"
	"time"
)

// noted remembers what need not be done again for a while.
type noted struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// maxNoted bounds the memory: beyond it everything is forgotten, and done once
// more.
const maxNoted = 10_000

// once reports true the first time it is asked for key in a while.
func (n *noted) once(key string, now time.Time, while time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Before(n.until[key]) {
		return false
	}
	if n.until == nil || len(n.until) >= maxNoted {
		n.until = make(map[string]time.Time)
	}
	n.until[key] = now.Add(while)
	return true
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

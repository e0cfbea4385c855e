package ledger

import "time"

// minSweep is the number of access tokens from which expired ones are looked for.
const minSweep = 1024

// Refresh is a request to make an access token from a refresh token.
type Refresh struct {
	Token    string
	Client   string
	Location string
}

// Refresh makes an access token. The refresh token stays as it is: Zoho does
// not rotate it, and the answer does not repeat it.
func (l *Ledger) Refresh(now time.Time, x Refresh) (Issued, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.refresh[x.Token]
	if r == nil || r.Client != x.Client || r.Location != x.Location {
		return Issued{}, ErrInvalidCode
	}
	// Zoho, token-limits page: ten access tokens per refresh token in ten
	// minutes. The one that came with the code's exchange is not counted: it
	// was not made from the refresh token.
	if r.mints.full(now, l.rules.Mints, l.rules.Sliding) {
		return Issued{}, ErrThrottled
	}
	r.mints.add(now, l.rules.Mints, l.rules.Sliding)
	l.mints.add(Fingerprint(r.token))
	return l.newAccess(now, r.Owner, r.scope, r), nil
}

// Direct makes an access token without a code or a refresh token, as the
// client_credentials grant does.
func (l *Ledger) Direct(now time.Time, o Owner, scope string) Issued {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newAccess(now, o, scope, nil)
}

// newRefresh makes a refresh token. Over the limit the oldest made dies, in use
// or not, with its access tokens (Zoho: token-limits page).
func (l *Ledger) newRefresh(h *holder, c *code) *refresh {
	r := &refresh{Owner: c.Owner, token: newToken(), scope: c.Scope}
	for l.rules.LiveRefresh > 0 && len(h.tokens) >= l.rules.LiveRefresh {
		l.killRefresh(h.tokens[0])
		l.evicted.Refresh++
	}
	h.tokens = append(h.tokens, r)
	l.refresh[r.token] = r
	return r
}

// newAccess makes an access token. Over the limit the oldest of its refresh
// token dies without a word, before its hour is over.
func (l *Ledger) newAccess(now time.Time, o Owner, scope string, parent *refresh) Issued {
	l.sweep(now)
	a := &access{Owner: o, token: newToken(), scope: scope, expiry: now.Add(l.rules.TokenLife), refresh: parent}
	if parent != nil {
		l.dropExpired(now, parent)
		for l.rules.LiveAccess > 0 && len(parent.access) >= l.rules.LiveAccess {
			l.killAccess(parent.access[0])
			l.evicted.Access++
		}
		parent.access = append(parent.access, a)
	}
	l.access[a.token] = a
	return Issued{Owner: o, Scope: scope, AccessToken: a.token, Life: l.rules.TokenLife}
}

// dropExpired forgets the expired access tokens of one refresh token.
func (l *Ledger) dropExpired(now time.Time, r *refresh) {
	alive := r.access[:0]
	for _, a := range r.access {
		if now.Before(a.expiry) {
			alive = append(alive, a)
		} else {
			delete(l.access, a.token)
		}
	}
	clear(r.access[len(alive):])
	r.access = alive
}

// sweep forgets expired access tokens once the map has doubled, so that its
// size follows the number alive.
func (l *Ledger) sweep(now time.Time) {
	if len(l.access) < l.sweepAt {
		return
	}
	for _, r := range l.refresh {
		l.dropExpired(now, r)
	}
	for text, a := range l.access {
		if !now.Before(a.expiry) {
			delete(l.access, text)
		}
	}
	l.sweepAt = max(minSweep, 2*len(l.access))
}

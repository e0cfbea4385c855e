package oauth

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// bound is a Keeper's Source for one user: one atomic load and one reading of
// the clock while its token is good.
type bound struct {
	k       *Keeper
	partial Token
	now     func() time.Time
	held    atomic.Pointer[held]
	busy    atomic.Bool // a recheck runs
	refused atomic.Bool // Zoho refused partial's own access token
}

// held is a token in memory. It is never changed, only replaced.
type held struct {
	obtained
	soft time.Time // until then it is answered without another thought
}

// want is what a caller asks for.
type want struct {
	life     time.Duration // least remaining life
	rejected Secret        // an access token that Zoho refused
}

// obtained is a token and how it was come by.
type obtained struct {
	token   *Token        // shared, never changed
	life    time.Duration // that the access token was given; 0: not known
	minted  bool          // Zoho has just issued it, so there is no fresher one
	unsaved error         // why it is in memory only; nil: it is in the store
}

// Token implements [Source].
func (b *bound) Token(ctx context.Context) (*Token, error) {
	if h := b.held.Load(); h != nil && b.now().Before(h.soft) {
		return h.token, nil
	}
	return b.obtain(ctx, want{life: b.k.cfg.MinLife})
}

// Fresh implements [Source].
func (b *bound) Fresh(ctx context.Context, rejected Secret) (*Token, error) {
	if rejected == b.partial.AccessToken {
		b.refused.Store(true)
	}
	return b.obtain(ctx, want{life: b.k.cfg.MinLife, rejected: rejected})
}

// obtain answers from memory if it can, and otherwise joins the one flight of
// this process that looks further. ctx bounds only the waiting.
func (b *bound) obtain(ctx context.Context, w want) (*Token, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if h := b.held.Load(); h != nil && b.k.suits(h.obtained, w) {
		if !b.now().Before(h.soft) {
			b.recheck()
		}
		return h.token, nil
	}
	o, err := b.k.fly(ctx, b.flightKey(w), func(ctx context.Context) (obtained, error) { return b.look(ctx, w) })
	return o.token, err
}

// flightKey tells apart what cannot share an answer. It holds hashes, no secret.
func (b *bound) flightKey(w want) string {
	p := b.partial
	key := "look"
	for _, part := range []string{
		p.ID, p.UserName, p.ClientID, p.ClientSecret.Hash(), p.RedirectURL, p.GrantToken.Hash(),
		p.RefreshToken.Hash(), p.AccessToken.Hash(), p.APIDomain, p.AccountsURL, w.life.String(), w.rejected.Hash(),
	} {
		key += "\x00" + part
	}
	return key
}

// look reads the store, obtains what is wanted, and puts it into memory.
func (b *bound) look(ctx context.Context, w want) (obtained, error) {
	h := b.held.Load()
	if h != nil && h.unsaved != nil && b.k.alive(*h.token, w.rejected) {
		// The store failed after a refresh. Save that token before anything else:
		// another refresh would only spend one more of Zoho's ten.
		saved, err := b.k.commit(ctx, *h.token)
		if err != nil && !gone(err) {
			return b.hold(obtained{token: h.token, life: h.life, unsaved: err}), nil
		}
		if err == nil {
			return b.hold(obtained{token: &saved, life: h.life}), nil
		}
	}
	partial := b.partial
	if b.refused.Load() && !partial.withoutAccess().unfindable() {
		partial = partial.withoutAccess()
	}
	o, err := b.k.find(ctx, partial, w)
	switch {
	case err == nil:
		return b.hold(o), nil
	case gone(err):
		b.held.Store(nil)
	case h != nil && unavailable(err) && b.k.alive(*h.token, w.rejected):
		b.k.log.Warn("answering from memory while the store is away", "error", err, "token", *h.token)
		return h.obtained, nil
	}
	return obtained{}, err
}

func (t Token) withoutAccess() Token {
	t.AccessToken, t.Expiry = Secret{}, time.Time{}
	return t
}

// unfindable reports whether t has no key.
func (t Token) unfindable() bool {
	for _, k := range Keys() {
		if k.Of(t) != "" {
			return false
		}
	}
	return true
}

func (b *bound) hold(o obtained) obtained {
	rest := b.k.cfg.Recheck
	if !o.token.Expiry.IsZero() {
		// The remaining life is anchored to this process's monotonic clock.
		rest = min(rest, o.token.Expiry.Sub(b.k.accounts.Now())-margin(b.k.cfg.MinLife, o.life))
	}
	b.held.Store(&held{obtained: o, soft: b.now().Add(rest)})
	return o
}

// recheck looks, in the background and once at a time, whether the row still
// stands, and adopts what others made of it.
func (b *bound) recheck() {
	if !b.busy.CompareAndSwap(false, true) {
		return
	}
	if !b.k.begin() {
		b.busy.Store(false)
		return
	}
	go func() {
		defer b.k.work.Done()
		defer b.busy.Store(false)
		ctx, cancel := context.WithTimeout(b.k.ctx, b.k.cfg.Timeout)
		defer cancel()
		_, err := b.look(ctx, want{life: b.k.cfg.MinLife})
		if err != nil && ctx.Err() == nil {
			b.k.log.Warn("a token could not be looked up again", "error", err)
		}
	}()
}

// gone: the row does not stand any more, or is not this user's any more.
func gone(err error) bool { return errors.Is(err, ErrNotFound) || errors.Is(err, ErrMismatch) }

// unavailable: the store did not answer, which says nothing about the row.
func unavailable(err error) bool {
	return errors.Is(err, ErrStoreUnavailable) || errors.Is(err, context.DeadlineExceeded)
}

// margin is how early a token counts as too old: a quarter of its life at most.
func margin(wish, life time.Duration) time.Duration {
	if life > 0 {
		return min(wish, life/4)
	}
	return wish
}

// suits reports whether the token serves the want.
func (k *Keeper) suits(o obtained, w want) bool {
	wish := w.life
	if wish <= k.cfg.MinLife {
		wish = margin(wish, o.life)
	} else if o.life > 0 {
		wish = min(wish, o.life/4*3)
	}
	return o.token.AccessToken != w.rejected && o.token.Valid(k.accounts.Now(), wish)
}

// alive reports whether Zoho could still accept the token.
func (k *Keeper) alive(t Token, rejected Secret) bool {
	return t.AccessToken != rejected && t.Valid(k.accounts.Now(), time.Second)
}

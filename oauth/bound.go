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
	held    atomic.Pointer[held]
	row     atomic.Pointer[Token] // the key of the row it is bound to, once there is one
	busy    atomic.Bool           // a recheck runs
}

// held is a token in memory. It is never changed, only replaced.
type held struct {
	obtained
	looked time.Duration // when the store was looked at, by Keeper.elapsed
	soft   time.Duration // until then it is answered without another thought
}

// want is what a caller asks for.
type want struct {
	life     time.Duration // least remaining life
	rejected Secret        // an access token that Zoho refused
	byHand   bool          // a person asks, who may have mended what failed before
	ahead    bool          // nobody waits: a token that is near its end is refreshed
}

// hand tells apart flights by who asks: a program's failure is none of a person's.
func (w want) hand() string {
	if w.byHand {
		return "by hand"
	}
	return ""
}

// forces: the token in hand is not over, so only its refusal asks for another.
func (w want) forces(t Token, now time.Time) bool {
	return !w.rejected.IsZero() && t.AccessToken == w.rejected && t.Valid(now, time.Second)
}

// obtained is a token and how it was come by.
type obtained struct {
	token  *Token        // shared, never changed
	life   time.Duration // that the access token was given
	minted bool          // Zoho has just issued it, so there is no fresher one
	change ChangeKind    // what this call has saved and has to announce; "": nothing
}

// Token implements [Source].
func (b *bound) Token(ctx context.Context) (*Token, error) {
	if h := b.held.Load(); h != nil && b.k.elapsed() < h.soft {
		return h.token, nil
	}
	return b.obtain(ctx, want{life: b.k.cfg.MinLife})
}

// Fresh implements [Source].
func (b *bound) Fresh(ctx context.Context, rejected Secret) (*Token, error) {
	return b.obtain(ctx, want{life: b.k.cfg.MinLife, rejected: rejected})
}

// obtain answers from memory if it can, and otherwise joins the one flight of
// this process that looks further. ctx bounds only the waiting.
func (b *bound) obtain(ctx context.Context, w want) (*Token, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if h := b.held.Load(); h != nil && b.k.suits(h.obtained, w) {
		switch now := b.k.elapsed(); {
		case now < h.soft:
			return h.token, nil
		case now-h.looked < 2*b.k.cfg.Recheck:
			b.recheck()
			return h.token, nil
		}
		// Nobody asked for long: too much may have happened to answer blindly.
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
		p.RefreshToken.Hash(), p.AccessToken.Hash(), p.APIDomain, p.AccountsURL, w.life.String(), w.rejected.Hash(), w.hand(),
	} {
		key += "\x00" + part
	}
	return key
}

// look reads the store, obtains what is wanted, and puts it into memory before
// anybody is told of it.
func (b *bound) look(ctx context.Context, w want) (obtained, error) {
	for {
		generation, before := b.k.generation.Load(), b.held.Load()
		o, err := b.search(ctx, w)
		switch {
		case err == nil:
			forgotten := b.k.generation.Load() != generation // perhaps this
			if forgotten && o.change == "" {
				continue
			}
			if !forgotten {
				b.hold(o, before)
			}
			if !w.ahead && b.k.due(o) {
				b.recheck() // which refreshes it, for whoever comes next
			}
			if o.change != "" {
				err = b.k.announce(ctx, o.change, *o.token)
			}
			return o, err
		case gone(err), isOver(err):
			b.held.CompareAndSwap(before, nil)
		case before != nil && errors.Is(err, ErrStoreUnavailable) && b.k.alive(*before.token, w.rejected):
			b.k.log.Warn("answering from memory while the store is away", "error", err, "token", *before.token)
			return before.obtained, nil
		}
		return obtained{}, err
	}
}

// search finds the row this source is bound to. The first time, partial says
// which, and may connect the user; from then on it is that row and no other, and
// what partial brought is not used again.
func (b *bound) search(ctx context.Context, w want) (obtained, error) {
	row := b.row.Load()
	var o obtained
	var err error
	if row == nil {
		o, err = b.k.find(ctx, b.partial, w)
	} else {
		o, err = b.k.follow(ctx, *row, b.partial, w)
	}
	if err == nil && o.token.ID != "" {
		key := o.token.key()
		b.row.CompareAndSwap(row, &key)
	}
	return o, err
}

// hold puts a token into memory, unless another look put one there meanwhile.
func (b *bound) hold(o obtained, before *held) {
	k, now := b.k, b.k.elapsed()
	if before != nil && before.token.AccessToken == o.token.AccessToken {
		o.life = max(o.life, before.life)
	}
	rest := k.cfg.Recheck
	if !o.token.Expiry.IsZero() {
		// The remaining life is anchored to this process's monotonic clock.
		rest = min(rest, o.token.Expiry.Sub(k.time())-margin(k.cfg.MinLife, o.life))
	}
	o.change = ""
	b.held.CompareAndSwap(before, &held{obtained: o, looked: now, soft: now + rest})
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
		_, err := b.look(b.k.ctx, want{life: b.k.cfg.MinLife, ahead: true})
		if err != nil && b.k.ctx.Err() == nil {
			b.k.log.Warn("a token could not be looked up again", "error", err)
		}
	}()
}

// gone: the row does not stand any more, or is not this user's any more.
func gone(err error) bool { return errors.Is(err, ErrNotFound) || errors.Is(err, ErrMismatch) }

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
	return o.token.AccessToken != w.rejected && o.token.Valid(k.time(), wish)
}

// alive reports whether Zoho could still accept the token.
func (k *Keeper) alive(t Token, rejected Secret) bool {
	return t.AccessToken != rejected && t.Valid(k.time(), time.Second)
}

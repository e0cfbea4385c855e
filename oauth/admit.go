package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// manyLogins is from how many refresh tokens of one user and client a warning is
// given: Zoho deletes the oldest without a word when the 21st is made (Zoho:
// token-limits).
const manyLogins = 15

// overError: the connection is over, and what is in memory of it must go.
type overError struct{ error }

func (e overError) Unwrap() error { return e.error }

func isOver(err error) bool {
	var e overError
	return errors.As(err, &e)
}

// admit refuses a row whose connection is over: revoked, or past a limit.
func (k *Keeper) admit(ctx context.Context, row Token) error {
	if err := k.expired(row); err != nil {
		return overError{err}
	}
	key := row.SideKey()
	standings, err := k.leases.Standings(ctx, key)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStoreUnavailable, err)
	}
	s := standings[key]
	if s.State != Ended {
		return nil
	}
	if !s.Next.IsZero() && !k.time().Before(s.Next) && k.noted.once("revoke\x00"+key, k.local(), pauseLongest) && k.begin() {
		go func() { // #nosec G118 -- the work outlives its caller on purpose: Close waits for it
			defer k.work.Done()
			// Not ended by Close: short programs would otherwise never get there.
			ctx, cancel := k.step(context.Background())
			defer cancel()
			if err := k.tell(ctx, row); err != nil {
				k.log.Warn("Zoho could not be told of a revocation yet", "error", err, "token", row)
			}
		}()
	}
	return overError{s.failure(ErrReauthRequired, "it was revoked")}
}

// expired checks the limits that the program has set.
func (k *Keeper) expired(row Token) error {
	now, used := k.time(), row.LastUsedAt
	for _, at := range []time.Time{row.CreatedAt, row.UpdatedAt} {
		if at.After(used) {
			used = at
		}
	}
	switch {
	case k.cfg.MaxIdle > 0 && !used.IsZero() && now.Sub(used) > k.cfg.MaxIdle+lastUsedStep:
		return fmt.Errorf("%w: user %q was not active since %s, which is longer than is allowed; log in again",
			ErrReauthRequired, row.UserName, used.UTC().Format(time.RFC3339))
	case k.cfg.MaxAge > 0 && !row.CreatedAt.IsZero() && now.Sub(row.CreatedAt) > k.cfg.MaxAge:
		return fmt.Errorf("%w: user %q logged in on %s, which is longer ago than is allowed; log in again",
			ErrReauthRequired, row.UserName, row.CreatedAt.UTC().Format(time.RFC3339))
	}
	return nil
}

// LoginsKey is the key of the [Standing] that counts the refresh tokens of one
// user and client.
func LoginsKey(userName, clientID string) string {
	sum := sha256.Sum256([]byte("logins\x00" + clientID + "\x00" + userName))
	return hex.EncodeToString(sum[:])
}

// count notes, off the caller's path, that a refresh token of row's user was made
// or revoked, and warns before Zoho deletes old ones.
func (k *Keeper) count(row Token, kind OutcomeKind) {
	if row.UserName == "" || !k.begin() {
		return
	}
	go func() {
		defer k.work.Done()
		ctx, cancel := context.WithTimeout(context.Background(), concludeTime)
		defer cancel()
		key := LoginsKey(row.UserName, row.ClientID)
		if err := k.leases.Settle(ctx, Lease{Key: key, Offset: k.clockOffset()}, Outcome{Kind: kind}); err != nil {
			k.log.Warn("a login could not be counted", "error", err)
			return
		}
		standings, err := k.leases.Standings(ctx, key)
		if n := standings[key].Logins; err == nil && kind == Joined && n >= manyLogins {
			k.log.Warn("this user has many refresh tokens of this client; from the 21st on Zoho deletes the oldest, in use or not: revoke those that are not needed",
				"user", row.UserName, "client", row.ClientID, "logins", n)
		}
	}()
}

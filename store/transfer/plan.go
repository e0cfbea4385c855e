package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
)

// move is one token on its way.
type move struct {
	token oauth.Token // the source's
	fate  fate
	err   error  // why it is refused
	kept  string // the ID of the row that it is a duplicate of

	save oauth.Token // what the target is given
	want oauth.Token // what it must give back
	done bool        // it took it
	at   string      // the token's ID in the target, as far as it is known
}

type fate int

const (
	insert fate = iota
	update
	unchanged
	duplicate
	gone
	refused
)

// writes reports whether the move is one that is to be saved.
func (m *move) writes() bool { return m.fate == insert || m.fate == update }

func (m *move) refuse(err error) { m.fate, m.err = refused, err }

// read takes the row as the source means it now: List may have shown it as it
// was, or a row that an official SDK left beside the user's real one. Its errors
// are those that stop the copy; a refusal is a fate.
func (c *copier) read(ctx context.Context, m *move) error {
	for _, partial := range keys(m.token) {
		meant, err := c.from.Find(ctx, partial)
		switch {
		case errors.Is(err, oauth.ErrNotFound):
			m.fate = gone
			return nil
		case err != nil && refusal(err):
			m.refuse(ofSource(err))
			return nil
		case err != nil:
			return ofSource(err)
		case meant.ID == m.token.ID && meant.Version != m.token.Version && c.holds(ctx, partial, m.token.Version):
			m.fate, m.kept = duplicate, meant.ID // two rows of one user under one ID
			return nil
		case meant.ID == m.token.ID:
			m.token = meant
		case partial.UserName == "":
			m.fate = gone // its login has become that of a user, whose row is copied
			return nil
		default:
			m.fate, m.kept = duplicate, meant.ID
			return nil
		}
	}
	return nil
}

// holds reports whether the source still has a row with this Version, which Find
// prefers among several of one user.
func (c *copier) holds(ctx context.Context, partial oauth.Token, version string) bool {
	partial.Version = version
	row, err := c.from.Find(ctx, partial)
	return err == nil && row.Version == version
}

// keys is what a row is known by in any store, whatever its ID there: by its
// user, and if it has none, by each of its secrets, none of which may be another
// row's too.
func keys(t oauth.Token) []oauth.Token {
	if t.UserName != "" {
		return []oauth.Token{{UserName: t.UserName, ClientID: t.ClientID}}
	}
	var all []oauth.Token
	for _, one := range []oauth.Token{{RefreshToken: t.RefreshToken}, {GrantToken: t.GrantToken}, {AccessToken: t.AccessToken}} {
		if !keyless(one) {
			one.ClientID = t.ClientID
			all = append(all, one)
		}
	}
	return all
}

// aim decides what the target is given for m.token. Unless look is set, the
// target is taken not to have the token, nor another one under its ID.
func (c *copier) aim(ctx context.Context, m *move, look bool) error {
	if err := m.token.Row().Check(0); err != nil {
		m.refuse(err)
		return nil
	}
	t := m.token
	t.Version, t.UpdatedAt = "", time.Time{} // the target's own
	var there place
	if look {
		var err error
		if there, err = c.find(ctx, t); err != nil {
			if !refusal(err) {
				return ofTarget(err)
			}
			m.refuse(ofTarget(err))
			return nil
		}
	}
	if there.found {
		c.aimAt(m, t, there.row)
		return nil
	}
	if keyless(t) {
		m.refuse(fmt.Errorf("%w: it has no refresh, grant or access token", oauth.ErrIncompleteKey))
		return nil
	}
	if there.taken {
		t.ID = ""
	}
	m.fate, m.save, m.want, m.at = insert, t, t, t.ID
	if err := there.insertable(); err != nil {
		m.refuse(err)
	}
	return nil
}

// aimAt plans to lay t over the row that the target has for it.
func (c *copier) aimAt(m *move, t, row oauth.Token) {
	t.ID, t.Version = row.ID, row.Version
	m.save, m.want, m.at = t, oauth.Merge(t, row), row.ID
	if difference(m.want, row) == "" {
		m.fate = unchanged
		return
	}
	m.fate = update
	if err := clash(t, row, c.cfg.Overwrite); err != nil {
		m.refuse(err)
	}
}

func keyless(t oauth.Token) bool {
	return t.RefreshToken.IsZero() && t.GrantToken.IsZero() && t.AccessToken.IsZero()
}

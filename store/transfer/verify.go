package transfer

import (
	"context"
	"errors"

	"zohocrm/oauth"
)

// verify reads back every token that was saved and compares it with what was
// wanted.
func (c *copier) verify(ctx context.Context, moves []*move) error {
	if c.there.can() {
		all := make([]question, 0, len(moves))
		for _, m := range moves {
			switch {
			case !m.writes() || !m.done:
			case m.at != "":
				all = append(all, question{id: m.at})
			default: // the target gave it an ID, and did not say which
				all = append(all, question{user: m.want.UserName, client: m.want.ClientID})
			}
		}
		c.there.ahead(ctx, all)
		defer c.there.forget()
	}
	return each(ctx, len(moves), func(ctx context.Context, i int) error { return c.verifyOne(ctx, moves[i]) })
}

func (c *copier) verifyOne(ctx context.Context, m *move) error {
	if !m.writes() || !m.done {
		return nil
	}
	row, err := readBack(ctx, c.there, m)
	if err != nil || difference(m.want, row) != "" {
		row, err = readBack(ctx, c.to, m) // others may write there too: what counts is one answer
	}
	column := ""
	switch {
	case errors.Is(err, oauth.ErrNotFound):
	case err != nil && refusal(err):
		m.refuse(ofTarget(err))
		return nil
	case err != nil:
		return ofTarget(err)
	default:
		if column = difference(m.want, row); column == "" {
			m.at = row.ID
			return nil
		}
	}
	m.refuse(&DifferenceError{ID: m.token.ID, Column: column})
	return nil
}

// readBack fetches what was saved: by its ID, and if the target did not keep
// that, by its user.
func readBack(ctx context.Context, in source, m *move) (oauth.Token, error) {
	there, err := byID(ctx, in, m.at)
	if err != nil || there.found && there.row.UserName == m.want.UserName && there.row.ClientID == m.want.ClientID {
		return there.row, err
	}
	row := there.row // whose name or client is not as it was saved
	if m.want.UserName != "" {
		row, err = in.Find(ctx, oauth.Token{UserName: m.want.UserName, ClientID: m.want.ClientID})
	}
	switch {
	case there.found && (m.want.UserName == "" || errors.Is(err, oauth.ErrNotFound)):
		return there.row, nil
	case m.want.UserName == "":
		return row, oauth.ErrNotFound
	}
	return row, err
}

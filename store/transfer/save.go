package transfer

import (
	"cmp"
	"context"
	"errors"
	"iter"

	"zohocrm/oauth"
)

// save gives the target what it is to be given, and reads it back; or it leaves
// that, and the counting, until later.
//
// The order keeps an ID that the target gives from being one that is still
// wanted: tokens that keep their IDs come before those that get new ones. What
// the target refuses is looked up and tried again behind all others, and so is
// every new token without a user name: the target would take it for whatever
// row has just been given its ID.
func (c *copier) save(ctx context.Context, moves []move) (later bool, err error) {
	var keep, renumber, alone []*move
	for i := range moves {
		switch m := &moves[i]; {
		case !m.writes():
		case m.fate == insert && m.save.UserName == "":
			alone = append(alone, m)
		case m.save.ID == "":
			renumber = append(renumber, m)
		default:
			keep = append(keep, m)
		}
	}
	named := append(keep, renumber...)
	unsaved, err := c.saveMany(ctx, named)
	if err != nil {
		err = ofTarget(err)
	}
	if err := cmp.Or(c.verified(ctx), err); err != nil {
		return false, err
	}
	alone = append(unsaved, alone...)
	if len(alone) == 0 && c.mayBeLater() {
		c.verifyLater(ctx, moves, named)
		return true, nil
	}
	if err := c.verify(ctx, named); err != nil {
		return false, err
	}
	for _, m := range alone {
		if err := c.saveAlone(ctx, m); err != nil {
			return false, err
		}
	}
	return false, c.verify(ctx, alone)
}

// saveMany saves what the target takes, many at once if it can, and returns the
// others.
func (c *copier) saveMany(ctx context.Context, moves []*move) (unsaved []*move, err error) {
	first := c.saveOne
	if c.batch != nil {
		first = c.saveFirst
	}
	for len(moves) > 0 {
		n, err := first(ctx, moves)
		if err != nil {
			return nil, err
		}
		if moves = moves[n:]; len(moves) > 0 && n == 0 {
			unsaved, moves = append(unsaved, moves[0]), moves[1:]
		}
	}
	return unsaved, nil
}

// saveOne saves the first of the moves, unless the target refuses it.
func (c *copier) saveOne(ctx context.Context, moves []*move) (int, error) {
	m := moves[0]
	saved, err := c.to.Save(ctx, m.save)
	switch {
	case err == nil:
		m.done, m.at = true, saved.ID
		return 1, nil
	case refusal(err):
		return 0, nil
	}
	return 0, err
}

// saveFirst saves all moves, or those before the first that the target refuses,
// and says how many that are.
func (c *copier) saveFirst(ctx context.Context, moves []*move) (int, error) {
	for n := len(moves); n > 0; {
		err := c.batch.SaveAll(ctx, tokens(moves[:n]))
		if err == nil {
			for _, m := range moves[:n] {
				m.done = true
			}
			return n, nil
		}
		var at *oauth.BatchError
		if !errors.As(err, &at) || !refusal(at.Err) || at.Index < 0 || at.Index >= n {
			return 0, err
		}
		n = at.Index
	}
	return 0, nil
}

func tokens(moves []*move) iter.Seq[oauth.Token] {
	return func(yield func(oauth.Token) bool) {
		for _, m := range moves {
			if !yield(m.save) {
				return
			}
		}
	}
}

// tries is how often a token is looked up and saved anew, because somebody else
// changed it or took its ID in between.
const tries = 3

// saveAlone looks up where a token belongs and saves it.
func (c *copier) saveAlone(ctx context.Context, m *move) error {
	for try := 1; ; try++ {
		if err := c.aim(ctx, m, true); err != nil || !m.writes() {
			return err
		}
		saved, err := c.to.Save(ctx, m.save)
		switch {
		case err == nil:
			m.done, m.at = true, saved.ID
			return nil
		case !refusal(err):
			return ofTarget(err)
		case try == tries || !errors.Is(err, oauth.ErrConflict) && !errors.Is(err, oauth.ErrMismatch):
			m.refuse(ofTarget(err))
			return nil
		}
	}
}

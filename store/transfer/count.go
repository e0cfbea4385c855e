package transfer

import (
	"context"
	"log/slog"
	"time"
)

// count takes finished moves into the report.
func (c *copier) count(ctx context.Context, moves []move) {
	r := &c.report
	for i := range moves {
		m := &moves[i]
		// An ID that the target gave of itself may be one that a later token
		// brings, so from here on each token is looked for before it is saved.
		c.look = c.look || m.done && m.at != m.token.ID
		r.Read++
		switch m.fate {
		case insert:
			r.Inserted++
		case update:
			r.Updated++
		case unchanged:
			r.Unchanged++
		case gone:
			r.Gone++
		case duplicate:
			d := Duplicate{ID: m.token.ID, UserName: m.token.UserName, Kept: m.kept}
			r.Duplicates = append(r.Duplicates, d)
			c.cfg.Logger.WarnContext(ctx, "a second token of the same user and client was not copied", "id", d.ID, "user", d.UserName, "kept", d.Kept)
		case refused:
			f := Refusal{ID: m.token.ID, UserName: m.token.UserName, Err: m.err}
			r.Refused = append(r.Refused, f)
			c.cfg.Logger.WarnContext(ctx, "a token was not copied", "id", f.ID, "user", f.UserName, "error", f.Err)
		}
		c.countID(m)
	}
}

// countID notes a token that has another ID in the target.
func (c *copier) countID(m *move) {
	if (m.writes() || m.fate == unchanged) && m.at != m.token.ID && m.token.ID != "" {
		c.report.Renumbered = append(c.report.Renumbered, IDChange{From: m.token.ID, To: m.at, UserName: m.token.UserName})
	}
}

// tellEvery is the least time between two calls of Progress, the last aside.
const tellEvery = 100 * time.Millisecond

func (c *copier) tell(done bool) {
	now := c.cfg.Now()
	if !done && now.Sub(c.told) < tellEvery {
		return
	}
	c.told = now
	r := c.report
	c.cfg.Progress(Progress{
		Read: r.Read, Total: c.cfg.Total, Inserted: r.Inserted, Updated: r.Updated, Unchanged: r.Unchanged,
		Duplicates: len(r.Duplicates), Refused: len(r.Refused), Done: done,
	})
}

func (c *copier) finish(ctx context.Context, err error) {
	level, attributes := slog.LevelInfo, []any{"result", c.report.String(), "dry_run", c.cfg.DryRun}
	if err != nil {
		level, attributes = slog.LevelError, append(attributes, "error", err)
	}
	c.cfg.Logger.Log(ctx, level, "the copy has ended", attributes...)
	c.tell(true)
}

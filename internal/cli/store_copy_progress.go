package cli

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"zohocrm/oauth"
	"zohocrm/store/transfer"
)

// copyProgress shows how far a copy is: as a bar on a terminal, elsewhere in a
// line every few seconds, both on stderr.
type copyProgress struct {
	app   *app
	total int // 0: not known
	begun time.Time
	said  time.Time // when the last line was written

	bar     progress.Writer // nil: lines
	tracker *progress.Tracker
	drawing sync.WaitGroup
}

// sayEvery is the time between two lines.
const sayEvery = 5 * time.Second

// showRows begins to show work on all rows of a store; stop ends it. For a bar it counts
// them.
func (a *app) showRows(ctx context.Context, source oauth.Store) (*copyProgress, error) {
	total := 0
	if a.drawsBars() {
		total = rowsOf(ctx, source)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p := &copyProgress{app: a, total: total, begun: a.now(), said: a.now()}
	if a.drawsBars() {
		p.draw(a.err, a.painter(a.err).on)
	}
	return p, nil
}

// counter is a store that need not read its rows to count them.
type counter interface {
	Count(ctx context.Context) (int, error)
}

// rowsOf counts the rows of a store, as far as they can be read: what goes through them
// meets the error.
func rowsOf(ctx context.Context, s oauth.Store) (n int) {
	for in := s; in != nil; {
		if c, ok := in.(counter); ok {
			n, _ = c.Count(ctx)
			return n
		}
		outer, ok := in.(interface{ Unwrap() oauth.Store })
		if !ok {
			break
		}
		in = outer.Unwrap()
	}
	for _, err := range s.List(ctx) {
		if err != nil {
			break
		}
		n++
	}
	return n
}

func (a *app) drawsBars() bool { return isTerminal(a.err) && a.getenv("TERM") != "dumb" }

// draw begins to draw a bar.
func (p *copyProgress) draw(out io.Writer, pretty bool) {
	p.bar = progress.NewWriter()
	p.bar.SetOutputWriter(out)
	p.bar.SetAutoStop(true) // Stop would be lost on a bar that is not drawn yet
	p.bar.SetUpdateFrequency(100 * time.Millisecond)
	p.bar.SetTrackerLength(30)
	p.bar.SetMessageLength(len(barLabel))
	p.bar.SetTrackerPosition(progress.PositionRight)
	style := progress.StyleDefault
	if pretty {
		style = progress.StyleBlocks
	}
	style.Visibility = progress.StyleVisibility{ETA: true, Percentage: p.total > 0, Speed: true, Tracker: true, Value: true}
	style.Options.SpeedSuffix = "/s"
	style.Options.DoneString, style.Options.ErrorString = "done", "stopped"
	p.bar.SetStyle(style)
	p.tracker = &progress.Tracker{Message: barLabel, Total: int64(p.total), Units: progress.UnitsDefault}
	p.bar.AppendTracker(p.tracker)
	p.drawing.Go(p.bar.Render)
}

const barLabel = "tokens"

// told is transfer.Config.Progress.
func (p *copyProgress) told(at transfer.Progress) {
	if p.bar != nil {
		p.tracker.SetValue(int64(at.Read))
		return
	}
	now := p.app.now()
	if at.Done || now.Sub(p.said) < sayEvery {
		return // the report says the rest
	}
	p.said = now
	line := count(at.Read, "token") + " so far"
	if at.Refused > 0 {
		line += fmt.Sprintf(", %d of them refused", at.Refused)
	}
	p.app.tell("%s%s", line, rate(at.Read, now.Sub(p.begun)))
}

// rate is how many tokens a second that is, if it took long enough to tell.
func rate(n int, took time.Duration) string {
	if n == 0 || took < 100*time.Millisecond {
		return ""
	}
	return fmt.Sprintf(", %.0f a second", float64(n)/took.Seconds())
}

// stop waits for the last drawing, which shows where the copy stands.
func (p *copyProgress) stop(err error) {
	if p.bar == nil {
		return
	}
	if err == nil || p.total > 0 && p.tracker.Value() >= p.tracker.Total {
		p.tracker.MarkAsDone()
	} else {
		p.tracker.MarkAsErrored()
	}
	p.drawing.Wait()
}

package cli

import (
	"strings"
	"sync"
	"time"
)

// jobLife tells how far a job is: in the line of a terminal, elsewhere in a line of
// its own whenever that changes.
type jobLife struct {
	app  *app
	line *progressLine
	last string

	mu    sync.Mutex // between Zoho's answers and the clock, while a job is waited for
	state string     // "job 123: in progress"
	since time.Time  // when the waiting for that job began
}

// lifeTick is how often the seconds of a wait are drawn; a look is up to a minute
// after the one before.
const lifeTick = time.Second

// told takes what Zoho said of a job.
func (j *jobLife) told(id, state string) {
	text := "job " + id + ": " + strings.ToLower(oneLine(state))
	if !j.line.on {
		if text != j.last {
			j.app.tell("%s", text)
		}
		j.last = text
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.since.IsZero() {
		j.since = j.app.now()
	}
	j.line.phase = "" // of the sending
	j.state = text
	j.draw()
}

// draw writes "job 123: in progress, waited 12s, 4,500 credits left". How many
// records there are Zoho says when the job is done.
func (j *jobLife) draw() {
	now := j.app.now()
	if now.Sub(j.line.begun) < drawAfter {
		return
	}
	line := j.state + ", waited " + now.Sub(j.since).Round(time.Second).String()
	if p := j.line; p.done > 0 {
		line += ", " + thousands(p.done)
		if p.total > 0 {
			line += " of " + thousands(p.total)
		}
		line += " " + p.noun + "s done"
	}
	if j.line.credits != nil {
		if c := j.line.credits(); c.Remaining >= 0 {
			line += ", " + thousands(c.Remaining) + " credits left"
		}
	}
	j.line.put(line)
}

// during does what waits for the job, and draws the seconds meanwhile. Its goroutine
// has ended when it returns.
func (j *jobLife) during(id string, wait func() error) error {
	if !j.line.on {
		return wait()
	}
	j.mu.Lock()
	if j.since = j.app.now(); !strings.HasPrefix(j.state, "job "+id+":") {
		j.state = "job " + id + ": waiting" // until Zoho says more
	}
	j.draw()
	j.mu.Unlock()
	stop := make(chan struct{})
	var drawing sync.WaitGroup
	drawing.Go(func() {
		tick := time.NewTicker(lifeTick)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				j.mu.Lock()
				j.draw()
				j.mu.Unlock()
			}
		}
	})
	defer drawing.Wait()
	defer close(stop)
	return wait()
}

// note writes a line of its own.
func (j *jobLife) note(format string, args ...any) {
	j.line.clear()
	j.app.tell(format, args...)
}

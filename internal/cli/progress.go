package cli

import (
	"fmt"
	"strings"
	"time"

	"zohocrm/crm"
)

// progressLine says how far long work is, in one line at the end of a terminal's
// stderr; elsewhere it says nothing. It has no goroutine: it is drawn when there
// is something new, and used by one goroutine.
type progressLine struct {
	app     *app
	noun    string // "record"
	credits func() crm.Credits
	on      bool
	shown   int // width of what stands on the line
	begun   time.Time
	drawn   time.Time
	done    int
	total   int    // 0: not known
	phase   string // "": none
}

const (
	drawEvery = 100 * time.Millisecond
	drawAfter = 500 * time.Millisecond // quick work shows none
)

// progressOf begins a line about so many things of one kind; stop ends it. credits
// may be nil. It draws nothing where the results go to the terminal too: there
// they show themselves how far the work is; alone says that they do not.
func (a *app) progressOf(noun string, credits func() crm.Credits, alone bool) *progressLine {
	return &progressLine{
		app: a, noun: noun, credits: credits, begun: a.now(),
		on: a.drawsBars() && (alone || !isTerminal(a.out)),
	}
}

// of says how much there is to do.
func (p *progressLine) of(total int) { p.total = total }

// at says how much is done.
func (p *progressLine) at(done int) {
	p.done = done
	p.draw(false)
}

// add says that more is done.
func (p *progressLine) add(n int) { p.at(p.done + n) }

// say names what is done now, such as "waiting for Zoho's job".
func (p *progressLine) say(phase string) {
	p.phase = phase
	p.draw(true)
}

func (p *progressLine) draw(changed bool) {
	if !p.on {
		return
	}
	now := p.app.now()
	if !changed && now.Sub(p.drawn) < drawEvery || now.Sub(p.begun) < drawAfter {
		return
	}
	p.drawn = now
	p.put(p.line(now))
}

// line is "12,400 of 50,000 records, 3,100 a second, 4,500 credits left".
func (p *progressLine) line(now time.Time) string {
	line := thousands(p.done)
	if p.total > 0 {
		line += " of " + thousands(p.total)
	}
	_, noun, _ := strings.Cut(count(max(p.done, p.total), p.noun), " ")
	line += " " + noun
	if took := now.Sub(p.begun); p.done > 0 && took > 0 {
		line += fmt.Sprintf(", %s a second", thousands(int(float64(p.done)/took.Seconds())))
	}
	if p.credits != nil {
		if c := p.credits(); c.Remaining >= 0 {
			line += ", " + thousands(c.Remaining) + " credits left"
		}
	}
	if p.phase != "" {
		line = p.phase + ": " + line
	}
	return line
}

// put writes over what stands on the line.
func (p *progressLine) put(line string) {
	if width := terminalWidth(p.app.err); width > 1 && len(line) >= width {
		line = line[:width-1] // it is plain ASCII
	}
	p.app.mu.Lock()
	defer p.app.mu.Unlock()
	fmt.Fprintf(p.app.err, "\r%s%s", line, strings.Repeat(" ", max(0, p.shown-len(line))))
	if p.shown = len(line); line == "" {
		fmt.Fprint(p.app.err, "\r")
	}
}

// clear takes the line away, before something else is written.
func (p *progressLine) clear() {
	if p.shown > 0 {
		p.put("")
	}
}

// stop takes the line away for good.
func (p *progressLine) stop() {
	p.clear()
	p.on = false
}

// thousands writes a number with commas: 12,400.
func thousands(n int) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Surveyor is implemented by a store whose List ends at a row that cannot be read
// and that can go on behind it. It is not looked for through Unwrap: a wrapper may
// change what is read.
type Surveyor interface {
	// Survey is List, except that it goes on after an error that wraps
	// [oauth.ErrCorrupt].
	Survey(ctx context.Context) iter.Seq2[oauth.Token, error]
}

// Quiet is implemented by an [oauth.Prober] that, where this module has never
// written, leaves something behind: a folder, a lock. Then it is not asked to.
type Quiet interface {
	// ProbesQuietly reports whether Probe leaves everything as it is.
	ProbesQuietly(ctx context.Context) bool
}

// Config says what is expected. The zero value works.
type Config struct {
	// Directory is the data centres that tokens may be of; the zero value is
	// Zoho's own.
	Directory dc.Directory
	// Now is the clock by which tokens are over; nil is time.Now.
	Now func() time.Time
	// Idle is how long a token may rest before it is reported; 0 is 90 days.
	Idle time.Duration
	// Alone: no official SDK uses the store, so what only they stumble over is left
	// out.
	Alone bool
	// NoProbe: it is not tried whether the store can be written.
	NoProbe bool
}

// maxClockDifference is how far the clocks of this machine and of the store may
// be apart. Leases between programs last seconds.
const maxClockDifference = 5 * time.Second

// Run examines a store. It reads it once, and keeps less than a hundred bytes of each
// token. What it cannot reach, read or write is a finding, and no error: an error
// means that ctx ended, and that the Report is of no use.
//
// Where the store is an [Inspector], what it says of itself comes first, and what
// the tokens show under the same code is left out: the store knows better.
func Run(ctx context.Context, store oauth.Store, cfg Config) (Report, error) {
	if len(cfg.Directory.All()) == 0 {
		cfg.Directory = dc.Zoho()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Idle <= 0 {
		cfg.Idle = 90 * 24 * time.Hour
	}
	var r Report
	r.inspect(ctx, store)
	r.read(ctx, store, cfg)
	if !cfg.NoProbe {
		r.probe(ctx, store)
	}
	r.compareClocks(ctx, store, cfg.Now)
	return r, ctx.Err()
}

// inspect asks the store itself.
func (r *Report) inspect(ctx context.Context, store oauth.Store) {
	i, ok := ability[Inspector](store)
	if !ok {
		return
	}
	found, err := i.Inspect(ctx)
	r.Add(found...)
	if err != nil {
		r.addBroken(err)
	}
}

// read looks at every token.
func (r *Report) read(ctx context.Context, store oauth.Store, cfg Config) {
	list := store.List
	if s, ok := store.(Surveyor); ok {
		list = s.Survey
	}
	all := rules(cfg.Now(), cfg.Idle, cfg.Directory)
	tallies := make([]tally, len(all))
	rows, remembered := newBetween(), newStandings(store)
	var damaged tally
	r.Complete = true
	for t, err := range list(ctx) {
		if err != nil {
			r.Complete = false
			if !errors.Is(err, oauth.ErrCorrupt) {
				r.addBroken(err)
				break
			}
			damaged.add(placeOf(err))
			continue
		}
		r.Tokens++
		rows.add(t)
		if err := remembered.add(ctx, t); err != nil {
			r.addBroken(err)
			remembered = newStandings(nil)
		}
		for i, rule := range all {
			if rule.sdk && cfg.Alone || !rule.applies(t) {
				continue
			}
			why := ""
			if rule.why != nil {
				why = rule.why(t)
			}
			tallies[i].add(named(t, why))
		}
	}
	if err := remembered.ask(ctx); err != nil {
		r.addBroken(err)
	}
	if damaged.n > 0 {
		r.addUnlessKnown(damage(damaged))
	}
	for i, rule := range all {
		if tallies[i].n > 0 {
			r.addUnlessKnown(tallies[i].finding(rule.Finding))
		}
	}
	r.addUnlessKnown(remembered.findings()...)
	r.addUnlessKnown(rows.findings(!cfg.Alone)...)
	if r.Tokens == 0 && r.Complete && !r.has("missing-file") && !r.has("missing-table") {
		r.addUnlessKnown(Finding{Note, "empty", "there is no token in it", "connect a user: zcrm login"})
	}
}

// probe tries whether a Save would work.
func (r *Report) probe(ctx context.Context, store oauth.Store) {
	if q, ok := ability[Quiet](store); ok && !q.ProbesQuietly(ctx) {
		return
	}
	p, ok := oauth.ProberOf(store)
	if !ok {
		return
	}
	err := p.Probe(ctx)
	switch {
	case err == nil, r.saidUnwritable(err):
	default:
		r.addUnlessKnown(Finding{Failure, "not-writable", "it cannot be written, so a token that Zoho renews is lost: " + err.Error(), howToWrite(err)})
	}
}

// saidUnwritable reports whether the findings say already why the store cannot be
// written. What cannot be read cannot be written either.
func (r *Report) saidUnwritable(err error) bool {
	if errors.Is(err, oauth.ErrCorrupt) && r.has("damaged") {
		return true
	}
	for _, f := range r.Findings {
		switch f.Code {
		case "unreadable", "read-only", "read-only-table", "privileges", "missing-rights", "replica", "schema":
			if f.Severity == Failure {
				return true
			}
		}
	}
	return false
}

// howToWrite is the remedy for an error of a Probe.
func howToWrite(err error) string {
	remedy := "see that there is room, and what the store's own log says"
	switch {
	case errors.Is(err, oauth.ErrCorrupt):
		remedy = mendByHand
	case errors.Is(err, oauth.ErrInvalidValue):
		remedy = "see which rule or trigger of the table refuses a new row"
	case errors.Is(err, fs.ErrPermission):
		remedy = "give this user the right to write there"
	}
	return unlessSaid(err.Error(), remedy)
}

// unlessSaid is the remedy for what a text tells; "" if the text ends with one, as
// errors do that know it: behind a semicolon.
func unlessSaid(text, remedy string) string {
	if strings.Contains(text, "; ") {
		return ""
	}
	return remedy
}

// compareClocks asks a store that has a clock of its own.
func (r *Report) compareClocks(ctx context.Context, store oauth.Store, now func() time.Time) {
	c, ok := oauth.CoordinatorOf(store)
	if !ok {
		return
	}
	before := now()
	theirs, err := c.Now(ctx)
	if err != nil || theirs.IsZero() {
		return // that it cannot be reached has been said
	}
	after := now()
	word, apart := "ahead of", before.Sub(theirs)
	if theirs.After(after) {
		word, apart = "behind", theirs.Sub(after)
	}
	if apart > maxClockDifference {
		r.addUnlessKnown(Finding{Warning, "clock-difference", fmt.Sprintf("the clock of this machine is %s %s the store's", apart.Round(time.Second), word),
			"let both machines follow a time server (NTP)"})
	}
}

// addBroken adds the finding for an error that ended the looking, unless it is that of
// rights which have been named.
func (r *Report) addBroken(err error) {
	if errors.Is(err, oauth.ErrCorrupt) || !r.has("missing-rights") {
		r.addUnlessKnown(broken(err))
	}
}

// broken is the finding for an error that ended the looking.
func broken(err error) Finding {
	if errors.Is(err, oauth.ErrCorrupt) {
		return damage(tally{1, []string{placeOf(err)}})
	}
	return Finding{Failure, "unreadable", "it cannot be read: " + err.Error(), unlessSaid(err.Error(), "see that it is there, and that this user may read it")}
}

const mendByHand = "correct it by hand, or put a good copy in its place"

// damage is the finding for rows that cannot be read.
func damage(rows tally) Finding {
	text := rows.String()
	return Finding{Failure, "damaged", "it cannot be read as tokens: " + text, unlessSaid(text, mendByHand)}
}

// placeOf says what is damaged, and why.
func placeOf(err error) string {
	var damaged *oauth.CorruptError
	if errors.As(err, &damaged) {
		return damaged.Place + ": " + damaged.Reason
	}
	return err.Error()
}

// ability finds what a store, or one that it wraps, can do.
func ability[A any](s oauth.Store) (A, bool) {
	for s != nil {
		if a, ok := s.(A); ok {
			return a, true
		}
		u, ok := s.(interface{ Unwrap() oauth.Store })
		if !ok {
			break
		}
		s = u.Unwrap()
	}
	var none A
	return none, false
}

package storetest

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"zohocrm/oauth"
)

// leaseReopened: what is kept is there again when the store was closed, and a
// lease that was held then is held, or free because its holder has gone.
func leaseReopened(l leases) {
	location := l.b.Location(l.TB)
	open := func() (leases, func()) {
		l.Helper()
		s, err := l.b.OpenAt(l.ctx, location)
		if err != nil {
			l.Fatalf("OpenAt(%q): %v", location, err)
		}
		return l.over(l.with(s)), func() {
			if err := closeStore(s); err != nil {
				l.Errorf("Close: %v", err)
			}
		}
	}
	before, close := open()
	lease := before.granted(oauth.Claim{})
	dead := before.of("dead")
	dead.settled(dead.granted(oauth.Claim{}), failedWith(oauth.ErrReauthRequired))
	spent := before.of("spent")
	first := spent.mints(byItself, oauth.Claim{})
	close()
	after, close := open()
	defer close()
	after.of("dead").refused(oauth.Claim{}, oauth.ErrReauthRequired)
	after.of("spent").throttled(oauth.Claim{}, first.Now.Add(mintWindow))
	after.inherits(lease)
}

// inherits wants the lease of a holder that has gone to be held to its end, or to
// be free, and its mint to be counted.
func (l leases) inherits(lease oauth.Lease) {
	l.Helper()
	l.key = lease.Key
	next, err := l.c.Acquire(l.ctx, l.filledClaim(oauth.Claim{}))
	if errors.Is(err, oauth.ErrHeld) {
		// Its end, and not a moment in which its mint is too old to count.
		next = l.granted(oauth.Claim{Offset: lease.Until.Sub(lease.Now)})
		l.settled(next, oauth.Outcome{Kind: oauth.Minted})
	} else if err != nil {
		l.Fatalf("Acquire after its holder has gone: %v", err)
	} else if s := l.settled(next, oauth.Outcome{Kind: oauth.Minted}); len(s.Mints) != 2 {
		l.Errorf("a mint was reserved by who has gone, and another was made: %s", s.Text())
	}
	if next.Epoch <= lease.Epoch {
		l.Errorf("the lease after epoch %d has epoch %d", lease.Epoch, next.Epoch)
	}
	before := l.stands(l.key)
	l.settled(lease, failedWith(oauth.ErrReauthRequired))
	l.unchanged(before, l.key, "who has gone, by a late word")
}

// The names of the credentials that worker processes ask for.
func contested(i int) string { return keyOf(fmt.Sprint("contested", i)) }
func (w worker) leased() string {
	return keyOf(fmt.Sprint("leased by ", w.number))
}

// contests is how many leases eight processes ask for, all at once each time.
const contests = 5

// contest asks for each contested lease once, and lives on: a store may see that a
// holder has gone.
func (w worker) contest(l leases) error {
	for i := range contests {
		c := l.filledClaim(oauth.Claim{Key: contested(i)})
		_, err := l.c.Acquire(l.ctx, c)
		switch {
		case err == nil:
			report{reportLeased, c.Key, c.Owner}.print(os.Stdout)
		case !errors.Is(err, oauth.ErrHeld):
			return fmt.Errorf("a claim while others ask: %w", err)
		}
	}
	report{kind: reportAsked}.print(os.Stdout)
	<-l.ctx.Done()
	return l.ctx.Err()
}

// hold takes leases without end: it keeps the first and gives every other back.
func (w worker) hold(l leases) error {
	c := l.filledClaim(oauth.Claim{Key: w.leased()})
	lease, err := l.c.Acquire(l.ctx, c)
	if err != nil {
		return fmt.Errorf("the first lease: %w", err)
	}
	report{reportLeased, strconv.FormatInt(lease.Epoch, 10), c.Owner}.print(os.Stdout)
	for i := 0; ; i++ {
		lease, err := l.c.Acquire(l.ctx, l.filledClaim(oauth.Claim{Key: contested(w.number)}))
		if err == nil {
			err = l.c.Settle(l.ctx, lease, oauth.Outcome{Kind: oauth.Released})
		}
		if err != nil {
			return fmt.Errorf("lease %d: %w", i, err)
		}
		report{kind: reportGone}.print(os.Stdout)
	}
}

// leaseProcesses: of eight programs that ask at the same moment, one gets it.
func leaseProcesses(l leases) {
	location := l.b.Location(l.TB)
	var workers []worker
	for i := range processes {
		workers = append(workers, worker{taskContest, location, i})
	}
	winners := map[string][]string{}
	var asked []*process
	l.runAll(workers, func(p *process, r report) {
		switch r.kind {
		case reportFailed:
			l.Errorf("worker %d: %s", p.number, r.text)
		case reportLeased:
			winners[r.id] = append(winners[r.id], r.text)
			return
		}
		if asked = append(asked, p); len(asked) == processes {
			for _, p := range asked {
				l.kill(p)
			}
		}
	})
	if len(asked) != processes {
		l.Fatalf("%d of %d workers asked for all leases", len(asked), processes)
	}
	after := l.over(l.with(openAt(l.TB, l.b, location)))
	for i := range contests {
		key := contested(i)
		if len(winners[key]) != 1 {
			l.Errorf("lease %d was granted to %d of %d processes, want one", i, len(winners[key]), processes)
			continue
		}
		after.left(key, winners[key][0])
	}
}

// kill ends a worker.
func (f *fixture) kill(p *process) {
	f.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		f.Errorf("storetest: killing worker %d: %v", p.number, err)
	}
}

// left wants the lease of a process that was killed to be as it was, or free where
// the store sees that its holder has gone.
func (l leases) left(key, owner string) oauth.Standing {
	l.Helper()
	s := l.stands(key)
	if s.Owner != owner && s.Owner != "" || s.Epoch == 0 || len(s.Mints) != 1 {
		l.Errorf("of the lease of a process that was killed there stands %s", s.Text())
	}
	return s
}

// leaseProcessKilled: programs that are killed while they hold a lease, or in the
// middle of taking one, stop others for the length of a lease at the most.
func leaseProcessKilled(l leases) {
	const given, killed = 6, 3
	location := l.b.Location(l.TB)
	var workers []worker
	for i := range killed {
		workers = append(workers, worker{taskHold, location, i})
	}
	owners, back, epochs := map[*process]string{}, map[*process]int{}, map[*process]int64{}
	l.runAll(workers, func(p *process, r report) {
		switch r.kind {
		case reportLeased:
			owners[p] = r.text
			epochs[p], _ = strconv.ParseInt(r.id, 10, 64)
		case reportGone:
			if back[p]++; back[p] == given {
				l.kill(p)
			}
		case reportFailed:
			l.Errorf("worker %d: %s", p.number, r.text)
		}
	})
	if len(owners) != killed {
		l.Fatalf("%d of %d workers got their lease", len(owners), killed)
	}
	after := l.over(l.with(openAt(l.TB, l.b, location)))
	for p, owner := range owners {
		lease := oauth.Lease{Key: p.leased(), Owner: owner, Epoch: epochs[p]}
		if s := after.left(p.leased(), owner); len(s.Mints) == 1 {
			lease.Now = s.Mints[0]
			lease.Until = lease.Now.Add(leaseLength)
		}
		after.inherits(lease)
		// The one in the middle of which it was killed.
		after.granted(oauth.Claim{Key: contested(p.number), Offset: leaseLength})
	}
	after.finds(oauth.Token{UserName: "after"}, after.save(filled("after")))
}

package storetest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"

	"zohocrm/oauth"
)

// processes is how many copies of the test binary write at once.
const processes = 8

func processChecks() []check {
	return []check{
		{name: "ProcessesTogether", run: processesTogether, needs: needsProcesses},
		{name: "ProcessKilled", run: processKilled, needs: needsProcesses},
	}
}

func needsProcesses(b Backend) string {
	return missing(b.Location == nil || b.OpenAt == nil, "Location and OpenAt")
}

// process is a worker as its parent sees it.
type process struct {
	worker
	cmd   *exec.Cmd
	start io.Closer       // its standard input: closing it lets the worker begin
	out   io.Reader       // its standard output: reports, and what else a test prints
	rest  strings.Builder // what else it printed
	errs  strings.Builder // its standard error
}

// spawn starts a worker, which waits before it touches the store.
func (f *fixture) spawn(ctx context.Context, w worker) *process {
	f.Helper()
	self, err := os.Executable()
	if err != nil {
		f.Fatalf("storetest: this test binary cannot be found to be started again: %v", err)
	}
	p := &process{worker: w, cmd: exec.CommandContext(ctx, self, "-test.run="+exactly(f.b.runner), "-test.timeout="+patience.String())} // #nosec G204 -- the test binary itself
	p.cmd.Env = w.environ()
	p.cmd.Stderr = &p.errs
	in, err1 := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	p.start, p.out = in, out
	for _, err := range []error{err1, err2, p.cmd.Start()} {
		if err != nil {
			f.Fatalf("storetest: starting a copy of the test binary: %v", err)
		}
	}
	return p
}

// exactly is the -test.run pattern for one test.
func exactly(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// runAll starts workers, lets them begin at the same moment when all are ready,
// and hands on every report. It answers when all have ended.
func (f *fixture) runAll(workers []worker, hand func(p *process, r report)) {
	f.Helper()
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	var ready, ended sync.WaitGroup
	var mu sync.Mutex
	all := make([]*process, len(workers))
	for i, w := range workers {
		all[i] = f.spawn(ctx, w)
	}
	ready.Add(len(all))
	for _, p := range all {
		ended.Go(func() {
			var once sync.Once
			defer once.Do(ready.Done) // also of one that failed before it was ready
			err := readReports(p.out, func(r report) {
				if r.kind == reportReady {
					once.Do(ready.Done)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				hand(p, r)
			}, &p.rest)
			if err != nil && !p.killed() {
				f.Errorf("worker %d: %v", p.number, err)
			}
		})
	}
	ready.Wait()
	for _, p := range all {
		p.start.Close()
	}
	ended.Wait()
	for _, p := range all {
		if err := p.cmd.Wait(); err != nil && !p.killed() {
			f.Errorf("worker %d: %v\n%s%s", p.number, err, p.rest.String(), p.errs.String())
		}
	}
}

// processesTogether: eight programs open a store that is not there yet at the
// same moment, and write at the same time.
//
// Defects: D3.
func processesTogether(f *fixture) {
	location := f.b.Location(f.TB)
	var workers []worker
	for i := range processes {
		workers = append(workers, worker{taskTogether, location, i})
	}
	byKind := map[string][]report{}
	f.runAll(workers, func(p *process, r report) {
		if r.kind == reportFailed {
			f.Errorf("worker %d: %s", p.number, r.text)
		}
		byKind[r.kind] = append(byKind[r.kind], r)
	})
	if n := len(byKind[reportDone]); n != processes {
		f.Fatalf("%d of %d workers came to their end", n, processes)
	}
	f.with(openAt(f.TB, f.b, location)).settled(byKind)
}

// settled compares what the workers were told with what is stored.
func (f *fixture) settled(byKind map[string][]report) {
	f.Helper()
	ids := given{}
	for _, kind := range []string{reportOwn, reportGone} {
		for _, r := range byKind[kind] {
			ids.add(f, r.id)
		}
	}
	for _, kind := range []string{reportShared, reportCounter} {
		ids.add(f, byKind[kind][0].id)
		for _, r := range byKind[kind] {
			if r.id != byKind[kind][0].id {
				f.Errorf("one user's row has id %q for one worker and %q for another", byKind[kind][0].id, r.id)
			}
		}
	}
	users := map[string]int{}
	for _, t := range f.list() {
		users[t.UserName]++
		if t.UserName == "counter" && t.RedirectURL != fmt.Sprint(processes*increments) {
			f.Errorf("%d increments by Version counted to %q", processes*increments, t.RedirectURL)
		}
	}
	want := 3 // shared, named, counter
	for i := range processes {
		w := worker{number: i}
		for j := range ownUsers {
			want++
			f.keeps(w.own(j))
		}
	}
	if len(users) != want {
		f.Errorf("the store holds %d users, want %d", len(users), want)
	}
	for user, n := range users {
		if n != 1 {
			f.Errorf("user %q has %d rows", user, n)
		}
	}
}

// keeps wants the row of t's user to have t's values.
func (f *fixture) keeps(t oauth.Token) {
	f.Helper()
	row, err := f.s.Find(f.ctx, oauth.Token{UserName: t.UserName})
	if err != nil {
		f.Errorf("Find of user %q, whom a worker saved: %v", t.UserName, err)
		return
	}
	f.columns(row, stored(t, row), "Find of a row that a worker saved")
}

// processKilled: programs that are killed while they write lose nothing that
// Save promised, leave no damage, and stop nobody.
//
// Defects: D3.
func processKilled(f *fixture) {
	const acknowledged, killed = 6, 3
	location := f.b.Location(f.TB)
	var workers []worker
	for i := range killed {
		workers = append(workers, worker{taskForever, location, i})
	}
	saved := map[*process]int{}
	f.runAll(workers, func(p *process, r report) {
		switch r.kind {
		case reportOwn:
			if saved[p]++; saved[p] == acknowledged {
				if err := p.cmd.Process.Kill(); err != nil {
					f.Errorf("storetest: killing worker %d: %v", p.number, err)
				}
			}
		case reportFailed:
			f.Errorf("worker %d: %s", p.number, r.text)
		}
	})
	g := f.with(openAt(f.TB, f.b, location))
	for p, n := range saved {
		if n < acknowledged {
			f.Errorf("worker %d saved %d rows, want %d or more", p.number, n, acknowledged)
		}
		for i := range n {
			g.keeps(p.own(i))
		}
	}
	g.finds(oauth.Token{UserName: "after"}, g.save(filled("after")))
	if len(saved) != killed {
		f.Errorf("%d of %d workers saved anything", len(saved), killed)
	}
}

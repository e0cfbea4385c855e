package storm

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// said is a report with the index of the worker that made it; ended: there will be
// none any more.
type said struct {
	from  int
	r     report
	ended bool
}

// round lets the token expire, has all workers ask for it at once, and kills or
// pauses one of them if it is its turn.
func (s *storm) round(ctx context.Context, n int) error {
	offset, err := s.sim.advance(ctx, expiry)
	if err != nil {
		return err
	}
	o := order{Round: n, Offset: offset.Milliseconds()}
	pause := s.cfg.PauseEvery > 0 && n%s.cfg.PauseEvery == 0
	switch {
	case s.cfg.KillEvery > 0 && n%s.cfg.KillEvery == 0:
		points := Points()
		o.Stop = points[n/s.cfg.KillEvery%len(points)]
		if s.cfg.At != "" {
			o.Stop = s.cfg.At
		}
		pause = false
	case pause:
		o.Stop = BeforePost
	}
	for _, p := range s.workers {
		if err := p.encoder.Encode(o); err != nil {
			return fmt.Errorf("a worker has gone: %w", err)
		}
	}
	s.sum.Expiries++
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Lease+patience)
	defer cancel()
	return s.listen(ctx, n, pause)
}

// listen takes the reports of a round until every worker that lives has made its.
func (s *storm) listen(ctx context.Context, n int, pause bool) error {
	heard := make(chan said)
	done := make(chan struct{})
	defer close(done)
	for i, p := range s.workers {
		go relay(i, p, heard, done)
	}
	tokens := map[string]int{}
	struck := false // the one worker of this round was killed or paused
	for waiting := len(s.workers); waiting > 0; {
		select {
		case <-ctx.Done():
			return fmt.Errorf("expiry %d: %d workers gave no answer: %w", n, waiting, ctx.Err())
		case x := <-heard:
			p := s.workers[x.from]
			switch {
			case x.ended && p.killed:
				waiting--
			case x.ended:
				return fmt.Errorf("expiry %d: a worker ended by itself", n)
			case x.r.At != "" && !struck && !pause:
				struck = true
				s.sum.Kills[x.r.At]++
				p.killed = true
				p.cmd.Process.Kill()
			case x.r.At != "" && !struck:
				struck = true
				s.sum.Pauses++
				go s.hold(ctx, p)
			case x.r.At == DuringSave:
			case x.r.At != "":
				p.encoder.Encode(order{Go: true})
			default:
				waiting--
				s.add(x.r, tokens)
			}
		}
	}
	if len(tokens) > 1 && !pause {
		s.sum.Apart++
	}
	return s.revive()
}

// relay hands on the reports of one worker until its round is over.
func relay(i int, p *process, heard chan<- said, done <-chan struct{}) {
	for r := range p.reports {
		select {
		case heard <- said{from: i, r: r}:
		case <-done:
			return
		}
		if r.Round > 0 {
			return
		}
	}
	select {
	case heard <- said{from: i, ended: true}:
	case <-done:
	}
}

// hold keeps a worker from going on until its lease is over, and a second longer.
func (s *storm) hold(ctx context.Context, p *process) {
	resume := suspend(p.cmd.Process)
	timer := time.NewTimer(s.cfg.Lease + time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	resume()
	p.encoder.Encode(order{Go: true})
}

func (s *storm) add(r report, tokens map[string]int) {
	for token, n := range r.Tokens {
		tokens[token] += n
		s.sum.Calls += n
	}
	s.sum.Calls += len(r.Errors)
	s.sum.Errors = append(s.sum.Errors, r.Errors...)
	s.sum.Adopted += r.Events["adopt"]
	s.sum.Waited += r.Events["wait"]
	for _, us := range r.Latency {
		s.sum.Latency = append(s.sum.Latency, time.Duration(us)*time.Microsecond)
	}
}

// revive starts another worker for each that was killed.
func (s *storm) revive() error {
	for i, p := range slices.Clone(s.workers) {
		if !p.killed {
			continue
		}
		p.cmd.Wait() // its end by a signal is what was wanted
		next, err := start(s.cfg, s.setupOf(i))
		if err != nil {
			return err
		}
		s.workers[i] = next
	}
	return nil
}

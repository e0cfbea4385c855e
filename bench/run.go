package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// options say what is measured and how long.
type options struct {
	only          string // names of areas; empty: all
	rounds, tries int
}

func (o options) wants(name string) bool {
	for only := range strings.SplitSeq(o.only, ",") {
		if o.only == "" || strings.EqualFold(strings.TrimSpace(only), name) {
			return true
		}
	}
	return false
}

// area is one subject of the page. open prepares what it measures; what it makes
// is handed to the kit's later.
type area struct {
	name string
	open func(ctx context.Context, k *kit) (sheet, error)
}

// sheet is what an area measures, in the order of the page.
type sheet struct {
	rows   []row
	counts []count
}

// areas are in the order of the page. Those whose memory is measured come first: see
// command.run. Areas of one name are measured one after the other.
func areas() []area {
	all := []area{
		{"copy", copies}, {"reseal", resealing}, {"cached", cached}, {"csv", csvRows}, {"sqlite", sqliteRows}, {"mysql", mysqlRows},
		{"postgres", postgresRows}, {"redis", redisRows}, {"lease", leases}, {"sealed", sealedRows},
		{"herd", herds}, {"expiries", expiries}, {"trips", trips}, {"list", listings}, {"memory", memories},
	}
	for _, in := range kinds() {
		all = append(all, area{"followers", followers(in)})
	}
	return all
}

// run measures area after area. What fails in one of them does not keep the others
// from being measured, but the run has failed.
func run(ctx context.Context, w io.Writer, o options) (page, error) {
	k, err := newKit(o.rounds)
	if err != nil {
		return page{}, err
	}
	var p page
	var errs []error
	some := false
	for _, a := range areas() {
		if !o.wants(a.name) {
			continue
		}
		some = true
		if err := errors.Join(a.measure(ctx, k, o, w, &p), k.unwind()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", a.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	if !some {
		errs = append(errs, fmt.Errorf("no area is called %q; -list lists them", o.only))
	}
	return p, errors.Join(append(errs, k.close())...)
}

func (a area) measure(ctx context.Context, k *kit, o options, w io.Writer, p *page) error {
	s, err := a.open(ctx, k)
	if err != nil {
		return err
	}
	for _, r := range s.rows {
		res, err := again(ctx, o.tries, func() (result, error) { return r.measure(ctx, o.rounds) })
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Fprintln(w, res)
		p.results = append(p.results, res)
	}
	for _, c := range s.counts {
		tries := o.tries
		if c.exact {
			tries = 1
		}
		f, err := again(ctx, tries, func() (figure, error) { return c.take(ctx) })
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintln(w, f)
		p.figures = append(p.figures, f)
	}
	return nil
}

// again measures until a target is met. Noise only ever makes a figure worse for
// whom it hits, so a second look is fair; a slow path stays slow.
func again[T interface{ met() bool }](ctx context.Context, tries int, measure func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		got, err := measure()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || got.met() || try >= tries {
			return got, err
		}
	}
}

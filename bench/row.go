package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// row compares two ways of doing the same.
type row struct {
	name   string // what is measured
	other  string // what it is compared with
	ours   side
	theirs side
	atMost float64 // target: ours may take this many times theirs; 0: none
	faster float64 // target: theirs takes at least this many times ours; 0: none
	once   func()  // ours, which must not allocate; nil: it may
}

// result is a row's median pair.
type result struct {
	row
	pair
	allocated float64 // for each call of once
}

func (r row) measure(ctx context.Context, rounds int) (result, error) {
	pairs, err := takeTurns(ctx, r.ours, r.theirs, rounds)
	if err != nil {
		return result{}, err
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.ratio(), b.ratio()) })
	res := result{row: r, pair: pairs[len(pairs)/2]}
	if r.once != nil {
		res.allocated = testing.AllocsPerRun(1000, r.once)
	}
	return res, nil
}

func (r result) met() bool {
	switch {
	case r.atMost > 0 && r.ratio() > r.atMost,
		r.faster > 0 && 1/r.ratio() < r.faster,
		r.allocated > 0:
		return false
	}
	return true
}

func (r result) target() string {
	text := "none"
	if r.atMost > 0 {
		text = fmt.Sprintf("at most %.3g times", r.atMost)
	}
	if r.faster > 0 {
		text = fmt.Sprintf("at least %.3g times faster", r.faster)
	}
	if r.once != nil {
		text += ", 0 allocations"
	}
	return text
}

func (r result) measured() string {
	text := fmt.Sprintf("%.2f times", r.ratio())
	if r.faster > 0 {
		text = fmt.Sprintf("%.1f times faster", 1/r.ratio())
	}
	if r.once != nil {
		text += fmt.Sprintf(", %.0f allocations", r.allocated)
	}
	return text
}

func (r result) mark() string {
	switch {
	case r.atMost == 0 && r.faster == 0:
		return ""
	case !r.met():
		return "**missed**"
	}
	return "met"
}

func (r result) String() string {
	return fmt.Sprintf("%s  %s: %v, against %s: %v; %s (target: %s)", flagOf(r.met()), r.name, short(r.pair.ours), r.other, short(r.pair.theirs), r.measured(), r.target())
}

func flagOf(met bool) string {
	if met {
		return "ok  "
	}
	return "MISS"
}

// short is a time in nanoseconds with three digits or so.
func short(nanos float64) time.Duration {
	d := time.Duration(nanos)
	for unit := time.Second; unit >= time.Microsecond; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 1000)
		}
	}
	return d
}

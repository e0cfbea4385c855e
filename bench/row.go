package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// row compares two ways of doing the same.
type row struct {
	name   string // what is measured
	other  string // what it is compared with
	ours   func(*testing.B)
	theirs func(*testing.B)
	atMost float64 // target: ours may take this many times theirs; 0: none
	faster float64 // target: theirs takes at least this many times ours; 0: none
	allocs int64   // target: allocations for each operation; -1: none
}

// result is a row's median pair.
type result struct {
	row
	our, their time.Duration // for each operation
	ratio      float64       // ours over theirs
	allocated  int64
	failed     bool
}

func (r row) measure(rounds int) result {
	var pairs []result
	for range rounds {
		theirs, ours := testing.Benchmark(r.theirs), testing.Benchmark(r.ours)
		if theirs.N == 0 || ours.N == 0 { // b.Fatal was called
			return result{row: r, failed: true}
		}
		p := result{row: r, our: perOp(ours), their: perOp(theirs), allocated: ours.AllocsPerOp()}
		p.ratio = nanos(ours) / nanos(theirs)
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b result) int {
		if a.ratio < b.ratio {
			return -1
		}
		return 1
	})
	return pairs[len(pairs)/2]
}

// nanos is the time for one operation, with the fractions that a duration drops.
func nanos(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

func perOp(r testing.BenchmarkResult) time.Duration { return time.Duration(nanos(r)) }

func (r result) met() bool {
	switch {
	case r.failed,
		r.atMost > 0 && r.ratio > r.atMost,
		r.faster > 0 && 1/r.ratio < r.faster,
		r.allocs >= 0 && r.allocated > r.allocs:
		return false
	}
	return true
}

func (r result) target() string {
	text := ""
	if r.atMost == 0 && r.faster == 0 {
		text = "none"
	}
	if r.atMost > 0 {
		text = fmt.Sprintf("at most %.3g times", r.atMost)
	}
	if r.faster > 0 {
		text = fmt.Sprintf("at least %.3g times faster", r.faster)
	}
	if r.allocs >= 0 {
		text += fmt.Sprintf(", %d allocations", r.allocs)
	}
	return text
}

func (r result) measured() string {
	text := fmt.Sprintf("%.2f times", r.ratio)
	if r.faster > 0 {
		text = fmt.Sprintf("%.1f times faster", 1/r.ratio)
	}
	if r.allocs >= 0 {
		text += fmt.Sprintf(", %d allocations", r.allocated)
	}
	return text
}

func (r result) String() string {
	mark := "ok  "
	if !r.met() {
		mark = "MISS"
	}
	return fmt.Sprintf("%s  %s: %v, against %s: %v; %s (target: %s)", mark, r.name, r.our, r.other, r.their, r.measured(), r.target())
}

package main

import (
	"context"
	"fmt"
)

// count is a figure that stands alone.
type count struct {
	name   string // what is measured
	how    string // by what
	target string
	// exact: no other work on the machine can spoil it, so it is measured once, and a
	// miss is a mistake in the program.
	exact bool
	// measure answers the figure and whether it meets the target.
	measure func(ctx context.Context) (text string, met bool, err error)
}

// figure is what a count came to.
type figure struct {
	count
	text string
	ok   bool
}

func (c count) take(ctx context.Context) (figure, error) {
	text, ok, err := c.measure(ctx)
	return figure{c, text, ok}, err
}

func (f figure) met() bool { return f.ok }

func (f figure) mark() string {
	if f.ok {
		return "met"
	}
	return "**missed**"
}

func (f figure) String() string {
	return fmt.Sprintf("%s  %s, %s: %s (target: %s)", flagOf(f.ok), f.name, f.how, f.text, f.target)
}

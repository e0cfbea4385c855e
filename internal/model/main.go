package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "model:", err)
		os.Exit(1)
	}
}

// run makes the searches and prints the table. It fails if a guarantee does not
// hold, or if a wrong rule was not found out.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("model", flag.ContinueOnError)
	var s size
	flags.IntVar(&s.processes, "n", 3, "processes")
	flags.IntVar(&s.crashes, "crashes", 1, "processes that may be killed")
	flags.IntVar(&s.expiries, "expiries", 2, "leases that may end while their holder is at work")
	markdown := flags.Bool("markdown", false, "print Markdown")
	traces := flags.Bool("trace", false, "print the shortest way to each guarantee that is broken")
	limit := flags.Int("limit", 20_000_000, "states of one search at the most, some 400 bytes each")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.processes < 1 || s.crashes < 0 || s.expiries < 0 {
		return fmt.Errorf("-n is at least 1, -crashes and -expiries at least 0")
	}
	var right, wrong []result
	for _, c := range s.standard() {
		r, err := c.search(*limit)
		if err != nil {
			return err
		}
		right = append(right, r)
	}
	for _, c := range s.wrong() {
		r, err := c.search(*limit)
		if err != nil {
			return err
		}
		wrong = append(wrong, r)
	}
	print(out, s, right, wrong, *markdown)
	return verdict(out, right, wrong, *traces)
}

// verdict tells ways to broken guarantees, and fails where the results are not what
// they should be.
func verdict(out io.Writer, right, wrong []result, traces bool) error {
	var err error
	for _, r := range right {
		if r.broken != "" {
			err = fmt.Errorf("%s (%s): %s", r.config.name, r.config.server(), r.broken)
		}
	}
	for _, r := range wrong {
		if r.broken == "" {
			err = fmt.Errorf("%s (%s): nothing is broken, so the search is blind", r.config.name, r.config.server())
		}
	}
	for _, r := range append(append([]result{}, right...), wrong...) {
		if r.broken == "" || !traces {
			continue
		}
		fmt.Fprintf(out, "\n%s (%s) breaks %s:\n", r.config.name, r.config.server(), r.broken)
		for i, step := range r.trace {
			fmt.Fprintf(out, "%3d. %s\n", i+1, step)
		}
	}
	return err
}

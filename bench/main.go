// Command bench measures the module against physical limits and peers and
// compares what it finds with targets, in two tables.
//
// A ratio compares ours with another way to do the same. Both take turns, block by
// block, in one run, so that a machine that gets slower or faster meanwhile changes
// both; the median of the pairs is what counts.
//
// A count is a figure that stands alone: how many tokens were minted, how many
// tokens a second, how many megabytes.
//
//	go run ./bench                              # print both tables
//	go run ./bench -out docs/performance.md     # and write the page
//	go run ./bench -only csv,redis              # only the areas named so
//
// It is run in the module's folder. The database servers are those that the
// environment names (see package servertest), and else started for the time of the
// run. The Node.js SDK is that of the folder interop/node, and is installed there
// if it is not.
//
// It exits 1 when a target is missed. With -strict=false it does so only for what
// no other work on the machine can spoil, such as a second mint, or a round trip
// too many: a benchmark of speed on a machine that others use is no test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// asFollower, as the first argument, makes this program one of the processes that
// it measures; see follow.
const asFollower = "follower"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case asFollower:
			exit(follow(ctx, os.Stdin, os.Stdout))
		case asSimulator:
			exit(simulate(ctx, os.Stdin, os.Stdout))
		case asReader:
			exit(read(ctx, os.Stdin, os.Stdout))
		}
	}
	var o options
	out := flag.String("out", "", "write the page to this file")
	flag.StringVar(&o.only, "only", "", "measure only these areas, separated by commas; -list lists them")
	flag.IntVar(&o.rounds, "rounds", 5, "how long each figure is measured")
	flag.IntVar(&o.tries, "tries", 3, "how often a figure that misses its target is measured, unless noise cannot spoil it")
	strict := flag.Bool("strict", true, "fail when any target is missed")
	list := flag.Bool("list", false, "list the areas and do nothing")
	flag.Parse()
	if *list {
		for _, name := range slices.Compact(names(areas())) {
			fmt.Println(name)
		}
		return
	}
	p, err := run(ctx, os.Stdout, o)
	if err == nil && *out != "" {
		err = os.WriteFile(*out, p.text(), 0o644)
	}
	if err == nil {
		err = p.verdict(*strict)
	}
	exit(err)
}

func names(all []area) []string {
	var list []string
	for _, a := range all {
		list = append(list, a.name)
	}
	return list
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

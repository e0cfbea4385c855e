package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// server names the kind of server of a search.
func (c config) server() string {
	if c.rotating {
		return "rotating"
	}
	return "Zoho"
}

// holds says what came of a search.
func (r result) holds() string {
	if r.broken == "" {
		return "G1 to G7 hold"
	}
	return "breaks " + short(r.broken)
}

// short is a guarantee's number.
func short(guarantee string) string {
	number, _, _ := strings.Cut(guarantee, " ")
	return number
}

// thousands writes a number so that it can be read.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func (s size) String() string {
	return fmt.Sprintf("Processes: %d. Killed, at the most: %d. Leases that end while their holder is at work, at the most: %d.", s.processes, s.crashes, s.expiries)
}

// print writes the results of the protocol and of the wrong rules.
func print(to io.Writer, s size, right, wrong []result, markdown bool) {
	fmt.Fprintf(to, "%s\n\n", s)
	t := table.NewWriter()
	t.AppendHeader(table.Row{"What may happen", "Server", "States", "Steps", "Longest wait", "Guarantees"})
	for _, r := range right {
		t.AppendRow(table.Row{r.config.name, r.config.server(), thousands(r.states), thousands(r.transitions), span(r.longest), r.holds()})
	}
	render(to, t, markdown)
	if len(wrong) == 0 {
		return
	}
	fmt.Fprint(to, "\nWith other rules:\n\n")
	t = table.NewWriter()
	t.AppendHeader(table.Row{"Rule", "Server", "Result", "Shortest way"})
	for _, r := range wrong {
		t.AppendRow(table.Row{r.config.name, r.config.server(), r.holds(), fmt.Sprintf("%d steps", len(r.trace))})
	}
	render(to, t, markdown)
	fmt.Fprintln(to)
	for _, g := range guarantees() {
		bullet := ""
		if markdown {
			bullet = "- "
		}
		fmt.Fprintf(to, "%s%s.\n", bullet, g)
	}
}

// span is a length of time in words.
func span(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

func render(to io.Writer, t table.Writer, markdown bool) {
	if markdown {
		fmt.Fprintln(to, t.RenderMarkdown())
		return
	}
	fmt.Fprintln(to, t.Render())
}

package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"zohocrm/store/open"
)

// demoWidth is how many columns the story takes.
const demoWidth = 78

// stickyWriter writes nothing after an error, and keeps it: a story need not look at
// each line of its own.
type stickyWriter struct {
	out io.Writer
	err error
}

func (w *stickyWriter) Write(p []byte) (n int, err error) {
	if w.err == nil {
		n, w.err = w.out.Write(p)
	}
	return n, w.err
}

type demoStep struct {
	title string
	run   func(*demo, context.Context) error
}

// play runs the steps in order. A step that does not see what it must see ends
// the demo: no figure is printed that was not counted.
func (d *demo) play(ctx context.Context) error {
	for _, s := range demoSteps() {
		if err := cmp.Or(ctx.Err(), d.out.err); err != nil {
			return err
		}
		d.step++
		fmt.Fprintf(d.out, "\n%s\n", d.paint.title(fmt.Sprintf("%2d. %s", d.step, s.title)))
		if err := s.run(d, ctx); err != nil {
			return fmt.Errorf("step %d: %w", d.step, err)
		}
	}
	return d.closing(ctx)
}

func (d *demo) opening() {
	fmt.Fprintln(d.out, d.paint.bold("zcrm demo: the whole life of a Zoho token"))
	d.say("Nothing leaves this machine: a simulator at %s plays Zoho's accounts server and CRM, with Zoho's limits and a clock that can be moved.", d.url)
	label := "the store, cleaned at the end"
	if d.temporary {
		label = "the store, removed at the end"
	}
	d.fact(label, "%s", open.Redact(d.storeURL))
}

// say prints a paragraph of the story.
func (d *demo) say(format string, args ...any) {
	for line := range strings.SplitSeq(text.WrapSoft(fmt.Sprintf(format, args...), demoWidth-4), "\n") {
		fmt.Fprintln(d.out, "    "+strings.TrimRight(line, " "))
	}
}

// fact prints something that was seen or counted.
func (d *demo) fact(label string, format string, args ...any) {
	dots := strings.Repeat(".", max(2, 44-len(label)))
	fmt.Fprintf(d.out, "    %s %s %s %s\n", d.paint.good(">"), label, d.paint.faint(dots), fmt.Sprintf(format, args...))
}

// show prints a table.
func (d *demo) show(heading []string, rows [][]string) {
	for line := range strings.SplitSeq(tableOf(heading, rows), "\n") {
		fmt.Fprintln(d.out, "      "+line)
	}
}

// must turns something that is not as it should be into an error.
func must(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("not as expected: "+format, args...)
}

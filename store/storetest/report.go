package storetest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The kinds of reports.
const (
	reportReady   = "ready"
	reportShared  = "shared"  // the row of the user whom all workers save
	reportOwn     = "own"     // a row that stays
	reportGone    = "gone"    // a row that is gone by the end
	reportNamed   = "named"   // the row of the user whom all logins turn out to be
	reportCounter = "counter" // the row in which all count
	reportLeased  = "leased"  // a lease that was granted
	reportAsked   = "asked"   // every lease was asked for
	reportFailed  = "failed"
	reportDone    = "done"
)

// reportMark begins a report among whatever else a test prints.
const reportMark = "storetest-report "

// report is one line from a worker to its parent.
type report struct{ kind, id, text string }

func (r report) print(to io.Writer) {
	fmt.Fprintf(to, "%s%s %q %q\n", reportMark, r.kind, r.id, r.text)
}

// readReports hands on the reports among the lines, and writes the other lines
// to rest, until there are no more.
func readReports(from io.Reader, hand func(report), rest io.Writer) error {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		_, line, ok := strings.Cut(lines.Text(), reportMark)
		if !ok {
			fmt.Fprintln(rest, lines.Text())
			continue
		}
		var r report
		if _, err := fmt.Sscanf(line, "%s %q %q", &r.kind, &r.id, &r.text); err != nil {
			return fmt.Errorf("a report of a worker is cut off: %s", strconv.Quote(line))
		}
		hand(r)
	}
	return lines.Err()
}

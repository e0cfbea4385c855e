package csvfile

import (
	"fmt"
	"slices"
	"strings"

	"zohocrm/store/check"
)

// lines counts lines or rows, and remembers the numbers of the first few.
type lines struct {
	n     int
	first []int
}

func (l *lines) add(number int) {
	l.n++
	if len(l.first) < 5 {
		l.first = append(l.first, number)
	}
}

// of is which they are: "line 3", "lines 3, 4 and 7 more".
func (l *lines) of(noun string) string {
	if l.n > 1 {
		noun += "s"
	}
	text := noun + " " + strings.Trim(strings.ReplaceAll(fmt.Sprint(l.first), " ", ", "), "[]")
	if more := l.n - len(l.first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// writing is how a file is written, as far as the official SDKs care.
type writing struct {
	mark      bool // it begins with a byte order mark
	header    int  // the line of the first header; 0: there is none
	columns   int  // that the newest header names
	rows      int
	firstRow  int // its line
	blank     lines
	feeds     lines // lines that end with LF alone
	returns   lines // with CR LF
	stray     lines // with a CR elsewhere
	six, nine lines
	short     lines // with another number of fields than ten
	quoted    lines // a value stands in quotes
	bare      lines // a quote that means nothing
	backslash lines
}

func readWriting(text string) writing {
	var w writing
	const mark = "\ufeff"
	w.mark = strings.HasPrefix(text, mark)
	for number, rest := 1, strings.TrimPrefix(text, mark); len(rest) > 0; number++ {
		line, after, whole := strings.Cut(rest, "\n")
		w.line(number, line, whole)
		rest = after
	}
	return w
}

func (w *writing) line(number int, text string, whole bool) {
	body, returned := strings.CutSuffix(text, "\r")
	switch {
	case returned:
		w.returns.add(number)
	case whole:
		w.feeds.add(number)
	}
	if strings.Contains(body, "\r") {
		w.stray.add(number)
	}
	values, bare := fields(text)
	if !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
		w.blank.add(number)
		return
	}
	if columns, _ := headerOf(values); columns > 0 {
		if w.header == 0 {
			w.header = number
		}
		w.columns = max(w.columns, columns)
		return
	}
	if w.rows++; w.rows == 1 {
		w.firstRow = number
	}
	w.row(number, body, values, bare)
}

func (w *writing) row(number int, body string, values []string, bare bool) {
	switch n := len(values); {
	case n == ruby1 && (&record{values: values}).isRuby1(w.columns):
		w.six.add(number)
	case n == ruby2:
		w.nine.add(number)
	case n < current:
		w.short.add(number)
	}
	if bare {
		w.bare.add(number)
	} else if strings.Contains(body, `"`) {
		w.quoted.add(number)
	}
	if strings.Contains(body, `\`) {
		w.backslash.add(number)
	}
}

// inspectText finds what some official SDK stumbles over in the file's text.
func inspectText(text string) []check.Finding {
	w := readWriting(text)
	var found []check.Finding
	add := func(applies bool, severity check.Severity, code, text, remedy string) {
		if applies {
			found = append(found, check.Finding{Severity: severity, Code: code, Text: text, Remedy: remedy})
		}
	}
	add(w.six.n > 0, check.Warning, "six-columns", "rows of six columns, as Ruby SDK 1 wrote them, which no later SDK reads: "+w.six.of("line"), mends)
	switch {
	case w.nine.n > 0 && w.columns == current:
		add(true, check.Warning, "short-row", "rows of nine columns under a header of ten, on which the Python, Java and C# SDKs fail: "+w.nine.of("line"), mends)
	case w.nine.n > 0:
		add(true, check.Note, "nine-columns", "rows of nine columns, as Ruby SDK 2 wrote them: the next write makes them ten, and Ruby SDK 2 must not write to the file after that", "")
	}
	add(w.short.n > 0, check.Warning, "short-row", "rows with too few columns, on which the Python, Java and C# SDKs fail: "+w.short.of("line"), mends)
	add(w.rows > 0 && w.header == 0, check.Warning, "no-header", "there is no header, and the official SDKs take the first row for it", mends)
	add(w.rows > 0 && w.header > w.firstRow, check.Warning, "late-header",
		fmt.Sprintf("the header is on line %d, behind the first row, which the official SDKs take for the header", w.header), mends)
	add(w.blank.n > 0, check.Warning, "blank-line", "blank lines, on which the C# SDK fails: "+w.blank.of("line"), mends)
	switch {
	case w.stray.n > 0:
		add(true, check.Warning, "carriage-return", "carriage returns within lines, left by the Node.js SDK, which other SDKs take for a part of the value: "+w.stray.of("line"), mends)
	case w.returns.n > 0 && w.feeds.n > 0:
		add(true, check.Warning, "carriage-return", "lines end differently, and the Ruby SDK refuses such a file; with a carriage return: "+w.returns.of("line"), mends)
	case w.returns.n > 0:
		add(true, check.Note, "carriage-return", "lines end with carriage return and line feed, as the Python SDK writes them; the Node.js SDK takes the first for a part of api_domain", mends)
	}
	add(w.mark, check.Note, "byte-order-mark", "the file begins with a byte order mark, which the Ruby SDK takes for a part of the first column's name", mends)
	add(w.bare.n > 0, check.Warning, "bare-quote", "quotes written as they are, for which the Java and Ruby SDKs refuse the file: "+w.bare.of("line"), mends)
	add(w.quoted.n > 0, check.Warning, "quoted-value", "values in quotes, as a comma needs them, which the Node.js and C# SDKs read wrongly: "+w.quoted.of("line"),
		"keep those SDKs away from the file, or give such values up, as by another redirect URL")
	add(w.backslash.n > 0, check.Warning, "backslash", "values with a backslash, which the Java SDK drops: "+w.backslash.of("line"),
		"keep that SDK away from the file, or give such values up")
	return found
}

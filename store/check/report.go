package check

import (
	"cmp"
	"fmt"
	"slices"
)

// String is the word for the severity: "note", "warning" or "failure".
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Warning:
		return "warning"
	}
	return "failure"
}

// Report is what [Run] found.
type Report struct {
	Findings []Finding // the worst first
	Tokens   int       // how many were read
	Complete bool      // nothing was met that could not be read
}

// Worst is the severity of the worst finding; [Note] if there is none.
func (r Report) Worst() Severity {
	worst := Note
	for _, f := range r.Findings {
		worst = max(worst, f.Severity)
	}
	return worst
}

// Count is how many findings have this severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// String is the counts in one line: "3 tokens, 1 failure, 2 warnings".
func (r Report) String() string {
	s := count(r.Tokens, "token")
	if !r.Complete {
		s += " could be read"
	}
	for severity := Failure; severity >= Note; severity-- {
		if n := r.Count(severity); n > 0 {
			s += ", " + count(n, severity.String())
		}
	}
	if len(r.Findings) == 0 {
		s += ", nothing found"
	}
	return s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Add puts findings that others made into the report, in the order of severity.
func (r *Report) Add(found ...Finding) {
	r.Findings = append(r.Findings, found...)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
}

// addUnlessKnown leaves out what the store itself has said already, and knows
// better: a finding with the code of one of its own.
func (r *Report) addUnlessKnown(found ...Finding) {
	for _, f := range found {
		if !r.has(f.Code) {
			r.Add(f)
		}
	}
}

func (r *Report) has(code string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == code })
}

package transfer

import "fmt"

// Report is what a copy did. Read is the sum of Inserted, Updated, Unchanged,
// Gone and the numbers of Duplicates and Refused.
type Report struct {
	Read      int // tokens of the source
	Inserted  int // new in the target
	Updated   int // were in the target and differed
	Unchanged int // were in the target and equal
	Gone      int // left the source while it was copied

	Renumbered []IDChange  // tokens that have another ID in the target
	Duplicates []Duplicate // rows that were passed over for another one of their user
	Refused    []Refusal   // tokens that are not in the target as they are in the source
}

// IDChange is a token that has another ID in the target than in the source.
type IDChange struct {
	From     string
	To       string // empty in a dry run, if the target has yet to give it
	UserName string
}

// Duplicate is a row of a user and client of which the source means another row.
type Duplicate struct {
	ID       string
	UserName string
	Kept     string // the ID, in the source, of the row that was copied
}

// Refusal is a token that was not copied.
type Refusal struct {
	ID       string // in the source
	UserName string
	Err      error // wraps one of the errors of package oauth, or is a [*DifferenceError]
}

// String is the counts in one line.
func (r Report) String() string {
	s := fmt.Sprintf("%s read: %d inserted, %d updated, %d unchanged", count(r.Read, "token"), r.Inserted, r.Updated, r.Unchanged)
	for _, more := range []struct {
		n    int
		what string
	}{
		{len(r.Renumbered), fmt.Sprintf("%d with another ID", len(r.Renumbered))},
		{len(r.Duplicates), count(len(r.Duplicates), "duplicate") + " passed over"},
		{r.Gone, fmt.Sprintf("%d gone meanwhile", r.Gone)},
		{len(r.Refused), fmt.Sprintf("%d refused", len(r.Refused))},
	} {
		if more.n > 0 {
			s += ", " + more.what
		}
	}
	return s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Progress is how far a copy is.
type Progress struct {
	Read  int // tokens that are done with
	Total int // [Config.Total]

	Inserted, Updated, Unchanged, Duplicates, Refused int

	Done bool // the last call
}

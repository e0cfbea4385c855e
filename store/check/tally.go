package check

import (
	"fmt"
	"strconv"
	"strings"

	"zohocrm/oauth"
)

// mostNamed bounds how many tokens a finding names.
const mostNamed = 3

// tally counts the tokens to which something applies, and names the first few.
type tally struct {
	n     int
	names []string
}

func (y *tally) add(name string) {
	y.n++
	if len(y.names) < mostNamed {
		y.names = append(y.names, name)
	}
}

// String is who was counted: `"alice" (id 1), "bob" (id 2) and 7 more`.
func (y *tally) String() string {
	s := strings.Join(y.names, ", ")
	if more := y.n - len(y.names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// finding is f with who was counted behind its text.
func (y *tally) finding(f Finding) Finding {
	f.Text += ": " + y.String()
	return f
}

// named names a token, and says why it is named where that differs from token to
// token.
func named(t oauth.Token, why string) string {
	if why != "" {
		why = ": " + why
	}
	if t.UserName == "" {
		return "id " + shownID(t.ID) + why
	}
	return quoted(t.UserName) + " (id " + shownID(t.ID) + why + ")"
}

func shownID(id string) string {
	if oauth.NumberOf(id) > 0 {
		return id
	}
	return quoted(id)
}

// Shown is a name as it may stand in a Finding: quoted, cut if it is long, and the
// fingerprint of what looks like a token.
func Shown(name string) string { return quoted(name) }

// maxShown is how much of a name is shown, in characters.
const maxShown = 80

// quoted shows a name. In a damaged row a token can stand where a name belongs:
// what looks like one is shown as its fingerprint.
func quoted(name string) string {
	if strings.HasPrefix(name, "1000.") && len(name) > 30 {
		return oauth.NewSecret(name).Fingerprint()
	}
	if r := []rune(name); len(r) > maxShown {
		name = string(r[:maxShown]) + "..."
	}
	return strconv.Quote(name)
}

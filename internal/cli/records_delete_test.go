package cli

import (
	"slices"
	"strings"
	"testing"
)

// TestLinesThatEndTooEarly: IDs behind a line that is too long are not left out in
// silence.
func TestLinesThatEndTooEarly(t *testing.T) {
	for _, c := range []struct {
		in     string
		want   int
		failed bool
	}{{"1\n\n2\n3", 3, false}, {"", 0, false}, {"1\n" + strings.Repeat("2", 1<<17) + "\n3\n", 1, true}} {
		o := recordsDeleteOptions{recordsOptions: recordsOptions{app: &app{in: strings.NewReader(c.in)}}}
		if ids := slices.Collect(o.lines()); len(ids) != c.want || (o.unread != nil) != c.failed {
			t.Errorf("%.10q: %d IDs, %v", c.in, len(ids), o.unread)
		}
	}
}

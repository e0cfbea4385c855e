//go:build unix

package csvfile_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestInspectByAnother: who may not replace the file is told so without a try.
func TestInspectByAnother(t *testing.T) {
	needsRoot(t)
	binary := anyoneCanRun(t)
	closed := filepath.Join(openFolder(t, 0o755), "tokens.csv")
	write(t, closed, alice, 0o606)
	foreign := filepath.Join(openFolder(t, 0o777), "tokens.csv")
	write(t, foreign, alice, 0o606)
	for path, why := range map[string]string{closed: "permission denied", foreign: "it belongs to user 0"} {
		out := runChild(t, binary, "inspect", path, asAnother)
		if first, _, _ := strings.Cut(out, "\n"); !strings.HasPrefix(first, "failure not-writable ") || !strings.Contains(first, why) {
			t.Errorf("%s by another user: %s", path, out)
		}
		if out := runChild(t, binary, "inspect", path); strings.Contains(out, "not-writable") {
			t.Errorf("%s by its owner: %s", path, out)
		}
	}
}

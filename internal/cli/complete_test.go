package cli

import (
	"strings"
	"testing"
)

// The shells' scripts go where everything else goes, and not to the process's own
// stdout: Main is called by other programs too.
func TestCompletionGoesToTheGivenStdout(t *testing.T) {
	r := newRig(t)
	for shell, begins := range map[string]string{"bash": "# bash completion", "zsh": "#compdef zcrm", "fish": "# fish completion", "powershell": "# powershell completion"} {
		got := r.run("", "completion", shell)
		if got.code != exitOK || !strings.HasPrefix(got.stdout, begins) || got.stderr != "" {
			t.Errorf("%s: exit code %d, %d bytes on stdout, stderr %q", shell, got.code, len(got.stdout), got.stderr)
		}
	}
	if got := r.run("", "__complete", "login", "--dev"); !strings.Contains(got.stdout, "--device") {
		t.Errorf("login --dev<Tab>: %q", got.stdout)
	}
}

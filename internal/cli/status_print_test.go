package cli

import (
	"strings"
	"testing"
)

// Colours are for what a state means, and the columns stay in line with them.
func TestStatusColours(t *testing.T) {
	on, off := paint{true}, paint{}
	for text, code := range map[string]string{
		stateValid: "32", stateRenewed: "32", stateEnds: "33", stateRenewed + ", failing: x": "33", stateValid + ", throttled for 1m": "33",
		stateLogin: "31", stateRevoked: "31", stateHost: "31", "revoked; Zoho not told yet": "31",
	} {
		if got := on.state(text); got != "\x1b["+code+"m"+text+"\x1b[0m" {
			t.Errorf("%s: %q", text, got)
		}
		if got := off.state(text); got != text {
			t.Errorf("%s: %q without colours", text, got)
		}
	}
	heading, rows := []string{"id", "state", "x"}, [][]string{{"1", stateValid, "\x1b[2Ja"}, {"2", stateRevoked, "b"}}
	plain := tableOf(heading, rows)
	painted := paintedTable(heading, rows, on, map[string]func(string) string{"state": on.state})
	if strings.Contains(plain, "\x1b") {
		t.Errorf("%q", plain)
	}
	if !strings.Contains(painted, "\x1b[32mvalid\x1b[0m") || !strings.HasPrefix(painted, "\x1b[1mID") || strings.Contains(painted, "\x1b[2J") {
		t.Errorf("%q", painted)
	}
	for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m"} {
		painted = strings.ReplaceAll(painted, code, "")
	}
	if painted != plain {
		t.Errorf("the columns moved:\n%s\n%s", painted, plain)
	}
}

// Nothing is coloured that is not a terminal, whatever TERM says.
func TestPipesGetNoColours(t *testing.T) {
	r := newRig(t)
	r.env["TERM"] = "xterm-256color"
	r.login("alice")
	if got := r.run("", "status"); got.code != exitOK || strings.Contains(got.stdout, "\x1b") {
		t.Errorf("%d %q", got.code, got.stdout)
	}
}

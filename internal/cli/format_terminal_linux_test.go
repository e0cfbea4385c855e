package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// onTerminal runs a command whose stdout is a terminal, and gives what it wrote.
func (r *rig) onTerminal(args ...string) string {
	r.t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		r.t.Skipf("this machine gives no terminal: %v", err)
	}
	defer master.Close()
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		r.t.Skipf("this machine gives no terminal: %v", err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		r.t.Skipf("this machine gives no terminal: %v", err)
	}
	seen := make(chan string)
	go func() { // ends with the terminal
		text, _ := io.ReadAll(master) // EIO at its end
		seen <- string(text)
	}()
	var errs bytes.Buffer
	code := Main(args, strings.NewReader(""), terminal, &errs, r.environ())
	terminal.Close()
	text := <-seen
	if code != exitOK {
		r.t.Errorf("zcrm %v: exit code %d: %s", args, code, errs.String())
	}
	return text
}

// What a stranger typed into a record commands no terminal, in any format; what goes
// into a pipe is as Zoho sent it.
func TestRecordsCommandNoTerminal(t *testing.T) {
	const trick, shown = "A\u009b2J\u007f\u202eB", `A\u009b2J\u007f\u202eB`
	r := newRig(t)
	r.login("alice")
	if got := r.run("", "records", "create", "Leads", "Last_Name=Trick", "Company="+trick); got.code != exitOK {
		t.Fatal(got.stderr)
	}
	for _, c := range []struct{ args, want string }{
		{"records list Leads --limit 1 --fields Company -o json", shown},
		{"records list Leads --limit 1 --fields Company -o ndjson", shown},
		{"records list Leads --limit 1 --fields Company -o csv", "A\ufffd2J\ufffd\ufffdB"},
		{"records list Leads --limit 1 --fields Company", "A2JB"},
		{"api Leads -q fields=Company -q per_page=1", shown},
		{"api Leads -q fields=Company --paginate", shown},
	} {
		got := strings.ReplaceAll(r.onTerminal(strings.Fields(c.args)...), "\x1b[1m", "")
		got = strings.ReplaceAll(got, "\x1b[0m", "")
		if !strings.Contains(got, c.want) || strings.ContainsFunc(got, func(r rune) bool { return commandsTerminal(r) && r != '\n' && r != '\r' }) {
			t.Errorf("%s: %.300q, want %q in it", c.args, got, c.want)
		}
		if !strings.Contains(c.args, "-o") {
			continue
		}
		if piped := r.run("", strings.Fields(c.args)...).stdout; !strings.Contains(piped, trick) {
			t.Errorf("%s into a pipe: %q", c.args, piped)
		}
	}
}

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// printJSON writes one value to stdout.
func (a *app) printJSON(v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	out := text.Bytes()
	if isTerminal(a.out) {
		out = jsonForTerminal(out)
	}
	_, err := a.out.Write(out)
	return err
}

// printLine writes one line to stdout.
func (a *app) printLine(line string) error {
	_, err := fmt.Fprintln(a.out, oneLine(line))
	return err
}

// tell writes a line for the user, not for programs, to stderr.
func (a *app) tell(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintln(a.err, oneLine(fmt.Sprintf(format, args...)))
}

// isTerminal reports whether a person looks at what is written to w, or types
// what is read from it.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// paint gives text a look where a terminal shows it, and leaves it alone
// elsewhere.
type paint struct{ on bool }

// painter obeys NO_COLOR (no-color.org) and TERM=dumb. The old Windows console
// shows escape sequences as text; only newer terminals set WT_SESSION.
func (a *app) painter(w io.Writer) paint {
	on := isTerminal(w) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
	if runtime.GOOS == "windows" {
		on = on && a.getenv("WT_SESSION") != ""
	}
	return paint{on}
}

func (p paint) with(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) bold(text string) string  { return p.with("1", text) }
func (p paint) faint(text string) string { return p.with("2", text) }
func (p paint) good(text string) string  { return p.with("32", text) }
func (p paint) warn(text string) string  { return p.with("33", text) }
func (p paint) bad(text string) string   { return p.with("31", text) }
func (p paint) title(text string) string { return p.with("1;36", text) }

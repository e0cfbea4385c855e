package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// byHand runs "login --no-browser" and answers each line that it asks for.
type byHand struct {
	t     *testing.T
	r     *rig
	stdin *io.PipeWriter
	lines chan string // of stderr
	code  chan int
	out   strings.Builder
}

func startByHand(t *testing.T, r *rig, args ...string) *byHand {
	t.Helper()
	in, stdin := io.Pipe()
	errs, stderr := io.Pipe()
	h := &byHand{t: t, r: r, stdin: stdin, lines: make(chan string, 100), code: make(chan int, 1)}
	go func() {
		h.code <- Main(append([]string{"login", "--no-browser"}, args...), in, &h.out, stderr, r.environ())
		stderr.Close()
	}()
	go func() {
		scan := bufio.NewScanner(errs)
		for scan.Scan() {
			h.lines <- scan.Text()
		}
		close(h.lines)
	}()
	return h
}

// line waits for a line of stderr that matches.
func (h *byHand) line(pattern string) string {
	h.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-h.lines:
			if !ok {
				h.t.Fatalf("stderr ended without %q", pattern)
			}
			if regexp.MustCompile(pattern).MatchString(line) {
				return line
			}
		case <-timeout:
			h.t.Fatalf("no line %q on stderr", pattern)
		}
	}
}

func (h *byHand) enter(line string) {
	h.t.Helper()
	if _, err := io.WriteString(h.stdin, line+"\n"); err != nil {
		h.t.Error(err)
	}
}

func (h *byHand) end(want int) string {
	h.t.Helper()
	select {
	case code := <-h.code:
		if code != want {
			h.t.Errorf("exit code %d, want %d", code, want)
		}
	case <-time.After(20 * time.Second):
		h.t.Fatal("the command did not end")
	}
	return h.out.String()
}

// consent opens the page as the user would on another machine, and returns the
// address to which the browser is sent.
func consent(t *testing.T, page, user string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(page + "&auto=" + user)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Location")
}

func TestLoginByHand(t *testing.T) {
	r := newRig(t)
	// Nothing listens, so the redirect URL may lead anywhere.
	h := startByHand(t, r, "--redirect-url", "https://app.example.com/zoho/callback")
	page := h.line("^http://127")
	h.line("begins with https://app.example.com/zoho/callback")
	h.enter("what is this?")
	h.line("this is not an address that begins with")
	h.enter(consent(t, strings.Replace(page, "state=", "state=old", 1), "alice"))
	h.line("does not belong to this login: its state is another; enter the address")
	h.enter(consent(t, page, "bob"))
	if out := h.end(exitOK); !strings.HasPrefix(out, "connected bob@example.com:10002") {
		t.Errorf("stdout: %s", out)
	}
}

func TestLoginByHandRefused(t *testing.T) {
	r := newRig(t)
	h := startByHand(t, r)
	h.enter(consent(t, h.line("^http://127"), "deny"))
	h.line(`^zcrm: login: consent was not given \(access_denied\): log in again and accept$`)
	h.end(exitConsent)
	h = startByHand(t, r)
	back := consent(t, h.line("^http://127"), "alice")
	h.enter(regexp.MustCompile(`accounts-server=[^&]*`).ReplaceAllString(back, "accounts-server=https%3A%2F%2Fevil.example"))
	h.line("names an accounts server that Zoho does not list; nothing was sent to it$")
	h.end(exitFailed)
	if n := r.sim.Counters().TokenRequests; n != 0 {
		t.Errorf("%d token requests were sent", n)
	}
}

func TestLoginByHandEndsWithStdin(t *testing.T) {
	r := newRig(t)
	got := r.run("", "login", "--no-browser")
	if got.code != exitUsage || !strings.Contains(got.stderr, "no address came on stdin") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	got = r.run("http://localhost:8765/callback?code=1000.x&state=another\n", "login", "--no-browser")
	if got.code != exitFailed || !strings.Contains(got.stderr, "login: the redirect does not belong to this login") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if strings.Contains(got.stderr, "1000.x") {
		t.Error("what was entered is repeated")
	}
}

func TestLoginByHandWaitsOnlySoLong(t *testing.T) {
	r := newRig(t)
	h := startByHand(t, r, "--wait", "50ms")
	h.line("^zcrm: login: nobody consented in time")
	h.end(exitFailed)
	h.stdin.Close()
}

// An interrupt while the browser is away. The browser cannot be opened here,
// which is no reason to stop: the page's address stands on stderr.
func TestLoginInterrupted(t *testing.T) {
	r := newRig(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	var errs lockedBuffer
	a := newApp(strings.NewReader(""), io.Discard, &errs, r.environ())
	a.openBrowser = func(string, []string) error {
		interrupt()
		return errors.New("no browser")
	}
	code := a.run(ctx, []string{"login", "--redirect-url", "http://127.0.0.1:" + port + "/"})
	if code != exitFailed || !strings.HasSuffix(errs.String(), "zcrm: login: interrupted\n") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// The store fails between Zoho's answer and the save. The token is not lost: a
// file keeps it, and import takes that file.
//
// Defects: D17.
func TestRescue(t *testing.T) {
	for _, spoilt := range []bool{false, true} {
		t.Run(fmt.Sprint("state folder spoilt: ", spoilt), func(t *testing.T) { rescues(t, spoilt) })
	}
}

func rescues(t *testing.T, spoilt bool) {
	r := newRig(t)
	if spoilt { // a file stands where the state folder would be
		t.Setenv("TMPDIR", t.TempDir())
		t.Setenv("TMP", os.Getenv("TMPDIR"))
		file := filepath.Join(r.dir, "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"HOME", "XDG_STATE_HOME", "AppData"} {
			r.env[name] = file
		}
	}
	tokens := filepath.Join(r.dir, "tokens.csv")
	damage := breakStoreAfterToken(t, r, func() {
		if err := os.Mkdir(tokens, 0o700); err != nil {
			t.Error(err)
		}
	})
	r.env["ZCRM_ACCOUNTS_URL"] = damage.URL
	got := r.run(r.sim.Grant("alice"), "login", "--grant-token", "-")
	if got.code != exitFailed {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	line := regexp.MustCompile(`(?m)^zcrm: login: the new token could not be saved: .*; it is kept in (\S+): mend the store, then: zcrm token import \S+ && rm \S+$`)
	found := line.FindStringSubmatch(got.stderr)
	if found == nil {
		t.Fatalf("stderr: %s", got.stderr)
	}
	rescued := found[1]
	if !regexp.MustCompile(`^rescue-\d{8}T\d{6}\.\d{3}Z\.json$`).MatchString(filepath.Base(rescued)) {
		t.Errorf("the file is named %s", rescued)
	}
	info, err := os.Stat(rescued)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Separator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode().Perm())
	}
	if err := os.Remove(tokens); err != nil {
		t.Fatal(err)
	}
	if got := r.run("", "token", "import", rescued); got.code != exitOK {
		t.Fatalf("import: exit code %d: %s", got.code, got.stderr)
	}
	if got := r.run("", "token", "refresh"); got.code != exitOK {
		t.Errorf("refresh: exit code %d: %s", got.code, got.stderr)
	}
	if n := r.sim.Counters().Exchanges; n != 1 {
		t.Errorf("%d exchanges", n)
	}
}

// A refresh whose save fails: the token is handed out, and the trouble is told.
func TestRefreshUnsaved(t *testing.T) {
	r := newRig(t)
	r.login("alice")
	// A row whose access token has died, so that the next use must refresh.
	exported := r.run("", "token", "export", "--reveal", "--id", "1").stdout
	dead := regexp.MustCompile(`"expiry_time": "\d+"`).ReplaceAllString(exported, `"expiry_time": "1700000000000"`)
	dead = regexp.MustCompile(`"access_token": "[^"]*"`).ReplaceAllString(dead, `"access_token": "dead"`)
	if got := r.run(dead, "token", "import"); got.code != exitOK {
		t.Fatal(got.stderr)
	}
	tokens := filepath.Join(r.dir, "tokens.csv")
	damage := breakStoreAfterToken(t, r, func() {
		if err := os.Remove(tokens); err != nil {
			t.Error(err)
		}
		if err := os.Mkdir(tokens, 0o700); err != nil {
			t.Error(err)
		}
	})
	// The row's own accounts server is the simulator; go through the other.
	r.env["ZCRM_ACCOUNTS_URL"] = damage.URL
	text, err := os.ReadFile(tokens)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tokens, []byte(strings.ReplaceAll(string(text), r.sim.URL, damage.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(tokens + ".zcrm"); err != nil { // its side data name the simulator
		t.Fatal(err)
	}
	got := r.run("", "token", "get")
	if got.code != exitOK || !strings.HasPrefix(got.stdout, "1000.") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if !strings.Contains(got.stderr, "zcrm: warning: the new token could not be saved: ") {
		t.Errorf("stderr: %s", got.stderr)
	}
}

package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zohocrm/oauth"
	"zohocrm/sim"
)

// A second interrupt ends the program at once, whatever it waits for.
func TestInterruptTwice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted there")
	}
	r := newRig(t)
	r.login("alice")
	r.sim.Inject(sim.Fault{Kind: sim.FaultHang, Match: "refresh"})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Cmd{Path: self, Args: []string{"zcrm", "token", "refresh", "--timeout", "1m"}, Env: r.environ()} // see TestMain
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for r.sim.Counters().Faults == 0 { // until it hangs
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	scan := bufio.NewScanner(stderr)
	for scan.Scan() && !strings.HasPrefix(scan.Text(), "zcrm: waiting up to 1m0s for Zoho's answer") {
	}
	begin := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, stderr)
	err = cmd.Wait()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || time.Since(begin) > 20*time.Second {
		t.Errorf("it ended with %v after %s", err, time.Since(begin))
	}
}

// Commands leave no goroutine and no connection behind.
func TestNothingIsLeftRunning(t *testing.T) {
	r := newRig(t)
	before := goleak.IgnoreCurrent()
	r.login("alice")
	r.env["ZCRM_STORE"] = strings.Replace(r.env["ZCRM_STORE"], "csv:", "sqlite:", 1) + ".db"
	r.login("bob")
	for _, args := range [][]string{
		{"token", "get"}, {"token", "list"}, {"token", "refresh"}, {"api", "users"}, {"token", "get", "--user", "nobody"},
		{"api", "Leads"}, {"token", "revoke"}, {"demo"}, {"demo", "--store", "sqlite::memory:"},
	} {
		r.run("", args...)
	}
	r.sim.Client.CloseIdleConnections()
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*conn).serve")) // of the simulator's server
}

// A demo that is interrupted takes its rows with it.
func TestDemoInterrupted(t *testing.T) {
	r := newRig(t)
	r.login("alice")
	ctx, interrupt := context.WithCancel(t.Context())
	var errs lockedBuffer
	a := newApp(nil, &interruptingWriter{at: " 9. Zoho says", interrupt: interrupt}, &errs, r.environ())
	code := a.run(ctx, []string{"demo", "--store", r.env["ZCRM_STORE"]})
	if code != exitFailed || errs.String() != "zcrm: demo: interrupted\n" {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if left := r.run("", "token", "list", "--json").stdout; strings.Count(left, `"id"`) != 1 {
		t.Errorf("left in the store: %s", left)
	}
}

type interruptingWriter struct {
	seen      bytes.Buffer
	at        string
	interrupt func()
}

func (w *interruptingWriter) Write(p []byte) (int, error) {
	w.seen.Write(p)
	if strings.Contains(w.seen.String(), w.at) {
		w.interrupt()
	}
	return len(p), nil
}

// Looks are for terminals only.
func TestPaint(t *testing.T) {
	if got := (paint{}).title("x") + (paint{}).good("y") + (paint{}).faint("z"); got != "xyz" {
		t.Errorf("%q", got)
	}
	if got := (paint{on: true}).bold("x"); got != "\x1b[1mx\x1b[0m" {
		t.Errorf("%q", got)
	}
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a := newApp(nil, f, f, nil)
	if a.painter(f).on || a.painter(&bytes.Buffer{}).on {
		t.Error("a file is taken for a terminal")
	}
}

// What a store or a server says cannot draw on the terminal.
func TestTableIsPlain(t *testing.T) {
	got := tableOf([]string{"id", "user name"}, [][]string{{"1", "a\x1b[2Jb\nc"}, {"20", ""}, {"3", "日本"}})
	want := "ID  USER NAME\n1   a[2Jb c\n20\n3   日本"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	v := viewOf(oauth.Token{})
	if v.ExpiresAt != "" || v.ExpiryTime != "" || v.RefreshToken != "" {
		t.Errorf("%+v", v)
	}
}

// A server whose certificate only --ca-file vouches for.
func TestCAFile(t *testing.T) {
	r := newRig(t)
	web := httptest.NewTLSServer(r.sim.Server)
	defer web.Close()
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail on purpose
	r.env["ZCRM_ACCOUNTS_URL"] = web.URL
	file := filepath.Join(r.dir, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got := r.run(r.sim.Grant("alice"), "login", "--grant-token", "-")
	if got.code != exitFailed || !strings.Contains(got.stderr, "cannot be reached (tls: failed to verify certificate") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	got = r.run(r.sim.Grant("alice"), "login", "--grant-token", "-", "--ca-file", file)
	if got.code != exitOK {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// Inside another program zcrm cannot become the command, and runs it as a child.
func TestExecAsChild(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no sh")
	}
	r := newRig(t)
	r.login("alice")
	r.env["PATH"] = os.Getenv("PATH")
	for command, want := range map[string]int{"exit 0": 0, "exit 3": 3, "kill -TERM $$": 128 + 15} {
		if got := r.run("", "exec", "--", "sh", "-c", command); got.code != want || got.stderr != "" {
			t.Errorf("%s: exit code %d: %s", command, got.code, got.stderr)
		}
	}
	got := r.run("from stdin", "exec", "--", "sh", "-c", `cat; test -n "$ZOHO_ACCESS_TOKEN" && echo " $ZOHO_API_DOMAIN"`)
	if got.stdout != "from stdin "+r.sim.URL+"\n" {
		t.Errorf("stdout %q", got.stdout)
	}
}

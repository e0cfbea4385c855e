package browsertest_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/browsertest"
	"zohocrm/internal/cli"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// The test program is also zcrm, and what zcrm finds as the system's browser:
// that one hands the address to the test, which opens it in Chromium.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "zcrm":
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	case "xdg-open":
		resp, err := http.Post(os.Getenv("TELL"), "text/plain", strings.NewReader(os.Args[1]))
		if err != nil {
			os.Exit(1)
		}
		resp.Body.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// terminal is a machine on which somebody logs in with zcrm.
type terminal struct {
	t        *testing.T
	bin      string // zcrm and xdg-open
	env      []string
	redirect string
	pages    chan string // that zcrm opens in the browser, which does not wait for the test
}

func newTerminal(t *testing.T) *terminal {
	if runtime.GOOS != "linux" {
		t.Skip("other systems find their browser by other means than xdg-open")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m := &terminal{t: t, bin: t.TempDir(), pages: make(chan string, 4)}
	for _, name := range []string{"zcrm", "xdg-open"} {
		if err := os.Symlink(self, filepath.Join(m.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	tell := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		page, err := io.ReadAll(io.LimitReader(r.Body, 1<<14))
		if err == nil {
			m.pages <- string(page)
		}
	}))
	t.Cleanup(tell.Close)
	zoho := simtest.New(t, sim.Config{})
	m.redirect = "http://localhost:" + freePort(t) + "/callback"
	m.env = []string{
		"PATH=" + m.bin, "HOME=" + t.TempDir(), "TELL=" + tell.URL, "GORACE=atexit_sleep_ms=0",
		"ZCRM_ACCOUNTS_URL=" + zoho.URL, "ZCRM_CLIENT_ID=1000.SIM", "ZCRM_CLIENT_SECRET=sim",
		"ZCRM_STORE=csv:" + filepath.Join(t.TempDir(), "tokens.csv"),
	}
	return m
}

// freePort lies below those that systems give to outgoing connections.
func freePort(t *testing.T) string {
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(10000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// command is a zcrm that runs.
type command struct {
	m              *terminal
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
}

func (m *terminal) start(args ...string) *command {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), browsertest.StepTime)
	m.t.Cleanup(cancel)
	c := &command{m: m, cmd: exec.CommandContext(ctx, filepath.Join(m.bin, "zcrm"), args...)}
	c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = m.env, &c.stdout, &c.stderr
	if err := c.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	return c
}

// end waits for the command and checks its exit code.
func (c *command) end(want int) string {
	c.m.t.Helper()
	_ = c.cmd.Wait() // the exit code says it
	if code := c.cmd.ProcessState.ExitCode(); code != want {
		c.m.t.Errorf("exit code %d, want %d: %s%s", code, want, &c.stdout, &c.stderr)
	}
	return c.stdout.String()
}

// page is what zcrm opened in the browser.
func (m *terminal) page() string {
	m.t.Helper()
	select {
	case page := <-m.pages:
		return page
	case <-time.After(browsertest.StepTime):
		m.t.Fatal("zcrm opened no page")
		return ""
	}
}

// zcrm login in a real browser.
func TestZcrmLogin(t *testing.T) {
	browser := browsertest.Start(t)
	t.Run("consent", func(t *testing.T) { logsIn(t, browser) })
	t.Run("refuse", func(t *testing.T) { refuses(t, browser) })
	t.Run("phone", func(t *testing.T) { logsInOnAPhone(t, browser) })
}

// A person logs in with zcrm: the consent page opens in a real browser, and the
// last page says how it ended.
func logsIn(t *testing.T, browser *browsertest.Browser) {
	m := newTerminal(t)
	alice := browser.Person(t)

	login := m.start("login", "--redirect-url", m.redirect)
	alice.Open(m.page())
	if h1 := alice.Text("h1"); h1 != "Sign in and allow access" {
		t.Fatalf("the browser shows %q", h1)
	}
	alice.Follow(`button[value="alice@example.com"]`)
	if h1 := alice.Text("h1"); h1 != "Connected" {
		t.Errorf("the last page says %q", h1)
	}
	if out := login.end(0); !strings.HasPrefix(out, "connected alice@example.com:10001") {
		t.Errorf("stdout: %s", out)
	}
	// Neither the code nor the state is left in the address or the history.
	if a := alice.Address(); a != m.redirect+"/done" {
		t.Errorf("the address bar shows %s", a)
	}
	for _, a := range alice.History() {
		if strings.Contains(a, "code=") || strings.HasPrefix(a, m.redirect+"?") {
			t.Errorf("the history holds %s", a)
		}
	}
	get := m.start("token", "get", "--output", "header")
	if out := get.end(0); !strings.HasPrefix(out, "Authorization: Zoho-oauthtoken 1000.") {
		t.Error("there is no token after the login")
	}
}

// Who denies is told so in both places, and nothing is saved.
func refuses(t *testing.T, browser *browsertest.Browser) {
	m := newTerminal(t)
	alice := browser.Person(t)
	login := m.start("login", "--redirect-url", m.redirect)
	alice.Open(m.page())
	alice.Follow(`button[value="deny"]`)
	if h1 := alice.Text("h1"); h1 != "Not connected: consent was not given" || alice.Status() != http.StatusBadRequest {
		t.Errorf("%d: the last page says %q", alice.Status(), h1)
	}
	login.end(4)
	if !strings.Contains(login.stderr.String(), "consent was not given") {
		t.Errorf("stderr: %s", &login.stderr)
	}
	if out := m.start("token", "list", "--json").end(0); strings.TrimSpace(out) != "[]" {
		t.Errorf("tokens are kept: %s", out)
	}
}

// The pages of the login are for everybody: readable without scripts, named,
// titled, with one main heading, and no wider than a phone.
func logsInOnAPhone(t *testing.T, browser *browsertest.Browser) {
	m := newTerminal(t)
	alice := browser.Person(t)
	alice.Use(browsertest.Screen{Width: 320, Height: 568, Mobile: true, Dark: true, NoScript: true})
	login := m.start("login", "--redirect-url", m.redirect)
	alice.Open(m.page())
	alice.Readable()
	alice.Follow(`button[value="bob@example.com"]`)
	alice.Readable()
	login.end(0)
}

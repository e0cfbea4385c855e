package loopback_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zohocrm/internal/cli/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	errStray   = errors.New("another login's redirect")
	errRefused = errors.New("the user refused")
)

// read stands for oauth.ParseCallback: the state must be "right".
func read(q url.Values) error {
	switch {
	case q.Get("state") != "right":
		return errStray
	case q.Get("error") != "":
		return errRefused
	}
	return nil
}

func listen(t *testing.T, host, path string) (*loopback.Server, string) {
	t.Helper()
	redirect := fmt.Sprintf("http://%s:%s%s", host, freePort(), path)
	s, err := loopback.Listen(loopback.Config{RedirectURL: redirect, Read: read, Stay: errStray})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, redirect
}

// freePort is a port that nobody listens on just now, and that no outgoing
// connection is given.
func freePort() string {
	for range 100 {
		port := strconv.Itoa(10000 + rand.IntN(10000))
		if l, err := net.Listen("tcp", ":"+port); err == nil {
			l.Close()
			return port
		}
	}
	panic("no free port was found")
}

type page struct {
	status int
	header http.Header
	body   string
	url    string
}

func client(follow bool) *http.Client {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	if !follow {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return c
}

func get(t *testing.T, c *http.Client, address string) page {
	t.Helper()
	resp, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Header, string(text), resp.Request.URL.String()}
}

func TestLogin(t *testing.T) {
	for _, host := range []string{"localhost", "127.0.0.1"} {
		t.Run(host, func(t *testing.T) {
			s, redirect := listen(t, host, "/callback")
			first := get(t, client(false), redirect+"?state=right&code=secret-code")
			if first.status != http.StatusSeeOther || first.header.Get("Location") != "/callback/done" {
				t.Errorf("%d to %q", first.status, first.header.Get("Location"))
			}
			checkHeaders(t, first.header)
			if err := s.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			// The last page waits for the outcome.
			last := make(chan page, 1)
			go func() { last <- get(t, client(false), redirect+"/done") }()
			s.Finish(t.Context(), loopback.Outcome{OK: true, Title: "Connected", Text: "<b>alice</b>"})
			p := <-last
			if p.status != http.StatusOK || !strings.Contains(p.body, "<h1>Connected</h1>") || !strings.Contains(p.body, "&lt;b&gt;alice") {
				t.Errorf("%d %s", p.status, p.body)
			}
			checkHeaders(t, p.header)
			if strings.Contains(p.body, "secret-code") {
				t.Error("the code is in the page")
			}
		})
	}
}

func checkHeaders(t *testing.T, h http.Header) {
	t.Helper()
	if policy := h.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
	for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Whatever else comes, the login goes on waiting.
func TestStrays(t *testing.T) {
	s, redirect := listen(t, "localhost", "/callback")
	base := strings.TrimSuffix(redirect, "/callback")
	c := client(false)
	for address, want := range map[string]int{
		redirect:                                     http.StatusBadRequest,
		redirect + "?state=wrong&code=x":             http.StatusBadRequest,
		redirect + "?state=wrong&error=x":            http.StatusBadRequest,
		redirect + "/?state=right&code=x":            http.StatusNotFound,
		redirect + "/done":                           http.StatusNotFound,
		base + "/":                                   http.StatusNotFound,
		base + "/favicon.ico":                        http.StatusNotFound,
		base + "/CALLBACK?state=right&code=x":        http.StatusNotFound,
		base + "/x/../callback?state=right&code=x":   http.StatusNotFound,
		base + "/%63allback?state=right&code=x":      http.StatusNotFound,
		base + "//callback?state=right&code=x&y=%zz": http.StatusNotFound,
	} {
		if p := get(t, c, address); p.status != want {
			t.Errorf("%s: %d, want %d", address, p.status, want)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodPut, http.MethodOptions} {
		req, _ := http.NewRequestWithContext(t.Context(), method, redirect+"?state=right&code=x", strings.NewReader(""))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
	}
	over, cancel := context.WithCancelCause(t.Context())
	stillWaiting := errors.New("still waiting")
	cancel(stillWaiting)
	if err := s.Wait(over); !errors.Is(err, stillWaiting) {
		t.Fatalf("a stray redirect ended the login: %v", err)
	}
	if p := get(t, c, redirect+"?state=right&code=x"); p.status != http.StatusSeeOther {
		t.Errorf("the right one: %d", p.status)
	}
	if err := s.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// The first redirect counts; a second, even of the same login, changes nothing.
func TestOnce(t *testing.T) {
	s, redirect := listen(t, "localhost", "/")
	c := client(false)
	for range 3 {
		if p := get(t, c, redirect+"?state=right&error=access_denied"); p.status != http.StatusSeeOther || p.header.Get("Location") != "/done" {
			t.Errorf("%d to %q", p.status, p.header.Get("Location"))
		}
	}
	get(t, c, redirect+"?state=right&code=x")
	if err := s.Wait(t.Context()); !errors.Is(err, errRefused) {
		t.Errorf("%v", err)
	}
	go s.Finish(t.Context(), loopback.Outcome{Title: "Not connected", Text: "why"})
	if p := get(t, c, redirect+"done"); p.status != http.StatusBadRequest || !strings.Contains(p.body, "Not connected") {
		t.Errorf("%d %s", p.status, p.body)
	}
}

// A browser that asks for the last page while the program goes away gets one.
func TestCloseAnswersWhoWaits(t *testing.T) {
	s, redirect := listen(t, "localhost", "/callback")
	get(t, client(false), redirect+"?state=right&code=x")
	asked := make(chan page, 1)
	go func() { asked <- get(t, client(true), redirect+"?state=right&code=x") }()
	select {
	case <-asked:
		t.Fatal("the last page came before the outcome")
	case <-time.After(20 * time.Millisecond):
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if p := <-asked; !strings.Contains(p.body, "The login has ended") {
		t.Errorf("%d %s", p.status, p.body)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Nobody fetches the last page: Finish does not wait for ever, and not at all if
// no browser came.
func TestFinishWithoutBrowser(t *testing.T) {
	s, redirect := listen(t, "localhost", "/callback")
	begin := time.Now()
	s.Finish(t.Context(), loopback.Outcome{OK: true, Title: "x"})
	if d := time.Since(begin); d > time.Second {
		t.Errorf("it took %s", d)
	}
	get(t, client(false), redirect+"?state=right&code=x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Finish(ctx, loopback.Outcome{})
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	// Even where ::1 is free: the browser may try 127.0.0.1 first, and whoever
	// has it would get the code.
	for _, host := range []string{"localhost", "127.0.0.1"} {
		s, err := loopback.Listen(loopback.Config{RedirectURL: "http://" + host + ":" + port + "/", Read: read})
		if err == nil {
			s.Close()
			t.Errorf("%s: the port of another program was taken for free", host)
		}
	}
}

func TestElsewhere(t *testing.T) {
	for _, redirect := range []string{
		"https://localhost:8765/callback", "http://example.com:8765/", "http://192.0.2.1/", "http://user@localhost:8765/",
		"http://localhost:8765/#x", "urn:ietf:wg:oauth:2.0:oob", "", "http://127.0.0.2:8765/", "http://localhost.example.com:1/",
	} {
		s, err := loopback.Listen(loopback.Config{RedirectURL: redirect, Read: read})
		if !errors.Is(err, loopback.ErrElsewhere) {
			t.Errorf("%q: %v", redirect, err)
		}
		if err == nil {
			s.Close()
		}
	}
}

func ExampleListen() {
	redirect := "http://localhost:" + freePort() + "/callback"
	s, err := loopback.Listen(loopback.Config{
		RedirectURL: redirect,
		Read:        func(q url.Values) error { fmt.Println("code", q.Get("code")); return nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	fetched := make(chan error, 1)
	go func() { // the browser
		resp, err := client(true).Get(redirect + "?code=1000.x")
		if err == nil {
			defer resp.Body.Close()
			fmt.Println(resp.Status, resp.Request.URL.Path)
		}
		fetched <- err
	}()
	if err := s.Wait(context.Background()); err != nil {
		fmt.Println(err)
	}
	s.Finish(context.Background(), loopback.Outcome{OK: true, Title: "Connected"})
	if err := <-fetched; err != nil {
		fmt.Println(err)
	}
	// Output:
	// code 1000.x
	// 200 OK /callback/done
}

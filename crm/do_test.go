package crm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/crm"
)

func TestPaths(t *testing.T) {
	var got string
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.RequestURI
		says(200, jsonType, `{}`)(w, r)
	})
	c, _ := server.client(t)
	for path, want := range map[string]string{
		"/crm/v8/Leads":                   "/crm/v8/Leads?q=1",
		"/crm/v8/users?type=CurrentUser":  "/crm/v8/users?q=1&type=CurrentUser",
		"/crm/v8/Leads/a%2Fb%20c":         "/crm/v8/Leads/a%2Fb%20c?q=1",
		"/crm/v8/Leads/a b":               "/crm/v8/Leads/a%20b?q=1",
		"/crm/v8/Leads/@host":             "/crm/v8/Leads/@host?q=1",
		"/crm/v8/Leads/...":               "/crm/v8/Leads/...?q=1",
		"/crm/v8/Leads/https://evil/x":    "/crm/v8/Leads/https://evil/x?q=1",
		"/crm/v8/Leads/%25252e%25252e/x":  "/crm/v8/Leads/%25252e%25252e/x?q=1",
		"/crm/v8/Leads/caf\u00e9":         "/crm/v8/Leads/caf%C3%A9?q=1",
		"/crm/v8/Leads/caf%C3%A9?x=a%26b": "/crm/v8/Leads/caf%C3%A9?q=1&x=a%26b",
	} {
		if _, err := c.Do(t.Context(), crm.Request{Path: path, Query: url.Values{"q": {"1"}}}, nil); err != nil || got != want {
			t.Errorf("%q went to %q (%v), want %q", path, got, err, want)
		}
	}
	before := server.calls.Load()
	for _, path := range []string{
		"", "crm/v8/Leads", "https://evil.example/crm", "//evil.example/crm", "/\\evil.example", "/crm/../oauth", "/crm/%2e%2e/oauth", "/crm/%2E./x",
		"/crm/a%2f..%2fb", "/..", "/crm/./x", "/crm/v8/x#y", "/crm/v8/x%23y", "/crm/v8/x\r\nX: y", "/crm/v8/%0d%0a", "/crm/v8/%zz", "/crm/v8/x?%zz", "@evil.example/",
	} {
		if _, err := c.Do(t.Context(), crm.Request{Path: path}, nil); err == nil {
			t.Errorf("%q was called", path)
		}
	}
	for _, module := range []string{"", ".", ".."} {
		if _, err := c.Records.Get(t.Context(), module, "1", nil); err == nil {
			t.Errorf("module %q was read", module)
		}
	}
	if n := server.calls.Load() - before; n != 0 {
		t.Errorf("%d of them were sent", n)
	}
	if _, err := c.Do(t.Context(), crm.Request{Method: "BAD METHOD", Path: "/crm/v8/x"}, nil); err == nil {
		t.Error("a method with a space was sent")
	}
}

func TestOuts(t *testing.T) {
	const body = `{"n":12345678901234567890.10,"s":"x"}`
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-API-CREDITS-REMAINING", "4711")
		says(200, jsonType, body)(w, r)
	})
	c, _ := server.client(t)
	do := func(out any) *crm.Response {
		t.Helper()
		resp, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/x"}, out)
		if err != nil {
			t.Error(err)
		}
		return resp
	}
	var raw json.RawMessage
	var text []byte
	var file bytes.Buffer
	var record crm.Record
	m := map[string]any{}
	if resp := do(&raw); resp.CreditsRemaining != 4711 || resp.Status != 200 || string(raw) != body {
		t.Errorf("%+v, %s", resp, raw)
	}
	do(&text)
	do(&file)
	do(&record)
	do(&m)
	if string(text) != body || file.String() != body || record.Text("n") != "12345678901234567890.10" || m["n"] != json.Number("12345678901234567890.10") {
		t.Errorf("%s, %s, %s, %v", text, file.String(), record, m)
	}
	var wrong struct{ S int }
	if resp, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/x"}, &wrong); err == nil || resp == nil || errors.Is(err, crm.ErrProtocol) {
		t.Errorf("an answer that does not fit: %v", err)
	}
}

func TestNoCreditsHeader(t *testing.T) {
	server := newStub(t, says(204, "", ""))
	c, _ := server.client(t)
	m := map[string]any{"kept": true}
	resp, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/x"}, &m)
	if err != nil || resp.CreditsRemaining != -1 || resp.Status != 204 || len(m) != 1 {
		t.Errorf("%+v, %v, %v", resp, err, m)
	}
	if _, err := c.Users.Current(t.Context()); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("no user: %v", err)
	}
	if name, err := crm.UserName(t.Context(), c); name != "" || !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("UserName = %q, %v", name, err)
	}
}

func TestUserNameMissesAPart(t *testing.T) {
	for _, test := range []struct{ users, org, want string }{
		{`{"users":[{"id":"1"}]}`, `{"org":[{"zgid":"7"}]}`, "email"},
		{`{"users":[{"email":"a@b.c"}]}`, `{"org":[{"id":"1"}]}`, "zgid"},
		{`{"users":[{"email":"a@b.c"}]}`, `{"org":[{"zgid":7}]}`, ""},
	} {
		server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/users") {
				says(200, jsonType, test.users)(w, r)
			} else {
				says(200, jsonType, test.org)(w, r)
			}
		})
		c, _ := server.client(t)
		name, err := crm.UserName(t.Context(), c)
		if test.want == "" && (name != "a@b.c:7" || err != nil) {
			t.Errorf("%q, %v", name, err)
		}
		if test.want != "" && (name != "" || !errors.Is(err, crm.ErrNotFound) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q, %v", name, err)
		}
	}
}

func TestMaxBody(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{"a":"`+strings.Repeat("x", 1000)+`"}`))
	c := newClient(t, crm.Config{Source: tokensFor(server.URL, "1000.x"), Directory: directory(t, server.URL), MaxBody: 1000})
	var file bytes.Buffer
	for _, out := range []any{nil, &file} {
		if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/x"}, out); !errors.Is(err, crm.ErrProtocol) {
			t.Errorf("into %T: %v", out, err)
		}
	}
	if file.Len() > 1001 {
		t.Errorf("%d bytes were written", file.Len())
	}
}

// broken is a file on a full disk.
type broken struct{}

var errFull = errors.New("disk full")

func (broken) Write([]byte) (int, error) { return 0, errFull }

func TestDownloadErrors(t *testing.T) {
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("cut") {
			w.Header().Set("Content-Length", "100")
		}
		io.WriteString(w, "%PDF")
	})
	c, _ := server.client(t)
	var file bytes.Buffer
	if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/files"}, &file); err != nil || file.String() != "%PDF" {
		t.Errorf("%q, %v", file.String(), err)
	}
	if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/files"}, broken{}); !errors.Is(err, errFull) || errors.Is(err, crm.ErrUnavailable) {
		t.Errorf("full disk: %v", err)
	}
	if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/files?cut=1"}, &file); !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, crm.ErrUnavailable) {
		t.Errorf("cut: %v", err)
	}
}

// hanging answers nothing until the client leaves, and says when it was asked.
func hanging(arrived chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	}
}

func TestCancellationWins(t *testing.T) {
	arrived := make(chan struct{}, 1)
	server := newStub(t, hanging(arrived))
	c, _ := server.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := c.Records.Insert(ctx, "Leads", leads(1), nil); !errors.Is(err, context.Canceled) || errors.Is(err, crm.ErrUnavailable) {
		t.Errorf("cancelled: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Org.Get(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, crm.ErrUnavailable) {
		t.Errorf("deadline: %v", err)
	}
}

func TestTimeoutOfTheHTTPClient(t *testing.T) {
	server := newStub(t, hanging(make(chan struct{}, 1)))
	custom := &http.Client{Timeout: 20 * time.Millisecond}
	defer custom.CloseIdleConnections()
	c := newClient(t, crm.Config{Source: tokensFor(server.URL, "1000.x"), Directory: directory(t, server.URL), HTTPClient: custom})
	_, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/Leads", Query: url.Values{"email": {"private@example.org"}}}, nil)
	if !errors.Is(err, crm.ErrUnavailable) || strings.Contains(err.Error(), "private") {
		t.Errorf("%v", err)
	}
}

// TestLog: one line a request, without query, token or body.
func TestLog(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{"private":1}`))
	var log bytes.Buffer
	clock := time.Unix(0, 0)
	c := newClient(t, crm.Config{
		Source: tokensFor(server.URL, "1000.secret"), Directory: directory(t, server.URL),
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    func() time.Time { clock = clock.Add(time.Second); return clock },
	})
	if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/Leads?email=private", Body: []byte(`"private"`), Method: "PUT"}, nil); err != nil {
		t.Fatal(err)
	}
	line := log.String()
	if !strings.Contains(line, "method=PUT path=/crm/v8/Leads status=200 duration=1s") || strings.Contains(line, "private") || strings.Contains(line, "secret") {
		t.Error(line)
	}
}

func TestConcurrentCalls(t *testing.T) {
	server := newStub(t, refuseFirst)
	c, src := server.client(t, "1000.first", "1000.second")
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := c.Do(t.Context(), crm.Request{Method: "POST", Path: "/crm/v8/x", Body: []byte("{}")}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := server.calls.Load(); n != int64(5+src.freshCalls()) {
		t.Errorf("%d calls, Fresh asked %d times", n, src.freshCalls())
	}
}

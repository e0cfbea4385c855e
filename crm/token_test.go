package crm_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// refuseFirst refuses the first token and echoes what the second one brought.
func refuseFirst(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("Authorization") == "Zoho-oauthtoken 1000.first" {
		says(401, jsonType, `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`)(w, r)
		return
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("X-Sent", string(body))
	io.WriteString(w, `{"ok":true}`)
}

func TestHeader(t *testing.T) {
	var got http.Header
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		says(200, jsonType, `{}`)(w, r)
	})
	src := tokensFor(server.URL, "1000.abc")
	c := newClient(t, crm.Config{Source: src, Directory: directory(t, server.URL), UserAgent: "test/1"})
	if _, err := c.Do(t.Context(), crm.Request{Method: "POST", Path: "/crm/v8/x", Body: map[string]int{"a": 1}, Header: http.Header{"X-External": {"Leads.Key"}}}, nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Authorization": "Zoho-oauthtoken 1000.abc", "User-Agent": "test/1", "Content-Type": "application/json", "X-External": "Leads.Key"} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	for _, name := range []string{"Authorization", "authorization"} {
		if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/x", Header: http.Header{name: {"Bearer x"}}}, nil); err == nil || server.calls.Load() != 1 {
			t.Errorf("%s of the caller: %v", name, err)
		}
	}
}

func TestRetryByKindOfBody(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("--hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := open.Seek(2, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		body any
		want string
	}{
		{"value", map[string]string{"a": "b"}, `{"a":"b"}`},
		{"bytes", []byte("hello"), "hello"},
		{"strings.Reader", strings.NewReader("hello"), "hello"},
		{"bytes.Reader", bytes.NewReader([]byte("hello")), "hello"},
		{"bytes.Buffer", bytes.NewBufferString("hello"), "hello"},
		{"file from where it stands", open, "hello"},
		{"none", nil, ""},
		{"empty reader", strings.NewReader(""), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newStub(t, refuseFirst)
			c, src := server.client(t, "1000.first", "1000.second")
			resp, err := c.Do(t.Context(), crm.Request{Method: "POST", Path: "/crm/v8/files", Body: test.body}, nil)
			if err != nil || resp.Header.Get("X-Sent") != test.want {
				t.Errorf("sent %q, %v", resp.Header.Get("X-Sent"), err)
			}
			if server.calls.Load() != 2 || src.freshCalls() != 1 || src.refused[0] != oauth.NewSecret("1000.first") {
				t.Errorf("%d calls, refused %v", server.calls.Load(), src.refused)
			}
		})
	}
}

// TestOnceReader: a body that cannot be read twice is not sent twice, but the
// next call finds the fresh token.
func TestOnceReader(t *testing.T) {
	server := newStub(t, refuseFirst)
	c, src := server.client(t, "1000.first", "1000.second")
	send := func() (*crm.Response, error) {
		return c.Do(t.Context(), crm.Request{Method: "POST", Path: "/crm/v8/files", Body: io.MultiReader(strings.NewReader("hello"))}, nil)
	}
	if _, err := send(); !errors.Is(err, crm.ErrInvalidToken) || !strings.Contains(err.Error(), "only once") || server.calls.Load() != 1 || src.freshCalls() != 1 {
		t.Errorf("%v; %d calls", err, server.calls.Load())
	}
	if resp, err := send(); err != nil || resp.Header.Get("X-Sent") != "hello" {
		t.Errorf("second time: %v", err)
	}
}

// TestSameTokenAgain: a source without a better token ends the call.
func TestSameTokenAgain(t *testing.T) {
	server := newStub(t, refuseFirst)
	c, _ := server.client(t, "1000.first", "1000.first")
	if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/org"}, nil); !errors.Is(err, crm.ErrInvalidToken) || server.calls.Load() != 1 {
		t.Errorf("%v, %d calls", err, server.calls.Load())
	}
}

// TestTheTokenDecidesTheHost, for the second attempt as well.
func TestTheTokenDecidesTheHost(t *testing.T) {
	old := newStub(t, refuseFirst)
	moved := newStub(t, refuseFirst)
	src := tokensFor(old.URL, "1000.first", "1000.second")
	src.tokens[1].APIDomain = moved.URL + "/"
	dir := directory(t, old.URL)
	custom, err := dc.Custom(moved.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, crm.Config{Source: src, Directory: dir.With(custom)})
	if _, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/org"}, nil); err != nil || old.calls.Load() != 1 || moved.calls.Load() != 1 {
		t.Errorf("%v; %d and %d calls", err, old.calls.Load(), moved.calls.Load())
	}
}

// refusing fails the test when anything is sent.
type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.t.Errorf("a request went to %s", req.URL.Host)
	return nil, errors.New("refused")
}

func TestForeignHostsGetNothing(t *testing.T) {
	for _, domain := range []string{
		"https://evil.example", "https://www.zohoapis.com.evil.example", "http://www.zohoapis.com", "https://www.zohoapis.com@evil.example",
		"https://user:pass@www.zohoapis.com", "https://www.zohoapis.com:8443", "//www.zohoapis.com", "www.zohoapis.com", "https:www.zohoapis.com",
		"https://www.zohoapis.com?x=", "https://www.zohoapis.com#x", "ftp://www.zohoapis.com", "https://www.zohoapis.com\r\nX: y", "%", "http://169.254.169.254", "https://",
	} {
		src := tokensFor(domain, "1000.secret", "1000.other")
		c := newClient(t, crm.Config{Source: src, HTTPClient: &http.Client{Transport: refusing{t}}})
		_, err := c.Org.Get(t.Context())
		if err == nil || src.freshCalls() != 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", domain, err)
		}
		if domain == "https://evil.example" && !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("%q: %v is not ErrUntrusted", domain, err)
		}
	}
}

// TestRedirectsAreNotFollowed, not even to another port of the same address,
// to which net/http would carry the token.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, Authorization %q", r.Header.Get("Authorization"))
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := newStub(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x?token=abc", status) })
		for _, custom := range []*http.Client{nil, {CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}} {
			if custom != nil {
				defer custom.CloseIdleConnections()
			}
			c := newClient(t, crm.Config{Source: tokensFor(server.URL, "1000.x"), Directory: directory(t, server.URL), HTTPClient: custom})
			_, err := c.Do(t.Context(), crm.Request{Method: "POST", Path: "/crm/v8/Leads", Body: []byte(`{}`)}, nil)
			if !errors.Is(err, crm.ErrProtocol) || !strings.Contains(err.Error(), strings.TrimPrefix(other.URL, "http://")) || strings.Contains(err.Error(), "abc") {
				t.Errorf("%d: %v", status, err)
			}
			if custom != nil && custom.CheckRedirect(nil, nil) != nil {
				t.Error("the caller's HTTP client was changed")
			}
		}
	}
}

// failing is a Source that cannot.
type failing struct{ err error }

func (f failing) Token(context.Context) (*oauth.Token, error)               { return nil, f.err }
func (f failing) Fresh(context.Context, oauth.Secret) (*oauth.Token, error) { return nil, f.err }

func TestSourceWithoutToken(t *testing.T) {
	for _, src := range []oauth.Source{failing{oauth.ErrReauthRequired}, failing{nil}, oauth.StaticSource(oauth.Token{APIDomain: "https://www.zohoapis.com"})} {
		c := newClient(t, crm.Config{Source: src, HTTPClient: &http.Client{Transport: refusing{t}}})
		_, err := c.Org.Get(t.Context())
		if err == nil || src == (failing{oauth.ErrReauthRequired}) && !errors.Is(err, oauth.ErrReauthRequired) {
			t.Errorf("%v", err)
		}
	}
}

func TestAPIURL(t *testing.T) {
	server := newStub(t, says(200, jsonType, `{}`))
	cfg := crm.Config{Source: tokensFor("", "1000.x"), Directory: directory(t, server.URL)}
	if _, err := newClient(t, cfg).Do(t.Context(), crm.Request{Path: "/crm/v8/org"}, nil); err == nil || !strings.Contains(err.Error(), "Config.APIURL") {
		t.Errorf("no domain: %v", err)
	}
	cfg.APIURL = server.URL
	if _, err := newClient(t, cfg).Do(t.Context(), crm.Request{Path: "/crm/v8/org"}, nil); err != nil {
		t.Error(err)
	}
	cfg.APIURL = "https://evil.example"
	if _, err := crm.New(cfg); !errors.Is(err, dc.ErrUntrusted) {
		t.Errorf("foreign APIURL: %v", err)
	}
	if _, err := crm.New(crm.Config{}); err == nil {
		t.Error("a client without a source was made")
	}
}

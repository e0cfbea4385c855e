package crm_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// directory knows Zoho and one test server.
func directory(t testing.TB, base string) dc.Directory {
	t.Helper()
	custom, err := dc.Custom(base, "")
	if err != nil {
		t.Fatal(err)
	}
	return dc.Zoho().With(custom)
}

func newClient(t testing.TB, cfg crm.Config) *crm.Client {
	t.Helper()
	c, err := crm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// source hands out tokens from a list, the next one when one is refused, and
// keeps what it was told to be refused.
type source struct {
	mu      sync.Mutex
	tokens  []oauth.Token
	refused []oauth.Secret
}

func tokensFor(domain string, access ...string) *source {
	s := &source{}
	for _, a := range access {
		s.tokens = append(s.tokens, oauth.Token{AccessToken: oauth.NewSecret(a), APIDomain: domain})
	}
	return s
}

func (s *source) Token(context.Context) (*oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[0]
	return &t, nil
}

func (s *source) Fresh(_ context.Context, rejected oauth.Secret) (*oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, rejected)
	if current := s.tokens[0]; current.AccessToken != rejected {
		return &current, nil // somebody refreshed meanwhile
	}
	if len(s.tokens) < 2 {
		return nil, oauth.ErrReauthRequired
	}
	s.tokens = s.tokens[1:]
	t := s.tokens[0]
	return &t, nil
}

func (s *source) freshCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.refused)
}

// stub is a server whose answers a test writes by hand.
type stub struct {
	*httptest.Server
	calls atomic.Int64
}

func newStub(t testing.TB, answer http.HandlerFunc) *stub {
	t.Helper()
	s := &stub{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// client is a client of the stub with these access tokens, which repeats nothing.
func (s *stub) client(t testing.TB, access ...string) (*crm.Client, *source) {
	t.Helper()
	if len(access) == 0 {
		access = []string{"1000.good"}
	}
	src := tokensFor(s.URL, access...)
	return newClient(t, crm.Config{Source: src, Directory: directory(t, s.URL), Retries: -1}), src
}

// says answers everything with one status and body.
func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const jsonType = "application/json;charset=UTF-8"

// simSource is a user of the simulator: it asks the token endpoint by hand, so
// that these tests depend on no other part of the module.
type simSource struct {
	t    testing.TB
	base string // of the data centre

	mu      sync.Mutex
	token   *oauth.Token
	refresh string
	fresh   int
}

// newSim starts a simulator and a client for one of its users.
func newSim(t testing.TB, cfg sim.Config, user, dcPrefix string) (*crm.Client, *simtest.Server, *simSource) {
	t.Helper()
	server := simtest.New(t, cfg)
	src := connect(t, server, user, dcPrefix, "")
	return newClient(t, crm.Config{Source: src, Directory: directory(t, server.URL)}), server, src
}

// connect exchanges a grant code; scope "" is the default one.
func connect(t testing.TB, server *simtest.Server, user, dcPrefix, scope string) *simSource {
	t.Helper()
	code, err := server.Server.Grant(sim.GrantRequest{User: user, Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	s := &simSource{t: t, base: server.URL + dcPrefix}
	s.ask(url.Values{"grant_type": {"authorization_code"}, "code": {code}})
	return s
}

func (s *simSource) ask(form url.Values) {
	s.t.Helper()
	form.Set("client_id", "1000.SIM")
	form.Set("client_secret", "sim")
	resp, err := http.DefaultClient.PostForm(s.base+"/oauth/v2/token", form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	var answer struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Domain  string `json:"api_domain"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Access == "" {
		s.t.Fatalf("no token from the simulator (status %d, %v)", resp.StatusCode, err)
	}
	if answer.Refresh != "" {
		s.refresh = answer.Refresh
	}
	s.token = &oauth.Token{AccessToken: oauth.NewSecret(answer.Access), APIDomain: answer.Domain}
}

func (s *simSource) Token(context.Context) (*oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, nil
}

func (s *simSource) Fresh(_ context.Context, rejected oauth.Secret) (*oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh++
	if rejected == s.token.AccessToken {
		s.ask(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.refresh}})
	}
	return s.token, nil
}

// zipText is a ZIP file with one file in it.
func zipText(name, content string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.String()
}

package sim_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// broken sends a refresh on a connection of its own and reports the error.
func broken(t *testing.T, s *simtest.Server, ctx context.Context, v string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/oauth/v2/token", strings.NewReader(v))
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client.Do(req)
	if err == nil {
		res.Body.Close()
	}
	return err
}

func TestFaultAnswers(t *testing.T) {
	for _, c := range []struct {
		kind   sim.FaultKind
		status int
		body   string
		kindOf string
	}{
		{sim.FaultStatus500, 500, `"INTERNAL_ERROR"`, "application/json"},
		{sim.FaultHTML, 502, "<h1>", "text/html"},
		{sim.FaultThrottle200, 200, throttledBody, "application/json"},
		{sim.FaultThrottle400, 400, throttledBody, "application/json"},
		{sim.FaultNoAccessToken, 200, `"expires_in":3600`, "application/json"},
		{sim.FaultBadJSON, 200, `{"access_token":"1000.`, "application/json"},
		{sim.FaultRedirect, 307, "", ""},
		{sim.FaultInvalidToken, 401, "INVALID_TOKEN", "application/json"},
		{sim.FaultTooMany, 429, "TOO_MANY_REQUESTS", "application/json"},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			s := stopped(t, sim.Config{})
			_, refresh := connect(t, s, "alice", "")
			s.Inject(sim.Fault{Kind: c.kind, Match: "refresh"})
			a := mint(t, s, refresh)
			if a.status != c.status || !strings.Contains(a.text, c.body) || !strings.HasPrefix(a.header.Get("Content-Type"), c.kindOf) {
				t.Errorf("%d %s %s", a.status, a.header.Get("Content-Type"), a.text)
			}
			if a.str("access_token") != "" {
				t.Error("the fault gave a token")
			}
			if n := s.Counters().Refreshes; n != 0 {
				t.Errorf("minted %d", n)
			}
			if a := mint(t, s, refresh); a.str("access_token") == "" {
				t.Errorf("after one fault: %s", a.text)
			}
			if c := s.Counters(); c.Faults != 1 || c.TokenRequests != 3 {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestFaultHTMLWithStatus200(t *testing.T) {
	s := stopped(t, sim.Config{})
	s.Inject(sim.Fault{Kind: sim.FaultHTML, Status: 200})
	if a := do(t, s, request(t, "GET", s.URL+"/oauth/serverinfo", "")); a.status != 200 || a.json != nil {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestFaultDrops(t *testing.T) {
	for kind, minted := range map[sim.FaultKind]int64{sim.FaultDropBefore: 0, sim.FaultDropAfter: 1} {
		t.Run(string(kind), func(t *testing.T) {
			s := stopped(t, sim.Config{})
			_, refresh := connect(t, s, "alice", "")
			s.Inject(sim.Fault{Kind: kind, Match: "token"})
			if err := broken(t, s, t.Context(), refreshForm(refresh).Encode()); err == nil {
				t.Error("there was an answer")
			}
			if n := s.Counters().Refreshes; n != minted {
				t.Errorf("minted %d, want %d", n, minted)
			}
		})
	}
}

// A code that was used in an exchange whose answer got lost is gone.
func TestLostExchange(t *testing.T) {
	s := stopped(t, sim.Config{})
	code := s.Grant("alice")
	s.Inject(sim.Fault{Kind: sim.FaultDropAfter, Match: "exchange"})
	if err := broken(t, s, t.Context(), exchangeForm(code).Encode()); err == nil {
		t.Error("there was an answer")
	}
	want(t, post(t, s, "/oauth/v2/token", exchangeForm(code)), 200, "invalid_code")
}

func TestFaultDelay(t *testing.T) {
	s := stopped(t, sim.Config{})
	_, refresh := connect(t, s, "alice", "")
	s.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "refresh", Delay: 50 * time.Millisecond})
	begun := time.Now()
	if a := mint(t, s, refresh); a.str("access_token") == "" || time.Since(begun) < 50*time.Millisecond {
		t.Errorf("after %v: %s", time.Since(begun), a.text)
	}
}

// A client that gives up while the server thinks loses a token that was made.
func TestFaultDelayOutlastsTheClient(t *testing.T) {
	s := stopped(t, sim.Config{})
	_, refresh := connect(t, s, "alice", "")
	s.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "refresh", Delay: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := broken(t, s, ctx, refreshForm(refresh).Encode()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	for s.Counters().Refreshes == 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestFaultHang(t *testing.T) {
	s := stopped(t, sim.Config{})
	_, refresh := connect(t, s, "alice", "")
	s.Inject(sim.Fault{Kind: sim.FaultHang, Match: "refresh", Count: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := broken(t, s, ctx, refreshForm(refresh).Encode()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// The second one hangs until the server closes, which must not wait for it.
	ended := make(chan error, 1)
	go func() { ended <- broken(t, s, context.Background(), refreshForm(refresh).Encode()) }()
	for s.Counters().Faults < 2 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	if err := <-ended; err == nil {
		t.Error("there was an answer")
	}
	if n := s.Counters().Refreshes; n != 0 {
		t.Errorf("minted %d", n)
	}
}

func TestFaultMatching(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	org := func() int { return api(t, s, "GET", "/crm/v8/org", access, "").status }

	s.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "api", Count: 2})
	s.Inject(sim.Fault{Kind: sim.FaultTooMany, Match: "/crm/v8/org"})
	if a := do(t, s, request(t, "GET", s.URL+"/oauth/serverinfo", "")); a.status != 200 {
		t.Errorf("serverinfo is not the API: %d", a.status)
	}
	for i, want := range []int{500, 500, 429, 200} {
		if got := org(); got != want {
			t.Errorf("call %d: %d, want %d", i+1, got, want)
		}
	}
	s.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "revoke"})
	if a := post(t, s, "/oauth/v2/token/revoke", form("token", access)); a.status != 500 {
		t.Errorf("revoke: %d", a.status)
	}
	s.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "/eu/oauth", Count: -1})
	for range 3 {
		if a := post(t, s, "/eu/oauth/v2/token", refreshForm("x")); a.status != 500 {
			t.Errorf("eu: %d", a.status)
		}
	}
	if a := post(t, s, "/oauth/v2/token", refreshForm("x")); a.status != 200 {
		t.Errorf("us: %d", a.status)
	}
	s.ClearFaults()
	if a := post(t, s, "/eu/oauth/v2/token", refreshForm("x")); a.status != 200 {
		t.Errorf("cleared: %d", a.status)
	}
}

func TestFaultRedirectIsNoticed(t *testing.T) {
	s := stopped(t, sim.Config{})
	s.Inject(sim.Fault{Kind: sim.FaultRedirect, Match: "token"})
	if err := broken(t, s, t.Context(), refreshForm("x").Encode()); err != nil {
		t.Fatal(err)
	}
	if n := s.Counters().Followed; n != 1 {
		t.Errorf("counted %d", n)
	}
}

func TestInjectRefusesNonsense(t *testing.T) {
	s := stopped(t, sim.Config{})
	for _, f := range []sim.Fault{{Kind: "earthquake"}, {Kind: sim.FaultDelay, Match: "tokens"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was taken", f)
				}
			}()
			s.Inject(f)
		}()
	}
}

package sim_test

import (
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// throttledBody is Zoho's answer, word for word.
const throttledBody = `{"error":"Access Denied","error_description":"You have made too many requests continuously. Please try again after some time.","status":"failure"}`

func mint(t *testing.T, s *simtest.Server, refresh string) answer {
	t.Helper()
	return post(t, s, "/oauth/v2/token", refreshForm(refresh))
}

func TestMintsFixedWindow(t *testing.T) {
	s := stopped(t, sim.Config{})
	_, refresh := connect(t, s, "alice", "")
	for i := range 10 {
		if a := mint(t, s, refresh); a.str("access_token") == "" {
			t.Fatalf("mint %d: %s", i+1, a.text)
		}
		s.Advance(30 * time.Second)
	}
	a := mint(t, s, refresh)
	if a.status != 400 || a.text != throttledBody {
		t.Errorf("mint 11: %d %s", a.status, a.text)
	}
	if a.header.Get("Retry-After") != "" {
		t.Error("Zoho sends no Retry-After")
	}
	_, other := connect(t, s, "bob", "")
	if a := mint(t, s, other); a.str("access_token") == "" {
		t.Errorf("another refresh token is not throttled: %s", a.text)
	}
	s.Advance(5*time.Minute - 1)
	if a := mint(t, s, refresh); a.status != 400 {
		t.Errorf("before the window's end: %s", a.text)
	}
	s.Advance(1)
	for i := range 10 {
		if a := mint(t, s, refresh); a.str("access_token") == "" {
			t.Fatalf("new window, mint %d: %s", i+1, a.text)
		}
	}
	if c := s.Counters(); c.Refreshes != 21 || c.Throttled != 2 {
		t.Errorf("counted %d refreshes, %d throttled", c.Refreshes, c.Throttled)
	}
}

func TestMintsSlidingWindow(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.SlidingWindow, limits.ThrottleStatus = true, 200
	s := stopped(t, sim.Config{Limits: &limits})
	_, refresh := connect(t, s, "alice", "")
	for range 10 {
		mint(t, s, refresh)
		s.Advance(30 * time.Second)
	}
	if a := mint(t, s, refresh); a.status != 200 || a.text != throttledBody {
		t.Errorf("mint 11: %d %s", a.status, a.text)
	}
	s.Advance(5 * time.Minute)
	if a := mint(t, s, refresh); a.str("access_token") == "" {
		t.Errorf("the first mint has left the window: %s", a.text)
	}
	if a := mint(t, s, refresh); a.str("error") != "Access Denied" {
		t.Errorf("only one has left the window: %s", a.text)
	}
}

func TestOldestAccessTokenDies(t *testing.T) {
	limits := sim.NoLimits()
	limits.LiveAccessTokens = 15
	s := stopped(t, sim.Config{Limits: &limits})
	first, refresh := connect(t, s, "alice", "")
	second := mint(t, s, refresh).str("access_token")
	for range 13 {
		mint(t, s, refresh)
	}
	if !valid(t, s, first) {
		t.Fatal("15 tokens must live")
	}
	mint(t, s, refresh)
	want(t, api(t, s, "GET", "/crm/v8/org", first, ""), 401, "INVALID_TOKEN")
	if !valid(t, s, second) {
		t.Error("only the oldest dies")
	}
	if c := s.Counters(); c.LiveAccessTokens != 15 || c.EvictedAccessTokens != 1 {
		t.Errorf("%+v", c)
	}
}

func TestExpiredTokensMakeRoom(t *testing.T) {
	limits := sim.NoLimits()
	limits.LiveAccessTokens = 2
	s := stopped(t, sim.Config{Limits: &limits})
	_, refresh := connect(t, s, "alice", "")
	s.Advance(time.Hour)
	a := mint(t, s, refresh).str("access_token")
	mint(t, s, refresh)
	if !valid(t, s, a) {
		t.Error("an expired token must not count as alive")
	}
}

func TestOldestRefreshTokenDies(t *testing.T) {
	limits := sim.NoLimits()
	limits.LiveRefreshTokens = 20
	s := stopped(t, sim.Config{Limits: &limits})
	access, first := connect(t, s, "alice", "")
	for range 19 {
		connect(t, s, "alice", "")
	}
	connect(t, s, "bob", "") // counts apart
	mint(t, s, first)        // used a moment ago, and dies all the same
	connect(t, s, "alice", "")
	want(t, mint(t, s, first), 200, "invalid_code")
	if valid(t, s, access) {
		t.Error("its access tokens die with it")
	}
	if c := s.Counters(); c.LiveRefreshTokens != 21 || c.EvictedRefreshTokens != 1 {
		t.Errorf("%+v", c)
	}
}

func TestNewRefreshTokenRates(t *testing.T) {
	s := stopped(t, sim.Config{})
	for range 5 {
		connect(t, s, "alice", "")
	}
	code := s.Grant("alice")
	a := post(t, s, "/oauth/v2/token", exchangeForm(code))
	if a.status != 400 || a.text != throttledBody {
		t.Fatalf("sixth in a minute: %d %s", a.status, a.text)
	}
	connect(t, s, "bob", "")
	s.Advance(time.Minute)
	if a := post(t, s, "/oauth/v2/token", exchangeForm(code)); a.str("refresh_token") == "" {
		t.Errorf("a minute later the same code is good: %s", a.text)
	}
	for range 4 {
		connect(t, s, "alice", "")
	}
	s.Advance(time.Minute)
	want(t, post(t, s, "/oauth/v2/token", exchangeForm(s.Grant("alice"))), 400, "Access Denied")
	s.Advance(8 * time.Minute)
	connect(t, s, "alice", "")
}

func TestGrantCodeRate(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.GrantCodes = sim.Rate{N: 2, Per: 10 * time.Minute}
	s := stopped(t, sim.Config{Limits: &limits})
	s.Grant("alice")
	a := authorize(t, s, "", nil, "auto", "bob")
	if a.query().Get("code") == "" {
		t.Fatalf("second code: %v", a.query())
	}
	a = authorize(t, s, "", nil, "auto", "bob", "state", "x")
	if q := a.query(); q.Get("error") != "access_denied" || q.Get("state") != "x" {
		t.Errorf("third code: %v", q)
	}
	if _, err := s.Server.Grant(sim.GrantRequest{User: "alice"}); err == nil {
		t.Error("third code was granted")
	}
}

func TestNoLimits(t *testing.T) {
	s := stopped(t, sim.Config{Limits: new(sim.NoLimits())})
	code := s.Grant("alice")
	s.Advance(24 * time.Hour)
	a := post(t, s, "/oauth/v2/token", exchangeForm(code))
	first := a.str("access_token")
	for range 40 {
		if a := mint(t, s, a.str("refresh_token")); a.str("access_token") == "" {
			t.Fatal(a.text)
		}
		connect(t, s, "alice", "")
	}
	if !valid(t, s, first) {
		t.Error("a token died")
	}
}

func TestReconsentWithoutPrompt(t *testing.T) {
	s := stopped(t, sim.Config{})
	exchange := func(pairs ...string) answer {
		v := exchangeForm(authorize(t, s, "", nil, append(pairs, "auto", "alice")...).query().Get("code"))
		v.Set("redirect_uri", redirect)
		return post(t, s, "/oauth/v2/token", v)
	}
	online := exchange()
	if online.str("access_token") == "" || online.str("refresh_token") != "" {
		t.Errorf("online: %s", online.text)
	}
	first := exchange("access_type", "offline")
	if first.str("refresh_token") == "" {
		t.Errorf("first offline consent: %s", first.text)
	}
	if a := exchange("access_type", "offline"); a.str("refresh_token") != "" || a.str("access_token") == "" {
		t.Errorf("offline again, no prompt: %s", a.text)
	}
	if a := exchange("access_type", "offline", "prompt", "consent"); a.str("refresh_token") == "" {
		t.Errorf("offline again with prompt=consent: %s", a.text)
	}
	s.RevokeUser("alice@example.com")
	if a := exchange("access_type", "offline"); a.str("refresh_token") == "" {
		t.Errorf("after a revocation: %s", a.text)
	}
}

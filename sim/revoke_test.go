package sim_test

import (
	"testing"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

func TestRevokeRefreshToken(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, refresh := connect(t, s, "alice", "")
	a := do(t, s, request(t, "POST", s.URL+"/oauth/v2/token/revoke?token="+refresh, ""))
	if a.status != 200 || a.text != `{"status":"success"}` {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if valid(t, s, access) {
		t.Error("its access token must die with it")
	}
	want(t, mint(t, s, refresh), 200, "invalid_code")
	want(t, post(t, s, "/oauth/v2/token/revoke", form("token", refresh)), 400, "invalid_token")
	if n := s.Counters().Revokes; n != 1 {
		t.Errorf("counted %d", n)
	}
}

func TestRevokeAccessToken(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, refresh := connect(t, s, "alice", "")
	if a := post(t, s, "/oauth/v2/token/revoke", form("token", access)); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if valid(t, s, access) {
		t.Error("the access token lives")
	}
	if mint(t, s, refresh).str("access_token") == "" {
		t.Error("the refresh token must live on")
	}
}

func TestRevokeMistakes(t *testing.T) {
	s := stopped(t, sim.Config{})
	_, refresh := connect(t, s, "alice", "")
	for name, a := range map[string]answer{
		"GET":        do(t, s, request(t, "GET", s.URL+"/oauth/v2/token/revoke?token="+refresh, "")),
		"no token":   post(t, s, "/oauth/v2/token/revoke", form()),
		"wrong name": post(t, s, "/oauth/v2/token/revoke", form("$TOKEN", refresh)),
	} {
		if a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	if mint(t, s, refresh).str("access_token") == "" {
		t.Error("the token died")
	}
}

func TestRevokeWithClient(t *testing.T) {
	s := stopped(t, sim.Config{Clients: []sim.Client{{ID: "1000.SIM", Secret: "sim"}, {ID: "1000.OTHER", Secret: "o"}}})
	_, refresh := connect(t, s, "alice", "")
	send := func(id, secret, token, kind string) answer {
		req := request(t, "POST", s.URL+"/oauth/v2/revoke/token", form("token", token, "token_type", kind).Encode())
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if id != "" {
			req.SetBasicAuth(id, secret)
		}
		return do(t, s, req)
	}
	want(t, send("", "", refresh, "refresh_token"), 200, "invalid_client")
	want(t, send("1000.SIM", "x", refresh, "refresh_token"), 200, "invalid_client_secret")
	want(t, send("1000.OTHER", "o", refresh, "refresh_token"), 400, "invalid_token")
	want(t, send("1000.SIM", "sim", refresh, "access_token"), 400, "invalid_token")
	if a := send("1000.SIM", "sim", refresh, "refresh_token"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
	want(t, mint(t, s, refresh), 200, "invalid_code")
}

func TestRevokeAnywhere(t *testing.T) {
	s := stopped(t, sim.Config{Limits: &sim.Limits{RevokeAnywhere: true}})
	_, refresh := connect(t, s, "erik", "/eu")
	if a := post(t, s, "/oauth/v2/token/revoke", form("token", refresh)); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestRevokeUser(t *testing.T) {
	for name, revoke := range map[string]func(s *simtest.Server){
		"method": func(s *simtest.Server) { s.RevokeUser("alice@example.com") },
		"path": func(s *simtest.Server) {
			a := do(t, s, request(t, "POST", s.URL+"/sim/revoke?user=alice", ""))
			if a.text != `{"revoked":2}` {
				t.Errorf("%d %s", a.status, a.text)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := stopped(t, sim.Config{})
			access, first := connect(t, s, "alice", "")
			_, second := connect(t, s, "alice", "")
			_, bobs := connect(t, s, "bob", "")
			code := s.Grant("alice")
			revoke(s)
			want(t, mint(t, s, first), 200, "invalid_code")
			want(t, mint(t, s, second), 200, "invalid_code")
			want(t, post(t, s, "/oauth/v2/token", exchangeForm(code)), 200, "invalid_code")
			if valid(t, s, access) {
				t.Error("the access token lives")
			}
			if mint(t, s, bobs).str("access_token") == "" {
				t.Error("bob was hit too")
			}
		})
	}
}

package sim_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"zohocrm/sim"
)

func TestControlPaths(t *testing.T) {
	s := stopped(t, sim.Config{})
	get := func(path string) answer {
		t.Helper()
		return do(t, s, request(t, "GET", s.URL+path, ""))
	}
	code := get("/sim/grant?user=alice&life=10m&scope=ZohoCRM.org.READ&client_id=1000.SIM").str("code")
	if a := get("/sim/clock?advance=9m"); a.text != `{"now":"2026-03-01T12:09:00Z","offset_ms":540000}` {
		t.Error(a.text)
	}
	a := post(t, s, "/oauth/v2/token", exchangeForm(code))
	if a.str("scope") != "ZohoCRM.org.READ" || a.str("refresh_token") == "" {
		t.Errorf("exchange: %s", a.text)
	}
	code = post(t, s, "/sim/grant", form("user", "alice", "access_type", "online")).str("code")
	if a := post(t, s, "/oauth/v2/token", exchangeForm(code)); a.str("access_token") == "" || a.str("refresh_token") != "" {
		t.Errorf("online: %s", a.text)
	}
	if a := get("/sim/counters"); a.json["exchanges"] != 2.0 || a.json["grants"] != 2.0 {
		t.Error(a.text)
	}
	if a := get("/sim/fault?kind=html&match=/oauth/serverinfo&count=2&status=200&delay=1ms"); a.status != 200 {
		t.Error(a.text)
	}
	if a := get("/oauth/serverinfo"); a.json != nil {
		t.Error(a.text)
	}
	get("/sim/fault?kind=clear")
	if a := get("/oauth/serverinfo"); a.str("result") != "success" {
		t.Error(a.text)
	}
	if a := get("/"); a.status != 200 {
		t.Errorf("front page: %d", a.status)
	}
}

func TestControlMistakes(t *testing.T) {
	s := stopped(t, sim.Config{})
	for path, status := range map[string]int{
		"/sim/grant": 400, "/sim/grant?user=nobody": 400, "/sim/grant?user=alice&life=soon": 400,
		"/sim/clock?advance=much": 400, "/sim/revoke?user=nobody": 400, "/sim/nothing": 404,
		"/sim/fault": 400, "/sim/fault?kind=delay&count=x": 400, "/sim/fault?kind=delay&delay=x": 400, "/sim/fault?kind=delay&match=x": 400,
	} {
		if a := do(t, s, request(t, "GET", s.URL+path, "")); a.status != status || a.str("error") == "" {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	if a := do(t, s, request(t, "DELETE", s.URL+"/sim/counters", "")); a.status != 405 {
		t.Errorf("DELETE: %d", a.status)
	}
}

func TestControlIsForLoopbackOnly(t *testing.T) {
	s := sim.New(sim.Config{})
	for name, c := range map[string]struct {
		remote, host, site string
		status             int
	}{
		"this machine":        {"127.0.0.1:5000", "127.0.0.1:8800", "", 200},
		"this machine, IPv6":  {"[::1]:5000", "localhost", "none", 200},
		"another machine":     {"192.0.2.1:5000", "127.0.0.1:8800", "", 403},
		"a name that rebinds": {"127.0.0.1:5000", "evil.example:8800", "", 403},
		"another site's page": {"127.0.0.1:5000", "127.0.0.1:8800", "cross-site", 403},
	} {
		r := httptest.NewRequest("GET", "http://"+c.host+"/sim/counters", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("Sec-Fetch-Site", c.site)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestAdvanceMovesTheDateHeader(t *testing.T) {
	s := stopped(t, sim.Config{})
	s.Advance(90 * time.Minute)
	if got := s.Now(); !got.Equal(start().Add(90 * time.Minute)) {
		t.Errorf("Now %v", got)
	}
	a := do(t, s, request(t, "GET", s.URL+"/anything", ""))
	if got := a.header.Get("Date"); got != "Sun, 01 Mar 2026 13:30:00 GMT" || a.status != 404 {
		t.Errorf("%d Date %q", a.status, got)
	}
	s.Advance(-time.Hour)
	if got := s.Now(); !got.Equal(start().Add(30 * time.Minute)) {
		t.Errorf("Now %v", got)
	}
}

package sim_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

func TestExchangeAndRefreshAnswers(t *testing.T) {
	s := stopped(t, sim.Config{})
	a := post(t, s, "/oauth/v2/token", exchangeForm(s.Grant("alice")))
	shape := regexp.MustCompile(`^1000\.[0-9a-f]{32}\.[0-9a-f]{32}$`)
	if a.status != 200 || !shape.MatchString(a.str("access_token")) || !shape.MatchString(a.str("refresh_token")) {
		t.Fatalf("exchange: %d %s", a.status, a.text)
	}
	for key, want := range map[string]any{
		"api_domain": s.URL, "token_type": "Bearer", "expires_in": 3600.0,
		"scope": "ZohoCRM.modules.ALL ZohoCRM.settings.ALL ZohoCRM.users.READ ZohoCRM.org.READ",
	} {
		if a.json[key] != want {
			t.Errorf("%s = %v, want %v", key, a.json[key], want)
		}
	}
	if got := a.header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
		t.Errorf("Content-Type %q", got)
	}
	if got, want := a.header.Get("Date"), start().Format(http.TimeFormat); got != want {
		t.Errorf("Date %q, want %q", got, want)
	}
	b := post(t, s, "/oauth/v2/token", refreshForm(a.str("refresh_token")))
	if b.str("access_token") == "" || b.str("access_token") == a.str("access_token") {
		t.Errorf("refresh: %d %s", b.status, b.text)
	}
	if _, rotated := b.json["refresh_token"]; rotated {
		t.Error("a refresh must not answer with a refresh token")
	}
}

func TestTokenErrors(t *testing.T) {
	cases := []struct {
		name   string
		change func(v url.Values)
		code   string
	}{
		{"unknown client", func(v url.Values) { v.Set("client_id", "1000.NOBODY") }, "invalid_client"},
		{"no client", func(v url.Values) { v.Del("client_id") }, "invalid_client"},
		{"wrong secret", func(v url.Values) { v.Set("client_secret", "x") }, "invalid_client_secret"},
		{"wrong code", func(v url.Values) { v.Set("code", "1000.x.y") }, "invalid_code"},
		{"no code", func(v url.Values) { v.Del("code") }, "invalid_code"},
	}
	for _, status := range []int{200, 400} {
		limits := sim.ZohoLimits()
		limits.ErrorStatus = status
		s := stopped(t, sim.Config{Limits: &limits})
		code := s.Grant("alice")
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				v := exchangeForm(code)
				c.change(v)
				want(t, post(t, s, "/oauth/v2/token", v), status, c.code)
			})
		}
		if a := post(t, s, "/oauth/v2/token", exchangeForm(code)); a.str("access_token") == "" {
			t.Errorf("a failed request used the code up: %s", a.text)
		}
	}
}

func TestPlainBadRequests(t *testing.T) {
	s := stopped(t, sim.Config{})
	for name, a := range map[string]answer{
		"GET":           do(t, s, request(t, "GET", s.URL+"/oauth/v2/token?"+exchangeForm(s.Grant("alice")).Encode(), "")),
		"no grant type": post(t, s, "/oauth/v2/token", form("client_id", "1000.SIM")),
		"unknown type":  post(t, s, "/oauth/v2/token", form("grant_type", "password")),
	} {
		if a.status != 400 || a.json != nil {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	large := form("x", strings.Repeat("y", 70<<10))
	for _, path := range []string{"/oauth/v2/token", "/oauth/v2/token/revoke", "/oauth/v2/revoke/token", "/oauth/v2/auth", "/sim/grant"} {
		if a := post(t, s, path, large); a.status != 413 {
			t.Errorf("%s, large body: %d", path, a.status)
		}
	}
	req := request(t, "POST", s.URL+"/oauth/v2/token", "--x\r\nbroken")
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if a := do(t, s, req); a.status != 400 {
		t.Errorf("broken multipart: %d", a.status)
	}
}

func TestCodeIsUsedOnce(t *testing.T) {
	s := stopped(t, sim.Config{})
	code := s.Grant("alice")
	post(t, s, "/oauth/v2/token", exchangeForm(code))
	want(t, post(t, s, "/oauth/v2/token", exchangeForm(code)), 200, "invalid_code")
}

func TestCodeLife(t *testing.T) {
	for _, c := range []struct {
		name  string
		life  time.Duration
		wait  time.Duration
		alive bool
	}{
		{"just in time", 0, 120*time.Second - 1, true},
		{"too late", 0, 120 * time.Second, false},
		{"own life", 10 * time.Minute, 9 * time.Minute, true},
		{"own life over", time.Minute, time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stopped(t, sim.Config{})
			code, err := s.Server.Grant(sim.GrantRequest{User: "alice@example.com", Life: c.life})
			if err != nil {
				t.Fatal(err)
			}
			s.Advance(c.wait)
			a := post(t, s, "/oauth/v2/token", exchangeForm(code))
			if got := a.str("access_token") != ""; got != c.alive {
				t.Errorf("alive %v: %s", got, a.text)
			}
		})
	}
}

func TestGrantRequest(t *testing.T) {
	s := stopped(t, sim.Config{})
	for name, g := range map[string]sim.GrantRequest{
		"user":   {User: "nobody"},
		"client": {User: "alice", ClientID: "1000.NOBODY"},
		"scope":  {User: "alice", Scope: "ZohoCRM.modules.ALL ZohoCRM.org.READ"},
	} {
		if _, err := s.Server.Grant(g); err == nil {
			t.Errorf("wrong %s was accepted", name)
		}
	}
	online := false
	code, err := s.Server.Grant(sim.GrantRequest{User: "alice", Offline: &online, RedirectURL: "https://a.example/cb"})
	if err != nil {
		t.Fatal(err)
	}
	v := exchangeForm(code)
	want(t, post(t, s, "/oauth/v2/token", v), 200, "invalid_redirect_uri")
	v.Set("redirect_uri", "https://a.example/cb/")
	want(t, post(t, s, "/oauth/v2/token", v), 200, "invalid_redirect_uri")
	v.Set("redirect_uri", "https://a.example/cb")
	a := post(t, s, "/oauth/v2/token", v)
	if _, given := a.json["refresh_token"]; given || a.str("access_token") == "" {
		t.Errorf("online exchange: %s", a.text)
	}
}

// The official SDKs send the same parameters in four ways.
func TestParameterEncodings(t *testing.T) {
	s := stopped(t, sim.Config{Limits: new(sim.NoLimits())})
	send := map[string]func(v url.Values) *http.Request{
		"query": func(v url.Values) *http.Request {
			return request(t, "POST", s.URL+"/oauth/v2/token?"+v.Encode(), "")
		},
		"urlencoded": func(v url.Values) *http.Request {
			req := request(t, "POST", s.URL+"/oauth/v2/token", v.Encode())
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			return req
		},
		"no content type": func(v url.Values) *http.Request {
			return request(t, "POST", s.URL+"/oauth/v2/token", v.Encode())
		},
		"multipart": func(v url.Values) *http.Request {
			var body bytes.Buffer
			parts := multipart.NewWriter(&body)
			for k := range v {
				if err := parts.WriteField(k, v.Get(k)); err != nil {
					t.Fatal(err)
				}
			}
			if err := parts.Close(); err != nil {
				t.Fatal(err)
			}
			req := request(t, "POST", s.URL+"/oauth/v2/token", body.String())
			req.Header.Set("Content-Type", parts.FormDataContentType())
			return req
		},
		"joined without escaping": func(v url.Values) *http.Request {
			var pairs []string
			for k := range v {
				pairs = append(pairs, k+"="+v.Get(k))
			}
			req := request(t, "POST", s.URL+"/oauth/v2/token", strings.Join(pairs, "&"))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return req
		},
	}
	for name, build := range send {
		t.Run(name, func(t *testing.T) {
			code, err := s.Server.Grant(sim.GrantRequest{User: "alice", RedirectURL: "https://cb.example/100%/oauth"})
			if err != nil {
				t.Fatal(err)
			}
			v := exchangeForm(code)
			v.Set("redirect_uri", "https://cb.example/100%/oauth")
			a := do(t, s, build(v))
			if a.str("refresh_token") == "" {
				t.Fatalf("exchange: %d %s", a.status, a.text)
			}
			a = do(t, s, build(refreshForm(a.str("refresh_token"))))
			if a.str("access_token") == "" {
				t.Errorf("refresh: %d %s", a.status, a.text)
			}
		})
	}
	req := request(t, "POST", s.URL+"/oauth/v2/token", `{"grant_type":"refresh_token"}`)
	req.Header.Set("Content-Type", "application/json")
	if a := do(t, s, req); a.status != 400 {
		t.Errorf("a JSON body is not a form: %d %s", a.status, a.text)
	}
}

func TestBasicClientAuthentication(t *testing.T) {
	s := stopped(t, sim.Config{})
	v := exchangeForm(s.Grant("alice"))
	v.Del("client_id")
	v.Del("client_secret")
	req := request(t, "POST", s.URL+"/oauth/v2/token", v.Encode())
	req.SetBasicAuth("1000.SIM", "sim")
	if a := do(t, s, req); a.str("access_token") == "" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestLegacyExpiry(t *testing.T) {
	s := stopped(t, sim.Config{Limits: &sim.Limits{LegacyExpiry: true}, TokenLife: 30 * time.Minute})
	a := post(t, s, "/oauth/v2/token", exchangeForm(s.Grant("alice")))
	if a.json["expires_in"] != 1_800_000.0 || a.json["expires_in_sec"] != 1800.0 {
		t.Error(a.text)
	}
}

func TestAccessTokenLife(t *testing.T) {
	s := stopped(t, sim.Config{TokenLife: 10 * time.Minute})
	access, _ := connect(t, s, "alice", "")
	a := api(t, s, "GET", "/crm/v8/org", access, "")
	if got := a.header.Get("X-ACCESSTOKEN-RESET"); got != "2026-03-01T12:10:00+00:00" {
		t.Errorf("X-ACCESSTOKEN-RESET %q", got)
	}
	s.Advance(10*time.Minute - 1)
	if !valid(t, s, access) {
		t.Error("died too soon")
	}
	s.Advance(1)
	want(t, api(t, s, "GET", "/crm/v8/org", access, ""), 401, "INVALID_TOKEN")
	if n := s.Counters().InvalidToken; n != 1 {
		t.Errorf("counted %d", n)
	}
}

func TestClientCredentials(t *testing.T) {
	s := stopped(t, sim.Config{})
	v := form("grant_type", "client_credentials", "client_id", "1000.SIM", "client_secret", "sim", "scope", "ZohoCRM.org.READ")
	want(t, post(t, s, "/oauth/v2/token", v), 200, "missing_org_info")
	v.Set("soid", "ZohoCRM.10002")
	a := post(t, s, "/oauth/v2/token", v)
	if _, given := a.json["refresh_token"]; given || !valid(t, s, a.str("access_token")) {
		t.Errorf("%d %s", a.status, a.text)
	}
	v.Set("scope", "everything")
	want(t, post(t, s, "/oauth/v2/token", v), 200, "invalid_scope")
}

func TestDataCentres(t *testing.T) {
	cfg := sim.Config{Clients: []sim.Client{
		{ID: "1000.SIM", Secret: "sim", Secrets: map[string]string{"in": "other"}, Locations: []string{"us", "eu", "in"}},
	}}
	s := stopped(t, cfg)
	code := s.Grant("erik")
	want(t, post(t, s, "/oauth/v2/token", exchangeForm(code)), 200, "invalid_code")
	want(t, post(t, s, "/jp/oauth/v2/token", exchangeForm(code)), 200, "invalid_client")
	want(t, post(t, s, "/in/oauth/v2/token", exchangeForm(code)), 200, "invalid_client_secret")
	a := post(t, s, "/eu/oauth/v2/token", exchangeForm(code))
	if a.str("api_domain") != s.URL+"/eu" {
		t.Fatalf("exchange: %s", a.text)
	}
	access, refresh := a.str("access_token"), a.str("refresh_token")
	want(t, post(t, s, "/oauth/v2/token", refreshForm(refresh)), 200, "invalid_code")
	if a := post(t, s, "/eu/oauth/v2/token", refreshForm(refresh)); a.str("api_domain") != s.URL+"/eu" {
		t.Errorf("refresh: %s", a.text)
	}
	if a := api(t, s, "GET", "/eu/crm/v8/org", access, ""); a.status != 200 {
		t.Errorf("own data centre: %d %s", a.status, a.text)
	}
	want(t, api(t, s, "GET", "/crm/v8/org", access, ""), 401, "INVALID_TOKEN")
	want(t, post(t, s, "/oauth/v2/token/revoke", form("token", refresh)), 400, "invalid_token")
	if a := post(t, s, "/eu/oauth/v2/token/revoke", form("token", refresh)); a.status != 200 {
		t.Errorf("revoke: %d %s", a.status, a.text)
	}
}

func TestServerInfo(t *testing.T) {
	s := stopped(t, sim.Config{})
	a := do(t, s, request(t, "GET", s.URL+"/oauth/serverinfo", ""))
	locations, _ := a.json["locations"].(map[string]any)
	if a.str("result") != "success" || locations["us"] != s.URL || locations["eu"] != s.URL+"/eu" || locations["cn"] != nil {
		t.Error(a.text)
	}
}

func TestUserInfo(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	want(t, api(t, s, "GET", "/oauth/user/info", access, ""), 401, "OAUTH_SCOPE_MISMATCH")
	code, err := s.Server.Grant(sim.GrantRequest{User: "alice", Scope: "AaaServer.profile.READ"})
	if err != nil {
		t.Fatal(err)
	}
	access = post(t, s, "/oauth/v2/token", exchangeForm(code)).str("access_token")
	a := api(t, s, "GET", "/oauth/user/info", access, "")
	if a.str("Email") != "alice@example.com" || a.str("Display_Name") != "Alice Example" || a.str("ZUID") == "" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

// Nothing that names a secret reaches the counters.
func TestCountersHoldNoSecret(t *testing.T) {
	s := simtest.New(t, sim.Config{})
	_, refresh := connect(t, s, "alice", "")
	post(t, s, "/oauth/v2/token", refreshForm(refresh))
	a := do(t, s, request(t, "GET", s.URL+"/sim/counters", ""))
	if a.status != 200 || strings.Contains(a.text, "1000.") {
		t.Error(a.text)
	}
	c := s.Counters()
	if c.Exchanges != 1 || c.Refreshes != 1 || c.TokenRequests != 2 || c.Grants != 1 || len(c.RefreshesByToken) != 1 {
		t.Errorf("%+v", c)
	}
	for name, n := range c.RefreshesByToken {
		if !regexp.MustCompile(`^sha256:[0-9a-f]{12}$`).MatchString(name) || n != 1 {
			t.Errorf("%s: %d", name, n)
		}
	}
}

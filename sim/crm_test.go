package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// scoped is an access token of alice with the given scopes.
func scoped(t *testing.T, s *simtest.Server, scope string) string {
	t.Helper()
	code, err := s.Server.Grant(sim.GrantRequest{User: "alice", Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	return post(t, s, "/oauth/v2/token", exchangeForm(code)).str("access_token")
}

func TestAuthorizationHeader(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, refresh := connect(t, s, "alice", "")
	for header, code := range map[string]string{
		"":                           "AUTHENTICATION_FAILURE",
		"Zoho-oauthtoken":            "AUTHENTICATION_FAILURE",
		"Basic " + access:            "AUTHENTICATION_FAILURE",
		access:                       "AUTHENTICATION_FAILURE",
		"Zoho-oauthtoken 1000.x.y":   "INVALID_TOKEN",
		"Zoho-oauthtoken " + refresh: "INVALID_TOKEN",
	} {
		req := request(t, "GET", s.URL+"/crm/v8/org", "")
		req.Header.Set("Authorization", header)
		want(t, do(t, s, req), 401, code)
	}
	for _, scheme := range []string{"Zoho-oauthtoken ", "Bearer "} {
		req := request(t, "GET", s.URL+"/crm/v8/org", "")
		req.Header.Set("Authorization", scheme+access)
		if a := do(t, s, req); a.status != 200 {
			t.Errorf("%s: %d %s", scheme, a.status, a.text)
		}
	}
}

func TestErrorShape(t *testing.T) {
	s := stopped(t, sim.Config{})
	a := api(t, s, "GET", "/crm/v8/org", "x", "")
	if a.text != `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}` {
		t.Error(a.text)
	}
}

func TestPathsAndMethods(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/crm/v2/org", 404, "INVALID_URL_PATTERN"},
		{"GET", "/crm/v8", 404, "INVALID_URL_PATTERN"},
		{"GET", "/crm/v8/org/1", 404, "INVALID_URL_PATTERN"},
		{"GET", "/crm/v8/users/1/2", 404, "INVALID_URL_PATTERN"},
		{"GET", "/crm/v8/settings/layouts", 400, "REQUIRED_PARAM_MISSING"},
		{"GET", "/crm/v8/settings/nothing", 404, "INVALID_URL_PATTERN"},
		{"GET", "/crm/v8/Leads/1/2/3", 404, "INVALID_URL_PATTERN"},
		{"GET", "/crm/v8/Nonsense", 400, "INVALID_MODULE"},
		{"GET", "/crm/v8/leads?fields=Last_Name", 400, "INVALID_MODULE"},
		{"GET", "/crm/v8/Leads/abc", 400, "INVALID_DATA"},
		{"POST", "/crm/v8/org", 400, "INVALID_REQUEST_METHOD"},
		{"DELETE", "/crm/v8/users", 400, "INVALID_REQUEST_METHOD"},
		{"PATCH", "/crm/v8/Leads", 400, "INVALID_REQUEST_METHOD"},
		{"POST", "/crm/v8/Leads/1234567890123456789", 400, "INVALID_REQUEST_METHOD"},
		{"GET", "/crm/v8/Leads/upsert", 400, "INVALID_REQUEST_METHOD"},
		{"POST", "/crm/v8/settings/modules", 400, "INVALID_REQUEST_METHOD"},
		{"POST", "/crm/v8/Leads/actions/count", 400, "INVALID_REQUEST_METHOD"},
	} {
		t.Run(c.method+c.path, func(t *testing.T) {
			want(t, api(t, s, c.method, c.path, access, ""), c.status, c.code)
		})
	}
	a := api(t, s, "POST", "/crm/v8/Leads", access, strings.Repeat(" ", 9<<20))
	if a.status != 413 {
		t.Errorf("large body: %d %s", a.status, a.text)
	}
}

func TestScopes(t *testing.T) {
	const lead = "/crm/v8/Leads/4150869000000300001"
	s := stopped(t, sim.Config{Limits: new(sim.NoLimits())})
	for _, c := range []struct {
		scope, method, path string
		good                bool
	}{
		{"ZohoCRM.users.READ", "GET", "/crm/v8/users?type=CurrentUser", true},
		{"ZohoCRM.users.ALL", "GET", "/crm/v8/users?type=CurrentUser", true},
		{"ZohoCRM.org.READ", "GET", "/crm/v8/users?type=CurrentUser", false},
		{"ZohoCRM.org.READ", "GET", "/crm/v8/org", true},
		{"ZohoCRM.modules.ALL", "GET", "/crm/v8/org", false},
		{"ZohoCRM.settings.ALL", "GET", "/crm/v8/settings/modules", true},
		{"ZohoCRM.settings.modules.READ", "GET", "/crm/v8/settings/modules/Leads", true},
		{"ZohoCRM.settings.modules.READ", "GET", "/crm/v8/settings/fields?module=Leads", false},
		{"ZohoCRM.settings.fields.ALL", "GET", "/crm/v8/settings/fields?module=Leads", true},
		{"ZohoCRM.modules.READ", "GET", "/crm/v8/Leads?fields=Last_Name", true},
		{"ZohoCRM.modules.leads.READ", "GET", "/crm/v8/Leads?fields=Last_Name", true},
		{"ZohoCRM.modules.Leads.ALL", "GET", "/crm/v8/Leads?fields=Last_Name", true},
		{"ZohoCRM.modules.contacts.ALL", "GET", "/crm/v8/Leads?fields=Last_Name", false},
		{"ZohoCRM.modules.CREATE", "GET", "/crm/v8/Leads?fields=Last_Name", false},
		{"ZohoCRM.modules.READ", "POST", "/crm/v8/Leads", false},
		{"ZohoCRM.modules.CREATE", "POST", "/crm/v8/Leads", true},
		{"ZohoCRM.modules.WRITE", "PUT", lead, true},
		{"ZohoCRM.modules.WRITE", "DELETE", lead, false},
		{"ZohoCRM.modules.CREATE", "POST", "/crm/v8/Leads/upsert", false},
		{"ZohoCRM.modules.CREATE,ZohoCRM.modules.UPDATE", "POST", "/crm/v8/Leads/upsert", true},
		{"ZohoCRM.modules.ALL", "GET", "/crm/v8/Leads/search?email=x", false},
		{"ZohoCRM.modules.ALL,ZohoSearch.securesearch.READ", "GET", "/crm/v8/Leads/search?email=x", true},
		{"ZohoCRM.mod.ALL", "GET", "/crm/v8/Leads?fields=Last_Name", false},
	} {
		a := api(t, s, c.method, c.path, scoped(t, s, c.scope), "{}")
		mismatch := a.status == 401 && a.str("code") == "OAUTH_SCOPE_MISMATCH"
		if mismatch == c.good {
			t.Errorf("%s %s with %s: %d %s", c.method, c.path, c.scope, a.status, a.text)
		}
	}
}

func TestUsers(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{
		{Email: "alice@example.com", FirstName: "Alice", LastName: "Archer", ZUID: "77", ZGID: "1"},
		{Email: "adam@example.com", ZGID: "1"},
		{Email: "bob@example.com"},
	}})
	access, _ := connect(t, s, "adam", "")
	for kind, n := range map[string]int{"CurrentUser": 1, "ActiveUsers": 2, "AllUsers": 2, "AdminUsers": 1, "DeactiveUsers": 0} {
		a := api(t, s, "GET", "/crm/v8/users?type="+kind, access, "")
		if n == 0 && (a.status != 204 || a.text != "") || n > 0 && a.len("users") != n {
			t.Errorf("%s: %d %s", kind, a.status, a.text)
		}
	}
	me := api(t, s, "GET", "/crm/v8/users?type=CurrentUser", access, "").item(t, "users", 0)
	if me["email"] != "adam@example.com" || me["full_name"] != "Adam Example" {
		t.Errorf("%v", me)
	}
	first := api(t, s, "GET", "/crm/v8/users", access, "").item(t, "users", 0)
	if first["zuid"] != "77" || first["last_name"] != "Archer" {
		t.Errorf("%v", first)
	}
	again := api(t, s, "GET", "/crm/v8/users/"+first["id"].(string), access, "").item(t, "users", 0)
	if again["email"] != "alice@example.com" {
		t.Errorf("%v", again)
	}
	if a := api(t, s, "GET", "/crm/v8/users/1", access, ""); a.status != 204 {
		t.Errorf("unknown user: %d", a.status)
	}
	want(t, api(t, s, "GET", "/crm/v8/users?type=Strangers", access, ""), 400, "INVALID_DATA")
}

func TestOrg(t *testing.T) {
	s := stopped(t, sim.Config{})
	for user, zgid := range map[string]string{"alice": "10001", "bob": "10002", "carol": "10003"} {
		access, _ := connect(t, s, user, "")
		o := api(t, s, "GET", "/crm/v8/org", access, "").item(t, "org", 0)
		if o["zgid"] != zgid || o["type"] != "Production" || o["primary_email"] != user+"@example.com" {
			t.Errorf("%v", o)
		}
	}
	access, _ := connect(t, s, "erik", "/eu")
	if o := api(t, s, "GET", "/eu/crm/v8/org", access, "").item(t, "org", 0); o["zgid"] != "20001" {
		t.Errorf("%v", o)
	}
}

func TestSettings(t *testing.T) {
	s := stopped(t, sim.Config{})
	access, _ := connect(t, s, "alice", "")
	if a := api(t, s, "GET", "/crm/v8/settings/modules", access, ""); a.len("modules") != 11 {
		t.Errorf("%d %s", a.status, a.text)
	}
	m := api(t, s, "GET", "/crm/v8/settings/modules/Deals", access, "").item(t, "modules", 0)
	if m["api_name"] != "Deals" || m["generated_type"] != "default" {
		t.Errorf("%v", m)
	}
	want(t, api(t, s, "GET", "/crm/v8/settings/modules/Nothing", access, ""), 400, "INVALID_MODULE")
	want(t, api(t, s, "GET", "/crm/v8/settings/fields", access, ""), 400, "REQUIRED_PARAM_MISSING")
	want(t, api(t, s, "GET", "/crm/v8/settings/fields?module=Nothing", access, ""), 400, "INVALID_MODULE")
	mandatory := ""
	a := api(t, s, "GET", "/crm/v8/settings/fields?module=Deals", access, "")
	for i := range a.len("fields") {
		if f := a.item(t, "fields", i); f["system_mandatory"] == true {
			mandatory += f["api_name"].(string) + " "
		}
	}
	if mandatory != "Deal_Name Stage " {
		t.Errorf("mandatory: %s", mandatory)
	}
}

func TestOrganisationsAreApart(t *testing.T) {
	s := stopped(t, sim.Config{})
	alice, _ := connect(t, s, "alice", "")
	bob, _ := connect(t, s, "bob", "")
	added := api(t, s, "POST", "/crm/v8/Leads", alice, `{"data":[{"Last_Name":"Secretive"}]}`)
	id := added.item(t, "data", 0)["details"].(map[string]any)["id"].(string)
	if len(id) < 18 || len(id) > 19 {
		t.Errorf("id %q", id)
	}
	if a := api(t, s, "GET", "/crm/v8/Leads/"+id, bob, ""); a.status != 204 {
		t.Errorf("bob reads: %d %s", a.status, a.text)
	}
	want(t, answer{status: 400, json: api(t, s, "PUT", "/crm/v8/Leads/"+id, bob, `{"data":[{"Last_Name":"X"}]}`).item(t, "data", 0)}, 400, "INVALID_DATA")
	if a := api(t, s, "DELETE", "/crm/v8/Leads/"+id, bob, ""); a.status != 400 {
		t.Errorf("bob deletes: %d", a.status)
	}
	for token, n := range map[string]float64{alice: 26, bob: 25} {
		if a := api(t, s, "GET", "/crm/v8/Leads/actions/count", token, ""); a.json["count"] != n {
			t.Errorf("count %s, want %v", a.text, n)
		}
	}
}

func TestSharedOrganisation(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{{Email: "a@x.example", ZGID: "1"}, {Email: "b@x.example", ZGID: "1"}}})
	a, _ := connect(t, s, "a", "")
	b, _ := connect(t, s, "b", "")
	added := api(t, s, "POST", "/crm/v8/Leads", a, `{"data":[{"Last_Name":"Shared"}]}`)
	id := added.item(t, "data", 0)["details"].(map[string]any)["id"].(string)
	row := api(t, s, "GET", "/crm/v8/Leads/"+id, b, "").item(t, "data", 0)
	if row["Owner"].(map[string]any)["email"] != "a@x.example" {
		t.Errorf("%v", row)
	}
}

func TestCredits(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.Editions = map[string]sim.EditionLimits{"Free": {Credits: 10}}
	s := stopped(t, sim.Config{Limits: &limits, TokenLife: 100 * time.Hour, Users: []sim.User{{Email: "a@x.example", Edition: "Free"}}})
	access, _ := connect(t, s, "a", "")
	for left := 9; left >= 0; left-- {
		a := api(t, s, "GET", "/crm/v8/org", access, "")
		got := a.header.Get("X-API-CREDITS-REMAINING")
		if wanted := map[bool]string{true: strings.TrimSpace(string(rune('0' + left))), false: ""}[left <= 5]; got != wanted || a.status != 200 {
			t.Errorf("left %d: %d header %q, want %q", left, a.status, got, wanted)
		}
	}
	a := api(t, s, "GET", "/crm/v8/org", access, "")
	want(t, a, 429, "TOO_MANY_REQUESTS")
	if a.header.Get("Retry-After") != "" {
		t.Error("Zoho sends no Retry-After")
	}
	s.Advance(24*time.Hour + 10*time.Minute)
	if a := api(t, s, "GET", "/crm/v8/org", access, ""); a.status != 200 {
		t.Errorf("a day later: %d %s", a.status, a.text)
	}
	if n := s.Counters().TooManyRequests; n != 1 {
		t.Errorf("counted %d", n)
	}
}

func TestCreditsHeaderAlways(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.CreditsHeaderAlways = true
	s := stopped(t, sim.Config{Limits: &limits})
	access, _ := connect(t, s, "alice", "")
	if got := api(t, s, "GET", "/crm/v8/org", access, "").header.Get("X-API-CREDITS-REMAINING"); got != "50999" {
		t.Errorf("header %q", got)
	}
}

func TestConcurrency(t *testing.T) {
	limits := sim.ZohoLimits()
	limits.HeavyConcurrency = 2
	s := stopped(t, sim.Config{Limits: &limits, Users: []sim.User{{Email: "a@x.example", Edition: "Free"}}})
	access, _ := connect(t, s, "a", "")
	const heavy = "/crm/v8/Leads?fields=Last_Name&sort_by=Created_Time"
	hold := func(path string) {
		before := s.Counters().Faults
		s.Inject(sim.Fault{Kind: sim.FaultHang, Match: "api"})
		req := request(t, "GET", s.URL+path, "")
		req.Header.Set("Authorization", "Zoho-oauthtoken "+access)
		go func() {
			if res, err := s.Client.Do(req); err == nil {
				res.Body.Close()
			}
		}()
		for s.Counters().Faults == before {
			time.Sleep(time.Millisecond)
		}
	}
	hold(heavy)
	hold(heavy)
	want(t, api(t, s, "GET", heavy, access, ""), 429, "TOO_MANY_REQUESTS")
	if a := api(t, s, http.MethodGet, "/crm/v8/org", access, ""); a.status != 200 {
		t.Errorf("a light call: %d", a.status)
	}
	for range 3 {
		hold("/crm/v8/org")
	}
	want(t, api(t, s, "GET", "/crm/v8/org", access, ""), 429, "TOO_MANY_REQUESTS")
	s.Close() // ends those that hang
	for api(t, s, "GET", heavy, access, "").status != 200 {
		time.Sleep(time.Millisecond)
	}
}

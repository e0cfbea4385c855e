package sim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

const redirect = "http://localhost:8765/callback"

// consentQuery is a correct authorize request, changed by pairs.
func consentQuery(pairs ...string) url.Values {
	q := form("client_id", "1000.SIM", "response_type", "code", "redirect_uri", redirect,
		"scope", "ZohoCRM.modules.ALL,ZohoCRM.org.READ")
	for k, v := range form(pairs...) {
		q[k] = v
	}
	return q
}

// authorize opens the consent page, or with posted values sends its form.
func authorize(t *testing.T, s *simtest.Server, prefix string, posted url.Values, pairs ...string) answer {
	t.Helper()
	if posted != nil {
		return post(t, s, prefix+"/oauth/v2/auth", posted)
	}
	return do(t, s, request(t, "GET", s.URL+prefix+"/oauth/v2/auth?"+consentQuery(pairs...).Encode(), ""))
}

// query is the query of the redirect that an answer sends the browser to.
func (a answer) query() url.Values {
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return nil
	}
	return u.Query()
}

// consentForm reads the hidden inputs and the buttons of the page.
func consentForm(page string) (hidden url.Values, buttons []string) {
	hidden = url.Values{}
	input := regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	for _, m := range input.FindAllStringSubmatch(page, -1) {
		hidden.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	button := regexp.MustCompile(`<button type="submit" name="decision" value="([^"]*)">`)
	for _, m := range button.FindAllStringSubmatch(page, -1) {
		buttons = append(buttons, html.UnescapeString(m[1]))
	}
	return hidden, buttons
}

// A browser's way: open the page, press a button, land on the redirect URL,
// exchange the code at the accounts server that it names.
func TestConsentPage(t *testing.T) {
	s := stopped(t, sim.Config{})
	landed := make(chan url.Values, 1)
	app := callback(t, landed)
	page := authorize(t, s, "", nil, "state", `a"b&c`, "access_type", "offline", "redirect_uri", app)
	if page.status != 200 || !strings.Contains(page.text, "Continue as alice") || !strings.Contains(page.text, `lang="en"`) {
		t.Fatalf("page: %d %s", page.status, page.text)
	}
	csp := page.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self' " + strings.TrimSuffix(app, "/cb")} {
		if !strings.Contains(csp, part) {
			t.Errorf("policy %q lacks %q", csp, part)
		}
	}
	hidden, buttons := consentForm(page.text)
	if want := "alice@example.com bob@example.com carol@example.com erik@example.eu deny"; strings.Join(buttons, " ") != want {
		t.Errorf("buttons %v", buttons)
	}
	hidden.Set("decision", "erik@example.eu")
	req := request(t, "POST", s.URL+"/oauth/v2/auth", hidden.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	back := <-landed
	if back.Get("state") != `a"b&c` || back.Get("location") != "eu" || back.Get("accounts-server") != s.URL+"/eu" {
		t.Fatalf("callback: %v", back)
	}
	v := exchangeForm(back.Get("code"))
	v.Set("redirect_uri", app)
	path := strings.TrimPrefix(back.Get("accounts-server"), s.URL)
	if a := post(t, s, path+"/oauth/v2/token", v); a.str("refresh_token") == "" {
		t.Errorf("exchange: %s", a.text)
	}
}

// callback is an application's redirect URL.
func callback(t *testing.T, landed chan<- url.Values) string {
	t.Helper()
	web := newWeb(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		landed <- r.URL.Query()
	}))
	return web + "/cb"
}

func TestConsentDenied(t *testing.T) {
	s := stopped(t, sim.Config{})
	hidden, _ := consentForm(authorize(t, s, "", nil, "state", "x").text)
	hidden.Set("decision", "deny")
	a := authorize(t, s, "", hidden)
	if a.status != 302 || a.header.Get("Location") != redirect+"?error=access_denied&state=x" {
		t.Errorf("%d %s", a.status, a.header.Get("Location"))
	}
}

func TestAutomaticConsent(t *testing.T) {
	s := stopped(t, sim.Config{})
	a := authorize(t, s, "", nil, "auto", "alice")
	place := regexp.MustCompile(`^` + regexp.QuoteMeta(redirect) + `\?code=1000\.[0-9a-f]{32}\.[0-9a-f]{32}&location=us&accounts-server=http%3A%2F%2F127`)
	if a.status != 302 || !place.MatchString(a.header.Get("Location")) {
		t.Errorf("%d %s", a.status, a.header.Get("Location"))
	}
	if a := authorize(t, s, "", nil, "auto", "deny"); a.query().Get("error") != "access_denied" {
		t.Errorf("deny: %s", a.header.Get("Location"))
	}
	a = authorize(t, s, "", nil, "auto", "alice", "redirect_uri", "https://a.example/cb?x=1")
	if !strings.HasPrefix(a.header.Get("Location"), "https://a.example/cb?x=1&code=") {
		t.Errorf("a query is kept: %s", a.header.Get("Location"))
	}
}

func TestAuthorizeMistakes(t *testing.T) {
	cfg := sim.Config{Clients: []sim.Client{
		{ID: "1000.SIM", Secret: "sim", RedirectURLs: []string{redirect}, Locations: []string{"us"}},
	}}
	s := stopped(t, cfg)
	for _, c := range []struct {
		prefix string
		pairs  []string
		wrong  string
	}{
		{"", []string{"client_id", "1000.NOBODY"}, "invalid_client"},
		{"/eu", nil, "invalid_client"},
		{"", []string{"response_type", "token"}, "invalid_response_type"},
		{"", []string{"redirect_uri", redirect + "/"}, "invalid_redirect_uri"},
		{"", []string{"redirect_uri", ""}, "invalid_redirect_uri"},
		{"", []string{"scope", ""}, "invalid_scope"},
		{"", []string{"scope", "ZohoCRM.modules.ALL ZohoCRM.org.READ"}, "invalid_scope"},
		{"", []string{"access_type", "sometimes"}, "invalid_access_type"},
		{"", []string{"code_challenge", "short"}, "invalid_code_challenge"},
		{"", []string{"code_challenge", strings.Repeat("a", 43), "code_challenge_method", "MD5"}, "invalid_code_challenge"},
		{"", []string{"auto", "nobody"}, "unknown_user"},
	} {
		a := authorize(t, s, c.prefix, nil, c.pairs...)
		if a.status != 400 || !strings.Contains(a.text, c.wrong) || a.header.Get("Location") != "" {
			t.Errorf("%s %v: %d %q %s", c.prefix, c.pairs, a.status, a.header.Get("Location"), a.text)
		}
	}
}

func TestAnyLoopbackRedirectByDefault(t *testing.T) {
	s := stopped(t, sim.Config{})
	for address, ok := range map[string]bool{
		"http://127.0.0.1:9/x": true, "http://[::1]:9/x": true, "http://app.localhost/x": true, "https://any.example/x": true,
		"http://any.example/x": false, "ftp://localhost/x": false, "/x": false, "http://localhost/x#y": false,
	} {
		if a := authorize(t, s, "", nil, "auto", "alice", "redirect_uri", address); (a.status == 302) != ok {
			t.Errorf("%s: %d", address, a.status)
		}
	}
}

func TestChinaIsRunApart(t *testing.T) {
	s := stopped(t, sim.Config{Users: []sim.User{{Email: "li@example.cn", Location: "cn"}, {Email: "al@example.com"}}})
	_, here := consentForm(authorize(t, s, "", nil).text)
	_, there := consentForm(authorize(t, s, "/cn", nil).text)
	if strings.Join(here, " ") != "al@example.com deny" || strings.Join(there, " ") != "li@example.cn deny" {
		t.Errorf("us %v, cn %v", here, there)
	}
}

func TestPKCE(t *testing.T) {
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	sum := sha256.Sum256([]byte(verifier))
	hashed := base64.RawURLEncoding.EncodeToString(sum[:])
	for _, c := range []struct {
		name              string
		challenge, method string
		verifier          string
		good              bool
	}{
		{"S256", hashed, "S256", verifier, true},
		{"S256, wrong verifier", hashed, "S256", verifier + "x", false},
		{"S256, no verifier", hashed, "S256", "", false},
		{"S256, the challenge itself", hashed, "S256", hashed, false},
		{"plain", verifier, "plain", verifier, true},
		{"plain by default", verifier, "", verifier, true},
		{"plain, wrong", verifier, "", hashed, false},
		{"none, a verifier is ignored", "", "", verifier, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stopped(t, sim.Config{})
			pairs := []string{"auto", "alice"}
			if c.challenge != "" {
				pairs = append(pairs, "code_challenge", c.challenge)
			}
			if c.method != "" {
				pairs = append(pairs, "code_challenge_method", c.method)
			}
			v := exchangeForm(authorize(t, s, "", nil, pairs...).query().Get("code"))
			v.Set("redirect_uri", redirect)
			if c.verifier != "" {
				v.Set("code_verifier", c.verifier)
			}
			a := post(t, s, "/oauth/v2/token", v)
			if got := a.str("access_token") != ""; got != c.good {
				t.Errorf("accepted %v: %s", got, a.text)
			}
		})
	}
}

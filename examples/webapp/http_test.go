package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

func TestHeaders(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	check := func(path string, a answer) {
		t.Helper()
		policy := a.header.Get("Content-Security-Policy")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") ||
			!strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "base-uri 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if cache := a.header.Get("Cache-Control"); (cache == "no-store") == strings.Contains(path, ".") {
			t.Errorf("%s: Cache-Control %q", path, cache)
		}
		if regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|https?://[^<" ]*\.(js|css)`).MatchString(a.body) {
			t.Errorf("%s: something on it is inline or comes from elsewhere", path)
		}
	}
	for _, path := range []string{"/", "/leads", "/disconnect", "/callback", "/callback?code=x&state=y", "/nowhere", "/style.css", "/icon.svg"} {
		check(path, v.get(path))
	}
	v.signIn("alice")
	for _, path := range []string{"/", "/leads", "/leads?page=99", "/leads?page=x", "/disconnect"} {
		check(path, v.get(path))
	}
	check("/signout", v.do(http.MethodPost, "/signout", "Sec-Fetch-Site", "cross-site"))
	if css := v.get("/style.css"); css.status != 200 || !strings.HasPrefix(css.header.Get("Content-Type"), "text/css") {
		t.Errorf("style.css: %d %s", css.status, css.header.Get("Content-Type"))
	}
}

// A page of another site, and a mere link, change nothing.
func TestOthersCannotAct(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	v.signIn("alice")
	for _, path := range []string{"/connect", "/signout", "/disconnect"} {
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://localhost:1"},
		} {
			if a := v.do(http.MethodPost, path, header...); a.status != http.StatusForbidden {
				t.Errorf("POST %s with %q: %d", path, header, a.status)
			}
		}
	}
	for _, path := range []string{"/connect", "/signout"} {
		if a := v.get(path); a.status != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, a.status)
		}
	}
	v.get("/disconnect") // only asks
	if a := v.get("/leads"); a.status != 200 || r.zoho.Counters().Revokes != 0 || v.cookie(loginCookie) != "" {
		t.Errorf("something was done: %d", a.status)
	}
}

func TestCookies(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	flags := regexp.MustCompile(`^zohocrm_(login|session|notice)=[A-Za-z0-9_-]*; Path=/(; Max-Age=\d+)?; HttpOnly; SameSite=Lax$`)
	back := v.consent("alice")
	for _, a := range []answer{v.post("/connect"), v.get(back), v.get("/callback?state=x")} {
		for _, c := range a.header.Values("Set-Cookie") {
			if !flags.MatchString(c) {
				t.Errorf("cookie %q", c)
			}
		}
	}
	// By https they are for this very host, and never cross the network in the clear.
	eu, _ := dc.Zoho().ByLocation("eu")
	a, err := newApp(appConfig{Home: eu, Store: memory.New(memory.Config{}), Client: oauth.Token{
		ClientID: "1000.X", ClientSecret: oauth.NewSecret("s"), RedirectURL: "https://leads.example.com/zoho/back",
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	req := httptest.NewRequest(http.MethodPost, "https://leads.example.com/connect", nil)
	req.Header.Set("Origin", "https://leads.example.com")
	w := httptest.NewRecorder()
	a.handler().ServeHTTP(w, req)
	if c := w.Header().Get("Set-Cookie"); !regexp.MustCompile(`^__Host-zohocrm_login=[A-Za-z0-9_-]{150,300}; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$`).MatchString(c) {
		t.Errorf("cookie %q", c)
	}
	if to := w.Header().Get("Location"); !strings.HasPrefix(to, "https://accounts.zoho.eu/oauth/v2/auth?") || !strings.Contains(to, "code_challenge_method=S256") {
		t.Errorf("to %q", to)
	}
}

// Who knew the browser's cookies before the login does not know them afterwards.
func TestSessionIDIsNew(t *testing.T) {
	r := newRig(t)
	v, mallory := newVisitor(r), newVisitor(r)
	const planted = "PLANTEDPLANTEDPLANTEDPLANT"
	v.set(sessionCookie, planted)
	v.signIn("alice")
	first := v.cookie(sessionCookie)
	if first == planted || first == "" {
		t.Fatalf("the session's id is %q", first)
	}
	v.signIn("bob")
	if v.cookie(sessionCookie) == first {
		t.Error("a second login keeps the session's id")
	}
	for _, id := range []string{planted, first, ""} {
		mallory.set(sessionCookie, id)
		if a := mallory.get("/leads"); a.location != "/" {
			t.Errorf("id %q: %d", id, a.status)
		}
	}
	old := v.cookie(sessionCookie)
	v.post("/signout")
	mallory.set(sessionCookie, old)
	if a := mallory.get("/leads"); a.location != "/" {
		t.Error("a session goes on after its end")
	}
}

// What the browser brings back is checked before anything is sent anywhere.
func TestForgedCallback(t *testing.T) {
	for name, c := range map[string]struct{ pattern, by, notice string }{
		"accounts server":     {`accounts-server=[^&]*`, "accounts-server=https%3A%2F%2Fevil.example", "untrusted"},
		"another data centre": {`accounts-server=[^&]*`, "accounts-server=https%3A%2F%2Faccounts.zoho.eu", "untrusted"},
		"state":               {`state=[^&]*`, "state=FORGED", "state"},
		"no state":            {`&state=[^&]*`, "", "state"},
		"a second state":      {`$`, "&state=FORGED", "state"},
		"a second code":       {`$`, "&code=1000.forged", "state"},
		"no code":             {`code=[^&]*&`, "", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			v := newVisitor(r)
			back := v.consent("alice")
			before := r.zoho.Counters().TokenRequests
			forged := regexp.MustCompile(c.pattern).ReplaceAllString(back, c.by)
			if forged == back {
				t.Fatal("nothing was forged")
			}
			if a := v.get(forged); a.status != http.StatusSeeOther || a.location != "/" || v.cookie(noticeCookie) != c.notice {
				t.Errorf("%d to %q with notice %q", a.status, a.location, v.cookie(noticeCookie))
			}
			if n := r.zoho.Counters().TokenRequests - before; n != 0 || v.cookie(sessionCookie) != "" {
				t.Errorf("%d token requests", n)
			}
			// Only a redirect that is not this login's leaves it waiting.
			want := "/"
			if c.notice == "state" {
				want = "/leads"
			}
			if a := v.get(back); a.location != want {
				t.Errorf("the right redirect after it leads to %q", a.location)
			}
		})
	}
}

// A redirect counts once, in time, and in its own browser.
func TestCallbackCountsOnce(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	back := v.consent("alice")
	before := r.zoho.Counters().Exchanges
	login := v.cookie(loginCookie)
	var wg sync.WaitGroup
	var mu sync.Mutex
	to := map[string]int{}
	for range 8 {
		one := newVisitor(r) // the same browser's tabs: they all have the cookie
		one.set(loginCookie, login)
		wg.Go(func() {
			a := one.get(back)
			mu.Lock()
			defer mu.Unlock()
			to[a.location]++
		})
	}
	wg.Wait()
	if n := r.zoho.Counters().Exchanges - before; to["/leads"] != 1 || to["/"] != 7 || n != 1 {
		t.Errorf("%d exchanges, sent to %v", n, to)
	}

	v = newVisitor(r)
	back = v.consent("alice")
	r.advance(loginTime)
	if a := v.get(back); a.location != "/" || v.cookie(noticeCookie) != "state" {
		t.Errorf("after %s: %q", loginTime, a.location)
	}
	// A newer login in another tab takes the place of the older.
	back = v.consent("alice")
	newer := v.consent("bob")
	if a := v.get(back); a.location != "/" {
		t.Errorf("the older of two logins: %q", a.location)
	}
	if a := v.get(newer); a.location != "/leads" {
		t.Errorf("the newer of two logins: %q", a.location)
	}
}

// This machine has several names, and cookies belong to one of them.
func TestNames(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	port := r.url[strings.LastIndex(r.url, ":"):]
	if a := v.get("http://127.0.0.1" + port + "/leads"); a.status != http.StatusTemporaryRedirect || a.location != r.url+"/leads" {
		t.Errorf("%d to %q", a.status, a.location)
	}
	if a := v.get("http://127.0.0.1" + port + "//evil.example/x"); a.location != "" && !strings.HasPrefix(a.location, r.url+"/") {
		t.Errorf("it leads away, to %q", a.location)
	}
}

func TestPageNumbers(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	v.signIn("bob")
	for query, want := range map[string]int{
		"": 200, "?page=1": 200, "?page=2": 200, "?page=100": 200, "?page=": 200,
		"?page=0": 404, "?page=-1": 404, "?page=101": 404, "?page=2x": 404, "?page=99999999999999999999": 404, "?page=%00": 404,
	} {
		if a := v.get("/leads" + query); a.status != want {
			t.Errorf("%q: %d, want %d", query, a.status, want)
		}
	}
	if a := v.get("/leads?page=9"); !strings.Contains(a.body, "There are no leads on this page") {
		t.Error("an empty page does not say so")
	}
}

// What goes wrong at Zoho is told by what the person can do.
func TestTroubles(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	v.signIn("alice")
	for fault, want := range map[sim.FaultKind]int{
		sim.FaultStatus500: 502, sim.FaultHTML: 502, sim.FaultBadJSON: 502, sim.FaultTooMany: 503,
	} {
		r.zoho.Inject(sim.Fault{Kind: fault, Match: "api", Count: -1})
		a := v.get("/leads")
		r.zoho.ClearFaults()
		if a.status != want || !strings.Contains(a.body, "<h1>Zoho") {
			t.Errorf("%s: %d %s", fault, a.status, a.body)
		}
	}
	if a := v.get("/leads"); a.status != 200 {
		t.Errorf("it does not recover: %d", a.status)
	}
	// Zoho cannot be told of a disconnect: nobody uses the tokens any more.
	r.zoho.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "revoke", Count: -1})
	if a := v.post("/disconnect"); a.location != "/" || v.cookie(noticeCookie) != "unrevoked" || v.cookie(sessionCookie) != "" {
		t.Errorf("to %q with %q", a.location, v.cookie(noticeCookie))
	}
	r.zoho.ClearFaults()
	v.signIn("alice")
	// The exchange fails.
	r.zoho.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "exchange", Count: -1})
	if a := v.get(v.consent("bob")); a.location != "/" || v.cookie(noticeCookie) != "failed" {
		t.Errorf("to %q with %q", a.location, v.cookie(noticeCookie))
	}
}

// No secret reaches a page, an address of the application, a cookie or the log.
func TestNoSecretIsShown(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	back := v.consent("alice")
	shown := []string{}
	for _, a := range []answer{v.get(back), v.get("/leads"), v.get("/disconnect"), v.get("/"), v.get(back), v.get("/callback?" + strings.SplitN(back, "?", 2)[1])} {
		shown = append(shown, a.body, a.location, strings.Join(a.header.Values("Set-Cookie"), " "))
	}
	stored, err := oauth.All(t.Context(), r.store)
	if err != nil || len(stored) != 1 {
		t.Fatalf("%d rows, %v", len(stored), err)
	}
	query := regexp.MustCompile(`(code|state)=([^&]*)`).FindAllStringSubmatch(back, -1)
	secrets := []string{query[0][2], query[1][2], stored[0].AccessToken.Reveal(), stored[0].RefreshToken.Reveal()}
	for _, s := range secrets {
		if len(s) < 16 {
			t.Fatalf("this is no secret: %q", s)
		}
		if slices.ContainsFunc(shown, func(text string) bool { return strings.Contains(text, s) }) {
			t.Errorf("a browser is shown a secret that begins with %.6s", s)
		}
		if strings.Contains(r.log.String(), s) {
			t.Errorf("a secret that begins with %.6s is in the log", s)
		}
	}
	if session := v.cookie(sessionCookie); !strings.Contains(r.log.String(), "path=/leads") || strings.Contains(r.log.String(), session) {
		t.Error("the log lacks requests, or holds the session's id")
	}
}

// Requests are bounded in size and time.
func TestBounds(t *testing.T) {
	r := newRig(t)
	v := newVisitor(r)
	if a := v.do(http.MethodGet, "/", "X-Long", strings.Repeat("x", 64<<10)); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("long headers: %d", a.status)
	}
	if a := v.get("/?" + strings.Repeat("x", 64<<10)); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long address: %d", a.status)
	}
	back := v.consent("alice")
	for range 2000 { // somebody begins logins and ends none
		w := httptest.NewRecorder()
		r.app.connect(w, httptest.NewRequest(http.MethodPost, "/connect", nil))
	}
	if a := v.get(back); a.location != "/leads" {
		t.Errorf("who was at Zoho meanwhile is sent to %q", a.location)
	}
	if n := r.app.tickets.used.len(); n != 1 {
		t.Errorf("%d logins are remembered, want the one that came back", n)
	}
	r.advance(sessionTime - time.Second)
	if a := v.get("/leads"); a.location != "/" {
		t.Error("an unused session outlives its time")
	}
}

// A name that somebody else made to lead here is not served.
func TestOtherHosts(t *testing.T) {
	r := newRig(t)
	for host, want := range map[string]int{r.app.redirect.Host: http.StatusOK, "evil.example": http.StatusMisdirectedRequest, "evil.example:8765": http.StatusMisdirectedRequest} {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Host = host
		w := httptest.NewRecorder()
		r.app.handler().ServeHTTP(w, req)
		if w.Code != want {
			t.Errorf("host %s: %d, want %d", host, w.Code, want)
		}
	}
}

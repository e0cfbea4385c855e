package sim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// start is the fixed time at which tests begin.
func start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// stopped returns a simulator whose clock moves only by Advance.
func stopped(t *testing.T, cfg sim.Config) *simtest.Server {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = start
	}
	return simtest.New(t, cfg)
}

// answer is an HTTP answer, read and closed.
type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any // nil when the body is not a JSON object
}

func (a answer) str(key string) string {
	s, _ := a.json[key].(string)
	return s
}

// item is the i-th object of a list in the body.
func (a answer) item(t *testing.T, list string, i int) map[string]any {
	t.Helper()
	all, _ := a.json[list].([]any)
	if i >= len(all) {
		t.Fatalf("no %s[%d] in %d %s", list, i, a.status, a.text)
	}
	return all[i].(map[string]any)
}

func (a answer) len(list string) int {
	all, _ := a.json[list].([]any)
	return len(all)
}

func do(t *testing.T, s *simtest.Server, req *http.Request) answer {
	t.Helper()
	client := *s.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.json)
	return a
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// form makes values of pairs.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// post sends a urlencoded form.
func post(t *testing.T, s *simtest.Server, path string, v url.Values) answer {
	t.Helper()
	req := request(t, http.MethodPost, s.URL+path, v.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, s, req)
}

// exchangeForm is a correct exchange by the default client.
func exchangeForm(code string) url.Values {
	return form("grant_type", "authorization_code", "client_id", "1000.SIM", "client_secret", "sim", "code", code)
}

// refreshForm is a correct refresh by the default client.
func refreshForm(token string) url.Values {
	return form("grant_type", "refresh_token", "client_id", "1000.SIM", "client_secret", "sim", "refresh_token", token)
}

// connect exchanges a fresh code of a user at the data centre of the prefix.
func connect(t *testing.T, s *simtest.Server, user, prefix string) (access, refresh string) {
	t.Helper()
	a := post(t, s, prefix+"/oauth/v2/token", exchangeForm(s.Grant(user)))
	if a.str("access_token") == "" || a.str("refresh_token") == "" {
		t.Fatalf("exchange: %d %s", a.status, a.text)
	}
	return a.str("access_token"), a.str("refresh_token")
}

// api calls the CRM API with a token. headers are pairs.
func api(t *testing.T, s *simtest.Server, method, path, token, body string, headers ...string) answer {
	t.Helper()
	req := request(t, method, s.URL+path, body)
	req.Header.Set("Authorization", "Zoho-oauthtoken "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return do(t, s, req)
}

// valid reports whether the API takes an access token.
func valid(t *testing.T, s *simtest.Server, token string) bool {
	t.Helper()
	return api(t, s, http.MethodGet, "/crm/v8/org", token, "").status == http.StatusOK
}

func want(t *testing.T, a answer, status int, code string) {
	t.Helper()
	got := a.str("code")
	if got == "" {
		got = a.str("error")
	}
	if a.status != status || got != code {
		t.Errorf("got %d %q, want %d %q; body %s", a.status, got, status, code, a.text)
	}
}

// newWeb serves a handler until the test ends and returns its base URL.
func newWeb(t *testing.T, h http.Handler) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web.URL
}

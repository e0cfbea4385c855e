package sim_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
)

// Everything at once, for the race detector, and the counters must add up.
func TestManyClientsAtOnce(t *testing.T) {
	s := stopped(t, sim.Config{Limits: new(sim.NoLimits())})
	access, refresh := connect(t, s, "alice", "")
	const each = 20
	works := map[string]func(t *testing.T, i int){
		"refresh":   func(t *testing.T, _ int) { mint(t, s, refresh) },
		"connect":   func(t *testing.T, _ int) { connect(t, s, "bob", "") },
		"insert":    func(t *testing.T, i int) { insert(t, s, access, "Leads", fmt.Sprintf(`{"Last_Name":"L%d"}`, i)) },
		"list":      func(t *testing.T, _ int) { api(t, s, "GET", "/crm/v8/Leads?fields=Last_Name", access, "") },
		"clock":     func(*testing.T, int) { s.Advance(time.Second) },
		"counters":  func(*testing.T, int) { s.Counters() },
		"authorize": func(t *testing.T, _ int) { authorize(t, s, "", nil, "auto", "carol") },
		"revoke":    func(*testing.T, int) { s.RevokeUser("carol@example.com") },
		"faults":    func(*testing.T, int) { s.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "/nowhere"}) },
	}
	t.Run("at once", func(t *testing.T) { // ends when all of its parallel tests have
		for name, work := range works {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for i := range each {
					work(t, i)
				}
			})
		}
	})
	c := s.Counters()
	if c.Refreshes != each || c.Exchanges != each+1 || c.APICalls != 2*each || c.TokenRequests != 2*each+1 {
		t.Errorf("%+v", c)
	}
}

func TestLogHoldsNoSecret(t *testing.T) {
	var log bytes.Buffer
	s := stopped(t, sim.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	access, refresh := connect(t, s, "alice", "")
	do(t, s, request(t, "POST", s.URL+"/oauth/v2/token?"+refreshForm(refresh).Encode(), ""))
	api(t, s, "GET", "/crm/v8/org", access, "")
	do(t, s, request(t, "POST", s.URL+"/oauth/v2/token/revoke?token="+refresh, ""))
	s.Close()
	if text := log.String(); !strings.Contains(text, "/oauth/v2/token") || strings.Contains(text, "1000.") {
		t.Error(text)
	}
}

func BenchmarkRefresh(b *testing.B) {
	s := sim.New(sim.Config{Limits: new(sim.NoLimits())})
	send := func(path, body string) string {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Body.String()
	}
	code, err := s.Grant(sim.GrantRequest{User: "alice"})
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(send("/oauth/v2/token", exchangeForm(code).Encode()), `"refresh_token":"`)
	token, _, _ := strings.Cut(after, `"`)
	body := refreshForm(token).Encode()
	for b.Loop() {
		if !strings.Contains(send("/oauth/v2/token", body), "access_token") {
			b.Fatal("refused")
		}
		s.Advance(time.Second)
	}
}

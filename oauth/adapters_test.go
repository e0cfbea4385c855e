package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

func TestTokenSourceServesOAuth2Clients(t *testing.T) {
	r := newRig(t)
	token := r.connect("alice", "alice")
	source := oauth.TokenSource(r.ctx, r.keeper.Source(oauth.Token{UserName: "alice"}))
	got, err := source.Token()
	if err != nil || got.AccessToken != token.AccessToken.Reveal() || got.RefreshToken != "" || time.Until(got.Expiry) > time.Minute {
		t.Fatalf("Token = %v, %v", got, err)
	}
	resp, err := oauth2.NewClient(r.ctx, source).Get(r.sim.URL + "/crm/v8/org")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	cancelled, cancel := context.WithCancel(r.ctx)
	cancel()
	if _, err := oauth.TokenSource(cancelled, r.keeper.Source(oauth.Token{UserName: "bob"})).Token(); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

func TestTransport(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	client := &http.Client{Transport: &oauth.Transport{Source: r.keeper.Source(oauth.Token{UserName: "alice"}), Directory: dc.Zoho().With(r.home)}}
	get := func(url string) (int, error) {
		resp, err := client.Get(url)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode, err
	}
	if code, err := get(r.sim.URL + "/crm/v8/org"); err != nil || code != 200 {
		t.Fatalf("GET: %d, %v", code, err)
	}
	r.sim.Inject(failing(sim.FaultInvalidToken, "api"))
	if code, err := get(r.sim.URL + "/crm/v8/org"); err != nil || code != 200 {
		t.Errorf("after INVALID_TOKEN: %d, %v", code, err)
	}
	r.wantMints(1, 1)
	// One minute passes between mints for refused tokens.
	r.sim.Inject(failing(sim.FaultInvalidToken, "api"))
	if code, err := get(r.sim.URL + "/crm/v8/org"); err != nil || code != 401 {
		t.Errorf("refused again at once: %d, %v", code, err)
	}
	r.wantMints(1, 1)
	r.sim.Advance(time.Minute)
	r.sim.Inject(sim.Fault{Kind: sim.FaultInvalidToken, Match: "api", Count: 2})
	if code, err := get(r.sim.URL + "/crm/v8/org"); err != nil || code != 401 {
		t.Errorf("refused twice: %d, %v", code, err)
	}
	r.wantMints(1, 2)
	r.sim.Inject(failing(sim.FaultTooMany, "api"))
	if code, err := get(r.sim.URL + "/crm/v8/org"); err != nil || code != 429 {
		t.Errorf("throttled: %d, %v", code, err)
	}
	r.wantMints(1, 2)
	// A body that can be read once only is not repeated, and its answer is whole.
	r.sim.Inject(failing(sim.FaultInvalidToken, "api"))
	resp, err := client.Post(r.sim.URL+"/crm/v8/Leads", "application/json", io.MultiReader(strings.NewReader(`{"data":[]}`)))
	if err != nil || resp.StatusCode != 401 {
		t.Fatalf("POST: %v, %v", resp, err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if !strings.Contains(string(body), "INVALID_TOKEN") {
		t.Errorf("body %q", body)
	}
	r.wantMints(1, 2)
}

func TestTransportKeepsTheTokenAtHome(t *testing.T) {
	var leaked string
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { leaked = req.Header.Get("Authorization") }))
	defer evil.Close()
	eu := oauth.Token{AccessToken: oauth.NewSecret("a"), APIDomain: "https://www.zohoapis.eu"}
	client := &http.Client{Transport: &oauth.Transport{Source: oauth.StaticSource(eu)}, Timeout: time.Second}
	for _, url := range []string{evil.URL, "https://www.zohoapis.com/crm/v8/org", "https://sandbox.zohoapis.eu/crm/v8/org", "https://accounts.zoho.eu/"} {
		if _, err := client.Get(url); !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("GET %s: %v", url, err)
		}
	}
	if leaked != "" {
		t.Error("the token left its data centre")
	}
}

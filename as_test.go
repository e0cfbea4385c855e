package zohocrm_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

func TestAsSharesConnections(t *testing.T) {
	zoho := sim.New(sim.Config{})
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(zoho)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	home, err := dc.Custom(srv.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	code, err := zoho.Grant(sim.GrantRequest{User: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zohocrm.New(t.Context(), zohocrm.Config{Store: memory.New(memory.Config{}), DataCenter: home,
		Token: oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code)}})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // one web request each
		u, err := c.As(t.Context(), oauth.Token{UserName: c.User.UserName})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.CRM.Users.Current(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n := conns.Load(); n > 4 {
		t.Errorf("%d connections for 20 sequential calls", n)
	}
}

// Defects: D21.
func TestAsOfAnEarlierUser(t *testing.T) {
	r := newRig(t)
	c := r.new(r.granted("alice"), r.store)
	if _, err := c.As(r.ctx, r.granted("alice")); err != nil { // alice logs in again
		t.Fatal(err)
	}
	if _, err := c.As(r.ctx, c.User); err != nil {
		t.Errorf("As(client.User) after another login: %v", err)
	}
}

func TestDocumentedWayByAccessToken(t *testing.T) {
	r := newRig(t)
	user := r.new(r.granted("alice"), r.store).User
	// a known user brings her access token and her name
	c := r.new(oauth.Token{UserName: user.UserName, AccessToken: user.AccessToken}, r.store)
	r.zoho.Advance(2 * time.Hour)
	if _, err := c.CRM.Users.Current(r.ctx); err != nil {
		t.Error(err)
	}
}

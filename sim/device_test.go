package sim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"zohocrm/sim"
)

func TestDeviceFlow(t *testing.T) {
	s := stopped(t, sim.Config{})
	begin := func(more ...string) answer {
		v := form(append([]string{"client_id", "1000.SIM", "grant_type", "device_request", "scope", "ZohoCRM.org.READ", "access_type", "offline"}, more...)...)
		return post(t, s, "/oauth/v3/device/code?"+v.Encode(), nil)
	}
	poll := func(prefix, code string) answer {
		return post(t, s, prefix+"/oauth/v3/device/token", form("client_id", "1000.SIM", "client_secret", "sim", "grant_type", "device_token", "code", code))
	}
	a := begin()
	code := a.str("device_code")
	if a.json["expires_in"] != 300000.0 || a.json["interval"] != 30000.0 || a.str("verification_url") != s.URL+"/oauth/v3/device" ||
		a.str("verification_uri_complete") != s.URL+"/oauth/v3/device?code="+a.str("user_code") || len(a.str("user_code")) != 9 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	want(t, poll("", code), 200, "authorization_pending")
	want(t, poll("", code), 200, "slow_down")
	if a := post(t, s, "/sim/device", form("user_code", a.str("user_code"), "user", "erik")); a.str("status") != "success" {
		t.Fatal(a.text)
	}
	s.Advance(30 * time.Second)
	elsewhere := poll("", code)
	want(t, elsewhere, 200, "other_dc")
	if elsewhere.str("user_location") != "eu" {
		t.Error(elsewhere.text)
	}
	a = poll("/eu", code)
	if a.str("api_domain") != s.URL+"/eu" || a.str("refresh_token") == "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if a := api(t, s, "GET", "/eu/crm/v8/org", a.str("access_token"), ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := post(t, s, "/eu/oauth/v2/token", refreshForm(a.str("refresh_token"))); a.str("access_token") == "" {
		t.Errorf("refresh: %s", a.text)
	}
	s.Advance(30 * time.Second)
	want(t, poll("/eu", code), 200, "invalid_code") // one use only

	refused := begin()
	post(t, s, "/sim/device", form("user_code", refused.str("user_code"), "user", "deny"))
	want(t, poll("", refused.str("device_code")), 200, "access_denied")
	late := begin("prompt", "consent")
	s.Advance(5 * time.Minute)
	want(t, poll("", late.str("device_code")), 200, "expired")
	if a := post(t, s, "/sim/device", form("user_code", late.str("user_code"), "user", "alice")); a.status != 400 {
		t.Errorf("consent too late: %d", a.status)
	}
	if a := post(t, s, "/sim/device", form("user_code", "nothing", "user", "alice")); a.status != 400 {
		t.Errorf("unknown code: %d", a.status)
	}
	want(t, begin("client_id", "other"), 200, "invalid_client")
	want(t, begin("scope", "x"), 200, "invalid_scope")
	if a := begin("grant_type", "x"); a.status != 400 {
		t.Errorf("wrong grant type: %d", a.status)
	}
}

// A person types the code into the page, or opens the complete address.
func TestDevicePage(t *testing.T) {
	s := stopped(t, sim.Config{})
	v := form("client_id", "1000.SIM", "grant_type", "device_request", "scope", "ZohoCRM.org.READ")
	a := post(t, s, "/oauth/v3/device/code", v)
	open := func(address string) answer { return do(t, s, request(t, "GET", address, "")) }
	if page := open(a.str("verification_url")); !strings.Contains(page.text, `name="code"`) {
		t.Errorf("no field for the code: %s", page.text)
	}
	page := open(a.str("verification_uri_complete"))
	if page.status != 200 || !strings.Contains(page.text, `action="device"`) || !strings.Contains(page.text, "alice@example.com") {
		t.Errorf("%d %s", page.status, page.text)
	}
	if page := open(a.str("verification_url") + "?code=WRONG"); page.status != 400 {
		t.Errorf("a wrong code: %d", page.status)
	}
	post(t, s, "/oauth/v3/device", url.Values{"code": {a.str("user_code")}, "decision": {"alice@example.com"}})
	done := post(t, s, "/oauth/v3/device/token", form("client_id", "1000.SIM", "client_secret", "sim", "grant_type", "device_token", "code", a.str("device_code")))
	if done.str("access_token") == "" || done.str("refresh_token") != "" { // access_type was not offline
		t.Errorf("%s", done.text)
	}
}

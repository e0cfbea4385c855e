package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/browsertest"
)

const (
	asAlice = `button[value="alice@example.com"]`
	asBob   = `button[value="bob@example.com"]`
	refuse  = `button[value="deny"]`
)

// What people do, in a real browser. Each of them has a browser of their own.
func TestInTheBrowser(t *testing.T) {
	browser := browsertest.Start(t)
	for name, test := range map[string]func(*testing.T, *browsertest.Browser){
		"connect": connectsAndSees, "refuse": refusesConsent, "forged state": meetsForgedState,
		"expired session": staysAwayTooLong, "sign out": signsOut, "disconnect": disconnects,
		"two people": twoPeople, "withdrawn at Zoho": withdrawsAtZoho, "keyboard": usesTheKeyboard, "phone": usesAPhone,
		"pictures": takesPictures,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

// connect goes from the first page to the leads.
func connect(t *testing.T, r *rig, p *browsertest.Person, as string) {
	t.Helper()
	p.Open(r.url + "/")
	p.Follow(".connect")
	p.Follow(as)
	if h1 := p.Text("h1"); h1 != "Leads" {
		t.Fatalf("after consent the page says %q", h1)
	}
}

// expect checks the page: its heading and the notice on it, "" for none.
func expect(t *testing.T, p *browsertest.Person, h1, notice string) {
	t.Helper()
	if got := p.Text("h1"); got != h1 {
		t.Errorf("the page is %q, want %q", got, h1)
	}
	got := browsertest.Ask[string](p, `document.querySelector('.notice strong')?.textContent ?? ''`)
	if got != notice && got != notice+"." {
		t.Errorf("the notice is %q, want %q", got, notice)
	}
}

const homeTitle = "Your leads, signed in with Zoho"

func connectsAndSees(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	alice.Open(r.url + "/leads") // without a session
	expect(t, alice, homeTitle, "Please sign in")
	connect(t, r, alice, asAlice)
	expect(t, alice, "Leads", "You are connected")
	if got := alice.Text(".person"); got != "alice@example.com" {
		t.Errorf("signed in as %q", got)
	}
	if rows := browsertest.Ask[int](alice, `document.querySelectorAll('tbody tr').length`); rows != leadsPerPage {
		t.Errorf("%d rows", rows)
	}
	alice.Follow(`a[rel="next"]`)
	alice.Follow(`a[rel="next"]`)
	if got := alice.Text(".heading .muted"); got != "41 to 48, newest first" {
		t.Errorf("the last page has %q", got)
	}
	if n := browsertest.Ask[int](alice, `document.querySelectorAll('a[rel="next"]').length`); n != 0 {
		t.Error("there is a page after the last")
	}
	expect(t, alice, "Leads", "") // told once
	// Neither code nor state stays behind, and no script can read a cookie.
	for _, a := range alice.History() {
		if strings.Contains(a, "code=") || strings.Contains(a, "/callback") {
			t.Errorf("the history holds %s", a)
		}
	}
	if cookies := browsertest.Ask[string](alice, "document.cookie"); cookies != "" {
		t.Errorf("a script reads the cookies %s", cookies)
	}
	if got := r.stored(); !slices.Equal(got, []string{"alice@example.com:10001"}) {
		t.Errorf("stored: %q", got)
	}
	alice.Open(r.url + "/") // she is known
	expect(t, alice, "Leads", "")
}

func refusesConsent(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	alice.Open(r.url + "/")
	alice.Follow(".connect")
	alice.Follow(refuse)
	expect(t, alice, homeTitle, "You did not consent")
	if got := r.stored(); len(got) > 0 {
		t.Errorf("stored: %q", got)
	}
	connect(t, r, alice, asAlice) // and changes her mind
}

// Another site sends the browser back with a code of its own, so that the person
// would work in the attacker's account without noticing.
func meetsForgedState(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	before := r.zoho.Counters().TokenRequests
	const forged = "/callback?code=1000.stolen&location=us&state=FORGED"
	alice.Open(r.url + forged)
	expect(t, alice, homeTitle, "That did not belong to a login of this browser")
	// It does not disturb the login that is under way.
	alice.Follow(".connect")
	consent := alice.Address()
	alice.Open(r.url + forged)
	expect(t, alice, homeTitle, "That did not belong to a login of this browser")
	// Nor does the right state in the wrong browser.
	mallory := browser.Person(t)
	mallory.Open(consent)
	mallory.Follow(asBob)
	expect(t, mallory, homeTitle, "That did not belong to a login of this browser")
	if n := r.zoho.Counters().TokenRequests - before; n != 0 || len(r.stored()) != 0 {
		t.Errorf("%d token requests, stored %q", n, r.stored())
	}
	alice.Open(consent)
	alice.Follow(asAlice)
	expect(t, alice, "Leads", "You are connected")
}

func staysAwayTooLong(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	connect(t, r, alice, asAlice)
	r.advance(idleTime - time.Minute)
	alice.Follow(`a[rel="next"]`)
	expect(t, alice, "Leads", "")
	r.advance(idleTime)
	alice.Follow(`a[rel="prev"]`)
	expect(t, alice, homeTitle, "Please sign in")
	// Only the session is over: the tokens are still there, and of no use to her
	// until she signs in again.
	if got := r.stored(); len(got) != 1 {
		t.Errorf("stored: %q", got)
	}
	// The page for disconnecting, left open over lunch, does nothing either.
	connect(t, r, alice, asAlice)
	alice.Open(r.url + "/disconnect")
	r.advance(idleTime)
	alice.Follow(".danger")
	expect(t, alice, homeTitle, "Please sign in")
	if n := r.zoho.Counters().Revokes; n != 0 {
		t.Error("it was revoked by somebody who was not signed in any more")
	}
}

func signsOut(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	connect(t, r, alice, asAlice)
	alice.Follow(`form[action="/signout"] button`)
	expect(t, alice, homeTitle, "You are signed out of this browser")
	alice.Back() // what was there is not shown from a cache
	alice.Open(r.url + "/leads")
	expect(t, alice, homeTitle, "Please sign in")
	if n := r.zoho.Counters(); n.Revokes != 0 || len(r.stored()) != 1 {
		t.Errorf("signing out of a browser ended the connection: %d revoked, stored %q", n.Revokes, r.stored())
	}
}

func disconnects(t *testing.T, browser *browsertest.Browser) {
	r, desk, laptop := newRig(t), browser.Person(t), browser.Person(t)
	connect(t, r, desk, asAlice)
	connect(t, r, laptop, asAlice) // the same person again
	desk.Follow(`a[href="/disconnect"]`)
	expect(t, desk, "Disconnect from Zoho?", "")
	desk.Follow(`.choices a`)
	expect(t, desk, "Leads", "")
	desk.Follow(`a[href="/disconnect"]`)
	desk.Follow(".danger")
	expect(t, desk, homeTitle, "You are disconnected")
	if n := r.zoho.Counters().Revokes; n != 1 || len(r.stored()) != 0 {
		t.Errorf("%d revoked, stored %q", n, r.stored())
	}
	laptop.Open(r.url + "/leads")
	expect(t, laptop, homeTitle, "Please sign in")
	if n := r.app.sessions.len(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
	connect(t, r, desk, asAlice)
}

func twoPeople(t *testing.T, browser *browsertest.Browser) {
	r, alice, bob := newRig(t), browser.Person(t), browser.Person(t)
	connect(t, r, alice, asAlice)
	connect(t, r, bob, asBob)
	for range 2 { // in turns
		for _, one := range []struct {
			person           *browsertest.Person
			who, own, others string
		}{
			{alice, "alice@example.com", "Porto Tramways", "Kestrel Books"},
			{bob, "bob@example.com", "Kestrel Books", "Porto Tramways"},
		} {
			one.person.Open(r.url + "/leads")
			page := one.person.Text("body")
			if one.person.Text(".person") != one.who || !strings.Contains(page, one.own) || strings.Contains(page, one.others) {
				t.Errorf("%s sees:\n%s", one.who, page)
			}
		}
	}
	alice.Follow(`a[href="/disconnect"]`)
	alice.Follow(".danger")
	expect(t, alice, homeTitle, "You are disconnected")
	bob.Open(r.url + "/leads")
	expect(t, bob, "Leads", "")
	if got := r.stored(); !slices.Equal(got, []string{"bob@example.com:10002"}) {
		t.Errorf("stored: %q", got)
	}
	// Alice comes back as Bob: her browser is his now, and shows nothing of her.
	connect(t, r, alice, asBob)
	if got := alice.Text(".person"); got != "bob@example.com" {
		t.Errorf("signed in as %q", got)
	}
}

func withdrawsAtZoho(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	connect(t, r, alice, asAlice)
	r.zoho.RevokeUser("alice@example.com")
	alice.Open(r.url + "/leads")
	expect(t, alice, homeTitle, "Zoho wants your consent again")
	connect(t, r, alice, asAlice)
	if got := r.stored(); !slices.Equal(got, []string{"alice@example.com:10001"}) {
		t.Errorf("stored: %q", got)
	}
}

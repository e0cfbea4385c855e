package main

import (
	"testing"

	"zohocrm/internal/browsertest"
)

// inFocus names what has the keyboard, and says whether that can be seen.
const inFocus = `(() => {
  const e = document.activeElement, s = getComputedStyle(e);
  return (e.value || e.textContent.trim() || e.tagName) + (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1 ? '' : ' (not to be seen)');
})()`

// goTo presses Tab until the element with this text has the focus, which must be
// visible all the way.
func goTo(t *testing.T, p *browsertest.Person, text string) {
	t.Helper()
	var way []string
	for range 15 {
		p.Press(browsertest.Tab)
		at := browsertest.Ask[string](p, inFocus)
		if at == text {
			return
		}
		way = append(way, at)
	}
	t.Fatalf("Tab does not lead to %q, but to %q", text, way)
}

// The whole of it without a mouse.
func usesTheKeyboard(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	alice.Open(r.url + "/")
	goTo(t, alice, "Skip to the content") // the first stop
	goTo(t, alice, "Connect with Zoho")
	alice.PressAndGo(browsertest.Enter)
	goTo(t, alice, "alice@example.com")
	alice.PressAndGo(browsertest.Enter)
	expect(t, alice, "Leads", "You are connected")
	goTo(t, alice, "Skip to the content")
	alice.Press(browsertest.Enter)
	goTo(t, alice, browsertest.Ask[string](alice, `document.querySelector('td a').textContent`)) // past the header
	alice.Open(r.url + "/leads?page=2")
	goTo(t, alice, "Disconnect")
	alice.PressAndGo(browsertest.Enter)
	goTo(t, alice, "Keep the connection")
	alice.PressAndGo(browsertest.Enter)
	goTo(t, alice, "Sign out")
	alice.PressAndGo(browsertest.Enter)
	expect(t, alice, homeTitle, "You are signed out of this browser")
}

// All pages on the narrowest phone and on a desk, light and dark, without scripts.
func usesAPhone(t *testing.T, browser *browsertest.Browser) {
	r, alice := newRig(t), browser.Person(t)
	for _, screen := range []browsertest.Screen{
		{Width: 320, Height: 568, Mobile: true, NoScript: true},
		{Width: 390, Height: 844, Mobile: true, NoScript: true, Dark: true},
		{Width: 1280, Height: 800, NoScript: true, Dark: true},
	} {
		alice.Use(screen)
		alice.Open(r.url + "/callback")
		expect(t, alice, homeTitle, "That did not belong to a login of this browser")
		alice.Readable()
		alice.Follow(".connect")
		alice.Readable() // Zoho's page, simulated
		alice.Follow(asAlice)
		expect(t, alice, "Leads", "You are connected")
		alice.Readable()
		for _, path := range []string{"/leads?page=3", "/disconnect", "/nowhere"} {
			alice.Open(r.url + path)
			alice.Readable()
		}
		if alice.Status() != 404 {
			t.Errorf("status %d of a page that is not there", alice.Status())
		}
		alice.Open(r.url + "/leads")
		alice.Follow(`form[action="/signout"] button`)
	}
}

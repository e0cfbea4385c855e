package main

import (
	"testing"
	"time"

	"zohocrm/oauth"
)

func TestTickets(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	made, err := newTickets(clock)
	if err != nil {
		t.Fatal(err)
	}
	want := login{"state", oauth.NewVerifier()}
	ticket := made.issue(want)
	if got, ok := made.open(ticket); !ok || got != want {
		t.Errorf("%v, %v", got, ok)
	}
	other, err := newTickets(clock)
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(ticket)
	changed[len(changed)/2] ^= 1
	for name, open := range map[string]func() (login, bool){
		"another program's": func() (login, bool) { return other.open(ticket) },
		"changed":           func() (login, bool) { return made.open(string(changed)) },
		"none":              func() (login, bool) { return made.open("") },
		"no base64":         func() (login, bool) { return made.open("*") },
	} {
		if l, ok := open(); ok || l != (login{}) {
			t.Errorf("%s is opened: %v", name, l)
		}
	}
	if !made.use(want) || made.use(want) {
		t.Error("a login is used once")
	}
	now = now.Add(loginTime)
	if _, ok := made.open(ticket); ok {
		t.Error("a ticket outlives its time")
	}
}

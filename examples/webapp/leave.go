package main

import (
	"net/http"
)

// signOut ends the session in this browser. The tokens stay, and so does the
// consent at Zoho.
func (a *app) signOut(w http.ResponseWriter, r *http.Request) {
	a.forget(w, r)
	a.send(w, r, "/", "signedout")
}

// askDisconnect asks before it is done.
func (a *app) askDisconnect(w http.ResponseWriter, r *http.Request) {
	s, ok := a.signedIn(r)
	if !ok {
		a.send(w, r, "/", "signin")
		return
	}
	a.show(w, r, http.StatusOK, "disconnect", "Disconnect from Zoho?", map[string]any{"Person": nameOf(s.user), "Store": a.cfg.StoreName})
}

// disconnect revokes the consent at Zoho, deletes the tokens, and ends the
// person's sessions in all browsers.
func (a *app) disconnect(w http.ResponseWriter, r *http.Request) {
	s, ok := a.signedIn(r)
	if !ok {
		a.send(w, r, "/", "signin")
		return
	}
	user := s.user
	user.ClientSecret = a.cfg.Client.ClientSecret
	err := a.zoho.Tokens.Revoke(r.Context(), user)
	a.endSessions(s)
	a.forget(w, r)
	switch {
	case gone(err): // another browser was quicker
		err = nil
	case err != nil:
		a.log.Error("not revoked at Zoho", "error", err)
		a.send(w, r, "/", "unrevoked")
		return
	}
	a.send(w, r, "/", "disconnected")
}

// endSessions ends all sessions of the person, in whichever browser.
func (a *app) endSessions(s session) {
	a.sessions.dropAll(func(other session) bool { return other.user.ID == s.user.ID })
}

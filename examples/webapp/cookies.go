package main

import (
	"net/http"
	"time"
)

// The cookies. None of them holds anything but a random id, a fixed word, or what only
// this program can read.
const (
	sessionCookie = "session"
	loginCookie   = "login"
	noticeCookie  = "notice"
)

// setCookie sets a cookie that scripts cannot read and that other sites cannot
// send along, save when they lead the browser here, as Zoho does. life 0: until
// the browser is closed. Negative: it is deleted.
func (a *app) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure wherever the page itself is https
		Name: a.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
	})
}

// cookie is the value of a cookie, "" if there is none.
func (a *app) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(a.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// cookieName: browsers take __Host- cookies from this very host and by https only,
// so that no neighbour can plant one. Cookies know no ports, so the name also keeps
// apart the applications of one machine.
func (a *app) cookieName(name string) string {
	if a.secure {
		return "__Host-zohocrm_" + name
	}
	return "zohocrm_" + name
}

// signedIn finds the browser's session.
func (a *app) signedIn(r *http.Request) (session, bool) {
	return a.sessions.get(a.cookie(r, sessionCookie))
}

// forget ends the browser's session here.
func (a *app) forget(w http.ResponseWriter, r *http.Request) {
	a.sessions.take(a.cookie(r, sessionCookie))
	a.setCookie(w, sessionCookie, "", -time.Second)
}

// send sends the browser on to another page, which shows the notice.
func (a *app) send(w http.ResponseWriter, r *http.Request, path, notice string) {
	if notice != "" {
		a.setCookie(w, noticeCookie, notice, time.Minute)
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

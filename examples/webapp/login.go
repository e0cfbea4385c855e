package main

import (
	"errors"
	"net/http"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// home is the page for who is not signed in.
func (a *app) home(w http.ResponseWriter, r *http.Request) {
	if _, ok := a.signedIn(r); ok {
		http.Redirect(w, r, "/leads", http.StatusSeeOther)
		return
	}
	a.show(w, r, http.StatusOK, "home", "Your leads, signed in with Zoho", map[string]any{
		"Accounts": a.cfg.Home.AccountsURL, "Store": a.cfg.StoreName, "Scopes": scopes(),
	})
}

// connect sends the browser to Zoho's consent page.
func (a *app) connect(w http.ResponseWriter, r *http.Request) {
	l := login{state: oauth.NewState(), verifier: oauth.NewVerifier()}
	page, err := a.zoho.Accounts.AuthorizeURL(oauth.AuthorizeRequest{
		AccountsURL: a.cfg.Home.AccountsURL, ClientID: a.cfg.Client.ClientID, RedirectURL: a.cfg.Client.RedirectURL,
		Scopes: scopes(), State: l.state, Verifier: l.verifier,
	})
	if err != nil {
		a.log.Error("the consent page has no address", "error", err)
		a.fail(w, r, http.StatusInternalServerError, "Zoho cannot be asked", "This application is not set up right.")
		return
	}
	a.setCookie(w, loginCookie, a.tickets.issue(l), loginTime)
	http.Redirect(w, r, page, http.StatusSeeOther)
}

// callback receives the browser from Zoho. It always sends it on, so that the code
// stays neither in the address bar nor in the history.
func (a *app) callback(w http.ResponseWriter, r *http.Request) {
	// What is waited for goes on waiting when a redirect comes that does not belong
	// to it: a stale page, or another site's attempt to sign the person in as
	// somebody else.
	l, _ := a.tickets.open(a.cookie(r, loginCookie))
	back, err := oauth.ParseCallback(r.URL.Query(), l.state, a.cfg.Home, a.zoho.Accounts.Directory())
	if !errors.Is(err, oauth.ErrBadState) {
		if !a.tickets.use(l) {
			err = oauth.ErrBadState // the same redirect twice, at the same time
		} else {
			a.setCookie(w, loginCookie, "", -time.Second)
		}
	}
	if err == nil {
		err = a.signIn(w, r, l, back)
	}
	if err != nil {
		a.log.Warn("not connected", "error", err)
		a.send(w, r, "/", noticeOf(err))
		return
	}
	a.send(w, r, "/leads", "connected")
}

// signIn exchanges the code, at the data centre that the module has checked, saves
// the tokens and begins a session under a new id: one that was known before the
// login could be somebody else's too.
func (a *app) signIn(w http.ResponseWriter, r *http.Request, l login, back oauth.Callback) error {
	zoho, err := a.zoho.Connect(r.Context(), oauth.Login{
		Token:    oauth.Token{GrantToken: back.GrantToken, AccountsURL: back.DataCenter.AccountsURL},
		Verifier: l.verifier,
	})
	if err != nil {
		return err
	}
	a.forget(w, r)
	a.setCookie(w, sessionCookie, a.sessions.put(begin(zoho)), 0)
	return nil
}

// noticeOf says in one word, of those that page.go explains, why a login failed.
func noticeOf(err error) string {
	switch {
	case errors.Is(err, oauth.ErrBadState):
		return "state"
	case errors.Is(err, oauth.ErrConsentRefused):
		return "refused"
	case errors.Is(err, dc.ErrUntrusted):
		return "untrusted"
	case errors.Is(err, oauth.ErrGrantExpired):
		return "late"
	case errors.Is(err, oauth.ErrThrottled):
		return "throttled"
	case errors.Is(err, oauth.ErrMismatch):
		return "mismatch"
	case errors.Is(err, oauth.ErrStoreUnavailable), errors.As(err, new(*oauth.UnsavedError)):
		return "store"
	}
	return "failed"
}

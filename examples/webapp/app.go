package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// appConfig sets up newApp. Client, Home and Store are required.
type appConfig struct {
	Client    oauth.Token   // ClientID, ClientSecret and RedirectURL of the application
	Home      dc.DataCenter // where it is registered
	Store     oauth.Store   // not closed by the app
	StoreName string        // as people are told it
	Logger    *slog.Logger  // nil discards
	Now       func() time.Time
}

// Bounds of what is kept for browsers.
const (
	maxUsed     = 10_000           // logins of which it is known that they are over
	loginTime   = 10 * time.Minute // for which Zoho's page may stay open
	maxSessions = 10_000           // people who are signed in
	sessionTime = 12 * time.Hour   // after which they sign in again
	idleTime    = 30 * time.Minute // or after this, if they ask for nothing
	requestTime = 40 * time.Second // longest answer, Zoho's share included
)

// scopes are what is asked of the user: to read leads, and to be named.
func scopes() []string {
	return []string{"ZohoCRM.modules.leads.READ", "ZohoCRM.users.READ", "ZohoCRM.org.READ"}
}

// app is the web application. Its parts are safe for concurrent use.
type app struct {
	cfg      appConfig
	log      *slog.Logger
	origin   string // of its own pages: http://localhost:8765
	redirect *url.URL
	secure   bool // it is reached by https

	zoho *zohocrm.Client // nobody's: it makes the clients of those who sign in

	tickets  *tickets
	sessions *shelf[session]
	pages    pages
}

// session is a signed-in browser.
type session struct {
	user oauth.Token     // which row of the store is meant: ID, UserName and ClientID, no secret
	zoho *zohocrm.Client // makes calls as that user and as nobody else
}

// newApp opens nothing but memory: the first user comes later.
func newApp(cfg appConfig) (*app, error) {
	redirect, err := url.Parse(cfg.Client.RedirectURL)
	if err != nil || redirect.Host == "" {
		return nil, fmt.Errorf("the redirect URL cannot be read")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	a := &app{
		cfg: cfg, log: cfg.Logger, redirect: redirect, origin: redirect.Scheme + "://" + redirect.Host,
		secure:   redirect.Scheme == "https",
		sessions: newShelf[session](maxSessions, sessionTime, idleTime, cfg.Now),
	}
	if a.tickets, err = newTickets(cfg.Now); err != nil {
		return nil, err
	}
	if a.pages, err = newPages(); err != nil {
		return nil, err
	}
	a.zoho, err = zohocrm.NewWithoutUser(zohocrm.Config{
		Token: cfg.Client, Store: cfg.Store, DataCenter: cfg.Home, Now: cfg.Now, Logger: cfg.Logger,
	})
	return a, err
}

// Close waits for tokens that are being saved.
func (a *app) Close() error { return a.zoho.Close() }

// begin makes the session of a user who has just come back from Zoho.
func begin(zoho *zohocrm.Client) session {
	return session{user: oauth.Token{ID: zoho.User.ID, UserName: zoho.User.UserName, ClientID: zoho.User.ClientID}, zoho: zoho}
}

// handler routes requests, through the guards, to what answers them.
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("GET /style.css", a.pages.style)
	mux.HandleFunc("GET /icon.svg", a.pages.icon)
	mux.HandleFunc("POST /connect", a.connect)
	mux.HandleFunc("GET /leads", a.leads)
	mux.HandleFunc("POST /signout", a.signOut)
	mux.HandleFunc("GET /disconnect", a.askDisconnect)
	mux.HandleFunc("POST /disconnect", a.disconnect)
	mux.HandleFunc("/", a.notFound)
	return a.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Compared, not routed: the path comes from the configuration.
		if r.Method == http.MethodGet && r.URL.Path == cmp.Or(a.redirect.Path, "/") {
			a.callback(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

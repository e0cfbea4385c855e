package main

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// maxBody bounds what browsers may send, in bytes: its forms hold nothing but
// their buttons.
const maxBody = 4 << 10

// guard is what every request passes through, from the outside in.
func (a *app) guard(next http.Handler) http.Handler {
	// Requests that change something must come from pages of this application
	// (Sec-Fetch-Site, else Origin). The cookies say the same once more: SameSite.
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(a.foreign))
	next = sameOrigin.Handler(http.MaxBytesHandler(next, maxBody))
	policy := contentPolicy(a.accountsOrigins())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // the callback's address is told to nobody
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		h.Set("Cache-Control", "no-store") // pages are one person's
		// The query is not logged: the callback's holds a code.
		a.log.Debug("request", "method", r.Method, "path", r.URL.Path)
		if to, ok := a.otherName(r); ok {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect) // #nosec G710 -- to this server's own name, from the configuration
			return
		}
		if r.Host != a.redirect.Host && !isLoopback(hostName(r.Host)) {
			// Another site's name was made to lead here, or a proxy does not hand on its own.
			http.Error(w, "this application is at "+a.origin, http.StatusMisdirectedRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// contentPolicy allows the application's own style sheet and icon, its own forms,
// and that the form of "Connect with Zoho" is redirected to Zoho: browsers hold
// form-action against redirects too.
func contentPolicy(formTargets []string) string {
	return "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' " +
		strings.Join(formTargets, " ")
}

// accountsOrigins are the origins of all accounts servers that are believed.
func (a *app) accountsOrigins() []string {
	var all []string
	for _, d := range a.zoho.Accounts.Directory().All() {
		if u, err := url.Parse(d.AccountsURL); err == nil {
			all = append(all, u.Scheme+"://"+u.Host)
		}
	}
	return all
}

// otherName: the browser calls this machine by another of its names than the
// redirect URL does, 127.0.0.1 for localhost. Zoho would send it back to the other
// name, for which it has no cookie.
func (a *app) otherName(r *http.Request) (to string, ok bool) {
	host := hostName(r.Host)
	if r.Method != http.MethodGet || r.Host == a.redirect.Host || !isLoopback(host) || !isLoopback(a.redirect.Hostname()) {
		return "", false
	}
	return a.origin + r.URL.EscapedPath(), true
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// foreign answers a form that another site has sent.
func (a *app) foreign(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, http.StatusForbidden, "That did not come from this application",
		"Another site tried to use it in your name. Nothing was done.")
}

func (a *app) notFound(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, http.StatusNotFound, "There is no such page", "The address may be mistyped.")
}

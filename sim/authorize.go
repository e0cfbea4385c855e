package sim

import (
	"net/http"
	"net/url"
	"strings"

	"zohocrm/sim/internal/ledger"
)

// consentRequest is a valid authorize request.
type consentRequest struct {
	client   Client
	scope    string
	redirect string
	state    string
	offline  bool
	forced   bool // prompt=consent
	verify   string
	s256     bool
}

// authorize is /oauth/v2/auth: GET shows the consent page, POST is its form. A
// request that cannot be trusted gets an error page and is never redirected.
func (s *Server) authorize(c *call) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		writeText(c.w, http.StatusMethodNotAllowed, "Method Not Allowed")
		return
	}
	p, err := readParams(c.w, c.r)
	if err != nil {
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	}
	req, wrong := s.readConsent(c, p)
	if wrong != "" {
		s.pages.showError(c.w, wrong)
		return
	}
	answer := p["auto"] // our extension: consent without a click
	if c.r.Method == http.MethodPost {
		answer = p["decision"]
	}
	if answer == "" {
		s.pages.showConsent(c.w, req, p, s.offered(c.location))
		return
	}
	s.decide(c, req, answer)
}

// readConsent checks an authorize request. wrong is Zoho's name of the first
// mistake.
func (s *Server) readConsent(c *call, p params) (req consentRequest, wrong string) {
	client, ok := s.people.client(p["client_id"], c.location)
	method := p["code_challenge_method"]
	switch {
	case !ok:
		return req, "invalid_client"
	case p["response_type"] != "code":
		return req, "invalid_response_type"
	case !client.allowsRedirect(p["redirect_uri"]):
		return req, "invalid_redirect_uri"
	case !validScope(p["scope"]):
		return req, "invalid_scope"
	case p["access_type"] != "" && p["access_type"] != "online" && p["access_type"] != "offline":
		return req, "invalid_access_type"
	case method != "" && method != "plain" && method != "S256",
		p["code_challenge"] != "" && (len(p["code_challenge"]) < 43 || len(p["code_challenge"]) > 128):
		return req, "invalid_code_challenge"
	}
	return consentRequest{
		client: client, scope: p["scope"], redirect: p["redirect_uri"], state: p["state"],
		offline: p["access_type"] == "offline", forced: p["prompt"] == "consent",
		verify: p["code_challenge"], s256: method == "S256",
	}, ""
}

// offered are the users the page shows. China is run apart: its users consent
// only there, and nobody else does (Zoho: multi-dc page).
func (s *Server) offered(location string) []*person {
	var out []*person
	for _, p := range s.people.users {
		if (p.Location == "cn") == (location == "cn") {
			out = append(out, p)
		}
	}
	return out
}

// decide sends the browser back with a code for the user, or with a refusal.
func (s *Server) decide(c *call, req consentRequest, answer string) {
	if answer == "deny" {
		req.sendBack(c, "error", "access_denied")
		return
	}
	user, err := s.people.user(answer)
	if err != nil {
		s.pages.showError(c.w, "unknown_user")
		return
	}
	code, err := s.ledger.IssueCode(c.now, ledger.Code{
		Owner: ledger.Owner{User: user.Email, Client: req.client.ID, Location: user.Location},
		Scope: req.scope, RedirectURL: req.redirect, Challenge: req.verify, S256: req.s256,
		Offline: req.offline, Forced: req.forced,
	})
	if err != nil { // too many codes: Zoho calls it access_denied too
		req.sendBack(c, "error", "access_denied")
		return
	}
	s.numbers.grants.Add(1)
	req.sendBack(c, "code", code, "location", user.Location, "accounts-server", c.base(user.Location))
}

// sendBack redirects to the redirect URL with pairs of names and values, and
// the state if there was one.
func (req consentRequest) sendBack(c *call, pairs ...string) {
	if req.state != "" {
		pairs = append(pairs, "state", req.state)
	}
	target := req.redirect
	glue := "?"
	if strings.Contains(target, "?") {
		glue = "&"
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		target += glue + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
		glue = "&"
	}
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("Location", target)
	c.w.WriteHeader(http.StatusFound)
}

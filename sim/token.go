package sim

import (
	"errors"
	"net/http"
	"strings"

	"zohocrm/sim/internal/ledger"
)

// token is the token endpoint. Zoho answers a GET, or a POST without a grant
// type it knows, with a plain HTTP 400 (Zoho: access-token page); everything
// else is told in the body.
func (s *Server) token(c *call) {
	p, err := readParams(c.w, c.r)
	switch {
	case err != nil:
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	case c.r.Method != http.MethodPost:
		writeText(c.w, http.StatusBadRequest, "Bad Request")
		return
	}
	s.numbers.tokenRequests.Add(1)
	switch p["grant_type"] {
	case "authorization_code":
		s.faulty(c, []string{"token", "exchange"}, func(c *call) { s.exchange(c, p) })
	case "refresh_token":
		s.faulty(c, []string{"token", "refresh"}, func(c *call) { s.refresh(c, p) })
	case "client_credentials":
		s.faulty(c, []string{"token"}, func(c *call) { s.clientCredentials(c, p) })
	default:
		s.faulty(c, []string{"token"}, func(c *call) { writeText(c.w, http.StatusBadRequest, "Bad Request") })
	}
}

func bodyStatus(err error) int {
	if big := new(http.MaxBytesError); errors.As(err, &big) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// authenticate finds the client of a token request by its parameters or by
// Basic authentication. It answers the request itself when it fails.
func (s *Server) authenticate(c *call, p params) (Client, bool) {
	id, secret := p["client_id"], p["client_secret"]
	if user, pass, ok := c.r.BasicAuth(); ok {
		id, secret = user, pass
	}
	client, ok := s.people.client(id, c.location)
	if !ok {
		s.tokenError(c, "invalid_client")
		return Client{}, false
	}
	if secret != client.secret(c.location) {
		s.tokenError(c, "invalid_client_secret")
		return Client{}, false
	}
	return client, true
}

func (s *Server) exchange(c *call, p params) {
	client, ok := s.authenticate(c, p)
	if !ok {
		return
	}
	issued, err := s.ledger.Exchange(c.now, ledger.Exchange{
		Code: p["code"], Client: client.ID, Location: c.location,
		RedirectURL: p["redirect_uri"], Verifier: p["code_verifier"],
	})
	if err != nil {
		s.refuse(c, err)
		return
	}
	s.numbers.exchanges.Add(1)
	s.answerToken(c, issued)
}

func (s *Server) refresh(c *call, p params) {
	client, ok := s.authenticate(c, p)
	if !ok {
		return
	}
	issued, err := s.ledger.Refresh(c.now, ledger.Refresh{
		Token: p["refresh_token"], Client: client.ID, Location: c.location,
	})
	if err != nil {
		s.refuse(c, err)
		return
	}
	s.numbers.refreshes.Add(1)
	s.answerToken(c, issued)
}

// clientCredentials gives an access token for an organisation, without a
// refresh token (Zoho: client-credentials-flow page). It speaks for the
// organisation's first user.
func (s *Server) clientCredentials(c *call, p params) {
	client, ok := s.authenticate(c, p)
	if !ok {
		return
	}
	zgid, found := strings.CutPrefix(p["soid"], "ZohoCRM.")
	members := s.people.members(zgid)
	switch {
	case !found || len(members) == 0 || members[0].Location != c.location:
		s.tokenError(c, "missing_org_info")
	case !validScope(p["scope"]):
		s.tokenError(c, "invalid_scope")
	default:
		owner := ledger.Owner{User: members[0].Email, Client: client.ID, Location: c.location}
		s.answerToken(c, s.ledger.Direct(c.now, owner, p["scope"]))
	}
}

// answerToken is the token answer. api_domain is that of the user's data
// centre; scope is separated by spaces here, by commas in requests.
func (s *Server) answerToken(c *call, issued ledger.Issued) {
	body := map[string]any{
		"access_token": issued.AccessToken,
		"api_domain":   s.apiDomain(c, issued),
		"scope":        strings.ReplaceAll(issued.Scope, ",", " "),
		"token_type":   "Bearer",
		"expires_in":   int64(issued.Life.Seconds()),
	}
	if s.limits.LegacyExpiry {
		body["expires_in_sec"] = int64(issued.Life.Seconds())
		body["expires_in"] = issued.Life.Milliseconds()
	}
	if issued.RefreshToken != "" {
		body["refresh_token"] = issued.RefreshToken
	}
	writeJSON(c.w, http.StatusOK, body)
}

// apiDomain is where the user's organisation answers: the data centre, and the
// environment if it is not production.
func (s *Server) apiDomain(c *call, issued ledger.Issued) string {
	base := c.base(issued.Location)
	if p, err := s.people.user(issued.User); err == nil && p.Environment != "" {
		base += "/" + p.Environment
	}
	return base
}

// refuse turns the ledger's error into Zoho's answer.
func (s *Server) refuse(c *call, err error) {
	switch {
	case errors.Is(err, ledger.ErrThrottled):
		s.numbers.throttled.Add(1)
		writeThrottled(c.w, s.limits.throttleStatus())
	case errors.Is(err, ledger.ErrRedirect):
		s.tokenError(c, "invalid_redirect_uri")
	default:
		s.tokenError(c, "invalid_code")
	}
}

// tokenError answers {"error": code}, with HTTP 200 unless Limits says otherwise.
func (s *Server) tokenError(c *call, code string) {
	s.numbers.tokenErrors.Add(1)
	writeJSON(c.w, s.limits.errorStatus(), map[string]string{"error": code})
}

// writeThrottled is Zoho's body for too many tokens, word for word.
func writeThrottled(w http.ResponseWriter, status int) {
	writeJSON(w, status, map[string]string{
		"error_description": "You have made too many requests continuously. Please try again after some time.",
		"error":             "Access Denied",
		"status":            "failure",
	})
}

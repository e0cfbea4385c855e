package sim

import (
	"net/http"

	"zohocrm/sim/internal/ledger"
)

// revokeClassic is /oauth/v2/token/revoke: whoever holds a token may revoke it
// (Zoho: revoke-refresh-token page; the path that all of Zoho's SDKs use).
func (s *Server) revokeClassic(c *call) {
	p, err := readParams(c.w, c.r)
	if err != nil {
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	}
	s.revoke(c, ledger.Revocation{Token: p["token"], Location: c.location})
}

// revokeWithClient is /oauth/v2/revoke/token of the newer page (Zoho:
// revoke-oauth-token page): the client authenticates with Basic and can revoke
// only its own tokens.
func (s *Server) revokeWithClient(c *call) {
	p, err := readParams(c.w, c.r)
	if err != nil {
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	}
	if _, _, ok := c.r.BasicAuth(); !ok {
		s.tokenError(c, "invalid_client")
		return
	}
	client, ok := s.authenticate(c, params{})
	if !ok {
		return
	}
	s.revoke(c, ledger.Revocation{
		Token: p["token"], Location: c.location, Client: client.ID, Kind: ledger.Kind(p["token_type"]),
	})
}

// revoke answers 400 for a token that is not known. Zoho documents the status
// only; the body is ours.
func (s *Server) revoke(c *call, x ledger.Revocation) {
	if c.r.Method != http.MethodPost {
		writeText(c.w, http.StatusBadRequest, "Bad Request")
		return
	}
	if err := s.ledger.Revoke(c.now, x); err != nil {
		writeJSON(c.w, http.StatusBadRequest, map[string]string{"error": "invalid_token", "status": "failure"})
		return
	}
	s.numbers.revokes.Add(1)
	writeJSON(c.w, http.StatusOK, map[string]string{"status": "success"})
}

// RevokeUser takes back all that a user has granted to any client, as a user
// does on Zoho's page of connected apps. An unknown user is ignored.
func (s *Server) RevokeUser(email string) { s.revokeUser(email) }

func (s *Server) revokeUser(name string) int {
	p, err := s.people.user(name)
	if err != nil {
		return 0
	}
	return s.ledger.RevokeUser(p.Email)
}

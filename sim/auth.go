package sim

import (
	"net/http"
	"strings"

	"zohocrm/sim/internal/ledger"
)

// access checks the access token of an API call. Zoho documents the scheme
// "Zoho-oauthtoken"; "Bearer" is accepted too. A token of another data centre
// is as unknown as a dead one.
func (s *Server) access(c *call) (ledger.Access, *problem) {
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if token == "" || scheme != "Zoho-oauthtoken" && scheme != "Bearer" {
		return ledger.Access{}, newProblem(http.StatusUnauthorized, "AUTHENTICATION_FAILURE", "Authentication failed")
	}
	a, err := s.ledger.Check(c.now, token, c.location)
	if err != nil {
		s.numbers.invalidToken.Add(1)
		return ledger.Access{}, invalidToken()
	}
	c.w.Header().Set("X-ACCESSTOKEN-RESET", a.Expiry.Format("2006-01-02T15:04:05-07:00"))
	return a, nil
}

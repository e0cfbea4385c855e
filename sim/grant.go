package sim

import (
	"fmt"
	"time"

	"zohocrm/sim/internal/ledger"
)

// defaultScope is what [Server.Grant] asks for when the request names no scope.
const defaultScope = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ"

// EveryScope covers all that the simulator serves, for [GrantRequest.Scope].
const EveryScope = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.ALL,ZohoCRM.org.ALL,ZohoCRM.coql.READ," +
	"ZohoCRM.bulk.ALL,ZohoCRM.notifications.ALL,ZohoCRM.files.ALL,ZohoCRM.composite_requests.CUSTOM," +
	"ZohoFiles.files.ALL,ZohoSearch.securesearch.READ,AaaServer.profile.READ"

// GrantRequest asks for a grant code as the API console of a self client does.
type GrantRequest struct {
	User        string        // email, or the part before the @
	ClientID    string        // "": the first client
	Scope       string        // comma-separated; "": modules, settings, users and org
	RedirectURL string        // must then be repeated at the exchange; "": a self client's code has none
	Life        time.Duration // 0: Limits.GrantLife
	// Offline false: the exchange gives no refresh token. nil: true.
	Offline *bool
}

// Grant makes a grant code that can be exchanged at the user's data centre.
func (s *Server) Grant(g GrantRequest) (code string, err error) {
	p, err := s.people.user(g.User)
	if err != nil {
		return "", err
	}
	client, ok := s.people.anyClient(g.ClientID)
	if !ok {
		return "", fmt.Errorf("sim: no client %q", g.ClientID)
	}
	if g.Scope == "" {
		g.Scope = defaultScope
	}
	if !validScope(g.Scope) {
		return "", fmt.Errorf("sim: invalid scope %q", g.Scope)
	}
	code, err = s.ledger.IssueCode(s.Now(), ledger.Code{
		Owner:       ledger.Owner{User: p.Email, Client: client.ID, Location: p.Location},
		Scope:       g.Scope,
		RedirectURL: g.RedirectURL,
		Offline:     g.Offline == nil || *g.Offline,
		Forced:      true, // the console gives a refresh token every time
		Life:        g.Life,
	})
	if err != nil {
		return "", fmt.Errorf("sim: grant for %s: %w", p.Email, err)
	}
	s.numbers.grants.Add(1)
	return code, nil
}

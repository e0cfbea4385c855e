package sim

import "sync/atomic"

// Counters are the numbers of what has happened since the start. They hold no
// secret: tokens appear as fingerprints, "sha256:" and 12 hex digits.
type Counters struct {
	TokenRequests int64 `json:"token_requests"` // POSTs to the token endpoint, whatever came of them
	Exchanges     int64 `json:"exchanges"`      // grant codes exchanged
	Refreshes     int64 `json:"refreshes"`      // access tokens made from refresh tokens
	Revokes       int64 `json:"revokes"`        // successful revocations through the API
	Throttled     int64 `json:"throttled"`      // token requests answered with Access Denied, faults included
	TokenErrors   int64 `json:"token_errors"`   // token requests answered with another error
	Grants        int64 `json:"grants"`         // grant codes made

	APICalls        int64 `json:"api_calls"`         // requests under /crm/, whatever came of them
	InvalidToken    int64 `json:"invalid_token"`     // API answers INVALID_TOKEN
	TooManyRequests int64 `json:"too_many_requests"` // API answers 429
	Faults          int64 `json:"faults"`            // faults served
	Followed        int64 `json:"followed"`          // requests that followed a redirect fault

	Notified int64 `json:"notified"` // notifications and callbacks posted
	Unsent   int64 `json:"unsent"`   // and those that could not be, or must not: see the package's comment

	LiveRefreshTokens    int   `json:"live_refresh_tokens"`
	LiveAccessTokens     int   `json:"live_access_tokens"`
	EvictedRefreshTokens int64 `json:"evicted_refresh_tokens"` // killed by a newer one
	EvictedAccessTokens  int64 `json:"evicted_access_tokens"`  // killed by a newer one

	// RefreshesByToken counts refreshes by the refresh token's fingerprint; of
	// very many tokens the latest 100,000 are kept. Never nil.
	RefreshesByToken map[string]int64 `json:"refreshes_by_token"`
}

// numbers are the counters as they run.
type numbers struct {
	tokenRequests, exchanges, refreshes, revokes atomic.Int64
	throttled, tokenErrors, grants               atomic.Int64
	apiCalls, invalidToken, tooMany              atomic.Int64
	faults, followed                             atomic.Int64
	sent, unsent                                 atomic.Int64
}

// Counters returns a copy of the counters.
func (s *Server) Counters() Counters {
	n, books := &s.numbers, s.ledger.Stats(s.Now())
	return Counters{
		TokenRequests: n.tokenRequests.Load(), Exchanges: n.exchanges.Load(), Refreshes: n.refreshes.Load(),
		Revokes: n.revokes.Load(), Throttled: n.throttled.Load(), TokenErrors: n.tokenErrors.Load(), Grants: n.grants.Load(),
		APICalls: n.apiCalls.Load(), InvalidToken: n.invalidToken.Load(), TooManyRequests: n.tooMany.Load(),
		Faults: n.faults.Load(), Followed: n.followed.Load(), Notified: n.sent.Load(), Unsent: n.unsent.Load(),
		LiveRefreshTokens: books.LiveRefresh, LiveAccessTokens: books.LiveAccess,
		EvictedRefreshTokens: books.Evicted.Refresh, EvictedAccessTokens: books.Evicted.Access,
		RefreshesByToken: books.Mints,
	}
}

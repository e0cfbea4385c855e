package crm

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Credits is what Zoho last said of an organisation's API credits.
type Credits struct {
	// Remaining of the 24 hours before At; -1: Zoho has not said yet, as it
	// does once half of them are used (Zoho: api-limits).
	Remaining int
	At        time.Time
}

// creditsSeen keeps the latest word. The zero value has none.
type creditsSeen struct{ latest atomic.Pointer[Credits] }

func (s *creditsSeen) note(resp *Response, now func() time.Time) {
	if resp.CreditsRemaining >= 0 {
		s.latest.Store(&Credits{Remaining: resp.CreditsRemaining, At: now()})
	}
}

func (s *creditsSeen) get() Credits {
	if c := s.latest.Load(); c != nil {
		return *c
	}
	return Credits{Remaining: -1}
}

// throttled says which limit a 429 is about, and how long to wait. Zoho has
// one code for spent credits and for too many calls at once; what tells them
// apart is how many credits are left. They are in the answer or, since Zoho says
// them only once half are used, in an earlier one of the last day.
func throttled(call *call, code string, resp *Response, known Credits, now time.Time) (wait time.Duration, kind error) {
	kind, wait = ErrConcurrency, time.Second
	left := resp.CreditsRemaining
	if left < 0 && known.Remaining >= 0 && now.Sub(known.At) < 24*time.Hour {
		left = known.Remaining
	}
	switch {
	case code == "RATE_LIMIT_EXCEEDED" || strings.HasPrefix(call.path, "/crm/bulk/") && strings.HasSuffix(call.path, "/result"):
		// Downloads of bulk results: ten a minute (Zoho: Kaizen 195).
		kind, wait = ErrRate, time.Minute
	case left >= 0 && left < call.price():
		// The window rolls, so credits come back bit by bit.
		kind, wait = ErrCredits, time.Hour
	}
	if told := retryAfter(resp.Header, now); told > 0 {
		wait = told
	}
	return wait, kind
}

// retryAfter reads RFC 9110's Retry-After, which Zoho does not document.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(seconds, 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(at.Sub(now), 24*time.Hour)
	}
	return 0
}

// price is the least that a call costs, in credits (Zoho: api-limits).
func (c *call) price() int {
	switch {
	case c.method == http.MethodPost && c.path == bulkPath+"/write":
		return 500
	case c.method == http.MethodPost && c.path == bulkPath+"/read":
		return 50
	case strings.HasSuffix(c.path, "/actions/convert"):
		return 5
	case c.query.Has("cvid"):
		return 3
	case strings.HasSuffix(c.path, "/deleted"):
		return 2
	}
	return max(1, c.cost)
}

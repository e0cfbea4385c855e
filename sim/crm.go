package sim

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"zohocrm/sim/internal/records"
)

// maxBody bounds the body of an API request.
const maxBody = 8 << 20

// apiCall is a call of the CRM API by a known user.
type apiCall struct {
	*call
	user  *person
	org   *org
	scope string   // granted, comma-separated
	rest  []string // path segments after /crm/v8
	body  []byte
	items *items // of a write; nil for others
}

func (a *apiCall) book() *records.Book { return a.org.book() }

// crm answers everything under /crm/.
func (s *Server) crm(c *call) {
	s.numbers.apiCalls.Add(1)
	a, leave, problem := s.admit(c)
	defer leave()
	s.faulty(c, []string{"api"}, func(c *call) {
		if problem != nil {
			problem.write(c.w)
			return
		}
		a.call = c
		s.routeAPI(a)
	})
}

// admit checks the token, reads the body and counts the call against the
// organisation's limits. A call that is refused costs nothing.
func (s *Server) admit(c *call) (*apiCall, func(), *problem) {
	stay := func() {}
	granted, problem := s.access(c)
	if problem != nil {
		return nil, stay, problem
	}
	rest, ok := strings.CutPrefix(c.path, "/crm/v8/")
	if !ok {
		return nil, stay, invalidURL()
	}
	user, err := s.people.user(granted.User)
	if err != nil {
		return nil, stay, invalidToken()
	}
	a := &apiCall{call: c, user: user, org: s.orgs[user.ZGID], scope: granted.Scope, rest: strings.Split(rest, "/")}
	a.body, err = io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		return nil, stay, newProblem(bodyStatus(err), "INVALID_REQUEST", "the request body cannot be read")
	}
	cost, heavy := a.price()
	leave, left, ok := a.org.quota.enter(c.now, granted.Client, cost, heavy)
	if a.org.quota.show(left, s.limits.CreditsHeaderAlways) {
		c.w.Header().Set("X-API-CREDITS-REMAINING", strconv.Itoa(left))
	}
	if !ok {
		s.numbers.tooMany.Add(1)
		return nil, stay, tooMany()
	}
	return a, leave, nil
}

// price is what a call costs and whether it is a heavy one (Zoho: api-limits
// page): one credit, or one for each ten records written; three with a custom
// view. Heavy are sorted lists, lists of a view and writes of over ten records.
func (a *apiCall) price() (credits int, heavy bool) {
	switch a.r.Method {
	case http.MethodPost, http.MethodPut:
		a.items = readItems(a.body)
		n := len(a.items.data)
		return max(1, (n+9)/10), n > 10
	case http.MethodGet:
		q := a.r.URL.Query()
		if q.Has("cvid") {
			return 3, true
		}
		return 1, q.Has("sort_by")
	}
	return 1, false
}

// routeAPI hands the call to its handler.
func (s *Server) routeAPI(a *apiCall) {
	switch a.rest[0] {
	case "users":
		s.routeUsers(a)
	case "org":
		if a.exactly(1) && a.get() && a.may("ZohoCRM.org.READ") {
			s.getOrg(a)
		}
	case "settings":
		s.routeSettings(a)
	default:
		s.routeRecords(a)
	}
}

func (s *Server) routeUsers(a *apiCall) {
	switch {
	case !a.get() || !a.may("ZohoCRM.users.READ"):
	case len(a.rest) == 1:
		s.listUsers(a)
	case a.exactly(2):
		s.getUser(a, a.rest[1])
	}
}

// exactly answers "no such URL" unless the path has n segments.
func (a *apiCall) exactly(n int) bool {
	if len(a.rest) != n {
		invalidURL().write(a.w)
	}
	return len(a.rest) == n
}

// get answers "no such method" unless the call is a GET.
func (a *apiCall) get() bool {
	if a.r.Method != http.MethodGet {
		invalidMethod().write(a.w)
	}
	return a.r.Method == http.MethodGet
}

// may answers "scope mismatch" unless the token's scope covers the wanted one.
func (a *apiCall) may(scope string) bool {
	problem := need(a.scope, scope)
	if problem != nil {
		problem.write(a.w)
	}
	return problem == nil
}

package sim

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"zohocrm/sim/internal/records"
)

// maxBody bounds the body of an API request that is not a file.
const maxBody = 8 << 20

// apiCall is a call of the CRM API by a known user.
type apiCall struct {
	*call
	user   *person
	org    *org
	scope  string // granted, comma-separated
	client string
	area   string   // "crm", "bulk" or "download"
	rest   []string // path segments after the API's base
	body   []byte   // nil for a file, which its handler reads
	items  *items   // of a write of records; nil for others
	query  *coqlQuery

	journal *records.Journal // of a composite request that may be rolled back
	news    []change         // what notifications will tell, once the call is done
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
		s.notices.tell(a)
	})
}

// areas are the bases of the API, by the name of the area.
func areas() map[string]string {
	return map[string]string{"crm": "/crm/v8/", "bulk": "/crm/bulk/v8/", "download": "/v2/crm/"}
}

// admit checks the token, reads the body and counts the call against the
// organisation's limits. A call that is refused costs nothing.
func (s *Server) admit(c *call) (*apiCall, func(), *problem) {
	stay := func() {}
	granted, problem := s.access(c)
	if problem != nil {
		return nil, stay, problem
	}
	user, err := s.people.user(granted.User)
	if err != nil || user.Environment != c.environment {
		return nil, stay, invalidToken()
	}
	a := &apiCall{call: c, user: user, org: s.orgs[user.ZGID], scope: granted.Scope, client: granted.Client}
	for area, base := range areas() {
		if rest, ok := strings.CutPrefix(c.path, base); ok {
			a.area, a.rest = area, strings.Split(rest, "/")
		}
	}
	if a.area == "" {
		return nil, stay, invalidURL()
	}
	if !isMultipart(c.r) {
		if a.body, err = readBody(c.w, c.r); err != nil {
			return nil, stay, newProblem(bodyStatus(err), "INVALID_REQUEST", "the request body cannot be read")
		}
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

// readBody reads a body of at most maxBody.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= maxBody {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := io.Copy(&b, http.MaxBytesReader(w, r.Body, maxBody))
	return b.Bytes(), err
}

func isMultipart(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// routeAPI hands the call to its handler.
func (s *Server) routeAPI(a *apiCall) {
	switch a.area {
	case "bulk":
		s.routeBulk(a)
		return
	case "download":
		s.downloadWritten(a)
		return
	}
	switch a.rest[0] {
	case "users":
		s.routeUsers(a)
	case "org":
		if a.exactly(1) && a.get() && a.may("ZohoCRM.org.READ") {
			s.getOrg(a)
		}
	case "settings":
		s.routeSettings(a)
	case "coql":
		if a.exactly(1) && a.method(http.MethodPost) && a.may("ZohoCRM.coql.READ") {
			s.runQuery(a)
		}
	case "actions":
		s.routeWatch(a)
	case "files":
		if a.exactly(1) {
			s.routeFiles(a)
		}
	case "upload":
		if a.exactly(1) && a.method(http.MethodPost) && a.may("ZohoFiles.files.CREATE") {
			s.uploadBulk(a)
		}
	case "__composite_requests":
		if a.exactly(1) && a.method(http.MethodPost) && a.may("ZohoCRM.composite_requests.CUSTOM") {
			s.composite(a)
		}
	default:
		s.routeRecords(a)
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
func (a *apiCall) get() bool { return a.method(http.MethodGet) }

// method answers "no such method" unless the call uses the wanted one.
func (a *apiCall) method(want string) bool {
	if a.r.Method != want {
		invalidMethod().write(a.w)
	}
	return a.r.Method == want
}

// may answers "scope mismatch" unless the token's scope covers the wanted one.
func (a *apiCall) may(scope string) bool {
	problem := need(a.scope, scope)
	if problem != nil {
		problem.write(a.w)
	}
	return problem == nil
}

package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"zohocrm/sim/internal/records"
)

// The numbers of Zoho's get-records page.
const (
	perPageMax   = 200
	fieldsMax    = 50
	pageWindow   = 2_000
	tokenWindow  = 100_000
	pageTokenAge = 24 * time.Hour
)

// pageToken is what a page token says, sealed by the server.
type pageToken struct {
	User   string // who may use it
	Query  string // fingerprint of the query it belongs to
	Expiry int64  // Unix seconds
	Start  int    // records above the page
	Mark   records.Mark
}

// listing is a list request as it was understood.
type listing struct {
	query    records.Query
	page     int
	token    *pageToken // nil without page_token
	binding  string     // fingerprint of the query, for page tokens
	sortedBy string
}

// listRecords is GET /{module}.
func (s *Server) listRecords(a *apiCall, module string) {
	l, problem := s.readListing(a, module)
	if problem == nil && l.query.IDs == nil && a.r.URL.Query().Get("fields") == "" {
		problem = missingParam("fields")
	}
	if problem == nil {
		problem = a.readView(module, l)
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	s.writePage(a, module, l)
}

// readView narrows a list to a custom view.
func (a *apiCall) readView(module string, l *listing) *problem {
	cvid := a.r.URL.Query().Get("cvid")
	if cvid == "" {
		return nil
	}
	for _, v := range a.book().Views(module, a.user.asOwner(), a.now) {
		if v.ID == cvid {
			l.query.Match = records.All(l.query.Match, v.Match)
			return nil
		}
	}
	return invalidParam("cvid")
}

// writePage answers with a page of the list: 304 when nothing is newer than
// If-Modified-Since, 204 when there is nothing at all.
func (s *Server) writePage(a *apiCall, module string, l *listing) {
	page := a.book().List(module, l.query)
	if page.Count == 0 {
		a.nothing(l)
		return
	}
	start := page.Start
	if l.token != nil {
		start = l.token.Start
	}
	info := map[string]any{
		"per_page": l.query.Limit, "count": page.Count, "page": l.page, "more_records": page.More,
		"sort_by": l.sortedBy, "sort_order": "desc",
		"next_page_token": nil, "previous_page_token": nil, "page_token_expiry": nil,
	}
	if l.query.Ascending {
		info["sort_order"] = "asc"
	}
	if l.token != nil {
		info["page"] = start/l.query.Limit + 1
	}
	next := pageToken{
		User: a.user.Email, Query: l.binding, Expiry: a.now.Add(pageTokenAge).Unix(),
		Start: start + page.Count, Mark: page.Last,
	}
	if page.More {
		info["next_page_token"] = s.signer.seal(next)
	}
	if start > 0 {
		previous := next
		previous.Start, previous.Mark = max(0, start-l.query.Limit), page.First
		info["previous_page_token"] = s.signer.seal(previous)
	}
	if page.More || start > 0 {
		info["page_token_expiry"] = time.Unix(next.Expiry, 0).UTC().Format(records.Stamp)
	}
	writeRows(a.w, page.JSON, info)
}

// writeFlatPage answers with a page of a list that has no page tokens.
func (a *apiCall) writeFlatPage(module string, l *listing) {
	page := a.book().List(module, l.query)
	if page.Count == 0 {
		a.nothing(l)
		return
	}
	writeRows(a.w, page.JSON, l.info(page.Count, page.More))
}

// info is the end of a list without page tokens.
func (l *listing) info(count int, more bool) map[string]any {
	return map[string]any{"per_page": l.query.Limit, "count": count, "page": l.page, "more_records": more}
}

// nothing answers for an empty list.
func (a *apiCall) nothing(l *listing) {
	status := http.StatusNoContent
	if !l.query.Since.IsZero() {
		status = http.StatusNotModified
	}
	a.w.WriteHeader(status)
}

// readListing checks the parameters that all lists share.
func (s *Server) readListing(a *apiCall, module string) (*listing, *problem) {
	q := a.r.URL.Query()
	l := newListing()
	l.binding = binding(module, q, a.r.Header.Get("If-Modified-Since"))
	problem := l.readSelection(q)
	if problem == nil {
		problem = l.readOrder(q)
	}
	if problem == nil {
		problem = l.readSince(a.r)
	}
	if problem == nil {
		problem = s.readPlace(a, q, l)
	}
	return l, problem
}

func newListing() *listing {
	return &listing{page: 1, sortedBy: "id", query: records.Query{Limit: perPageMax}}
}

func (l *listing) readSelection(q url.Values) *problem {
	if text := q.Get("fields"); text != "" {
		l.query.Fields = strings.Split(text, ",")
		if len(l.query.Fields) > fieldsMax {
			return newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "fields limit exceeded").
				with("param_name", "fields").with("limit", fieldsMax)
		}
	}
	if text := q.Get("ids"); text != "" {
		l.query.IDs = strings.Split(text, ",")
	}
	return nil
}

func (l *listing) readOrder(q url.Values) *problem {
	if q.Has("cvid") && q.Has("sort_by") {
		return newProblem(http.StatusBadRequest, "AMBIGUITY_DURING_PROCESSING", "cvid and sort_by cannot be used together").
			with("ambiguity_due_to", []string{"cvid", "sort_by"})
	}
	switch by := q.Get("sort_by"); by {
	case "", "id":
	case "Created_Time", "Modified_Time":
		l.query.SortBy, l.sortedBy = by, by
	default:
		return invalidParam("sort_by").with("supported_values", []string{"id", "Created_Time", "Modified_Time"})
	}
	switch q.Get("sort_order") {
	case "", "desc":
	case "asc":
		l.query.Ascending = true
	default:
		return invalidParam("sort_order").with("supported_values", []string{"asc", "desc"})
	}
	switch q.Get("converted") {
	case "", "false":
	case "true", "both":
		l.query.Converted = records.Converted(q.Get("converted"))
	default:
		return invalidParam("converted").with("supported_values", []string{"true", "false", "both"})
	}
	return nil
}

func (l *listing) readSince(r *http.Request) *problem {
	text := r.Header.Get("If-Modified-Since")
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return newProblem(http.StatusBadRequest, "INVALID_REQUEST", "the value of If-Modified-Since is not an ISO 8601 time")
	}
	l.query.Since = at
	return nil
}

// readPlace finds where in the list the page starts: page and per_page reach
// the first 2,000 records, page_token 100,000.
func (s *Server) readPlace(a *apiCall, q url.Values, l *listing) *problem {
	if problem := l.readPage(q); problem != nil {
		return problem
	}
	if q.Has("page_token") {
		if q.Has("page") {
			return newProblem(http.StatusBadRequest, "AMBIGUITY_DURING_PROCESSING", "page and page_token cannot be used together").
				with("ambiguity_due_to", []string{"page", "page_token"})
		}
		return s.readPageToken(a, q.Get("page_token"), l)
	}
	if l.deep() {
		return newProblem(http.StatusBadRequest, "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
			"You can only get the first 2000 records without using page_token param").with("limit", pageWindow)
	}
	return nil
}

// readPage reads page and per_page.
func (l *listing) readPage(q url.Values) *problem {
	if text := q.Get("per_page"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > perPageMax {
			return invalidParam("per_page").with("maximum", perPageMax)
		}
		l.query.Limit = n
	}
	if text := q.Get("page"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1<<30 {
			return invalidParam("page")
		}
		l.page = n
	}
	l.query.Start = (l.page - 1) * l.query.Limit
	return nil
}

// deep reports whether the page reaches beyond the first 2,000 records.
func (l *listing) deep() bool {
	return l.page > pageWindow || l.page*l.query.Limit > pageWindow && l.page > 1
}

func (s *Server) readPageToken(a *apiCall, text string, l *listing) *problem {
	t := new(pageToken)
	switch {
	case !s.signer.open(text, t) || t.User != a.user.Email:
		return invalidParam("page_token")
	case t.Query != l.binding:
		return newProblem(http.StatusBadRequest, "TOKEN_BOUND_DATA_MISMATCH",
			"The page_token given seems to be invalid or input param is added or altered or deleted").with("param_name", "page_token")
	case a.now.Unix() >= t.Expiry:
		return newProblem(http.StatusBadRequest, "EXPIRED_VALUE", "Page token expired").with("param_name", "page_token")
	case t.Start >= tokenWindow:
		return newProblem(http.StatusBadRequest, "PAGINATION_LIMIT_EXCEEDED",
			"You can only get up to first 100000 records using page_token param").with("limit", tokenWindow)
	}
	l.token = t
	l.query.From = &t.Mark
	return nil
}

// binding is the fingerprint of all that a page token is bound to: the module,
// every parameter but the place, and the condition in the header.
func binding(module string, q url.Values, since string) string {
	rest := url.Values{}
	for k, v := range q {
		if k != "page" && k != "page_token" {
			rest[k] = v
		}
	}
	sum := sha256.Sum256([]byte(module + "?" + rest.Encode() + "#" + since))
	return hex.EncodeToString(sum[:8])
}

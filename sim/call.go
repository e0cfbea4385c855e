package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// call is one request on its way through the simulator.
type call struct {
	w        http.ResponseWriter
	r        *http.Request
	now      time.Time // the simulator's time when the request came
	location string    // data centre that was addressed
	path     string    // path without the prefixes of data centre and environment

	environment string // "": production, "sandbox" or "developer"
}

// split takes the data centre's prefix off a path.
func (d *directory) split(path string) (location, rest string) {
	first, after, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if ok && slices.Contains(d.locations, first) {
		return first, "/" + after
	}
	return "us", path
}

// environmentOf takes the prefix of an environment off an API path: what Zoho
// calls sandbox.zohoapis.com is /sandbox/crm/... here.
func environmentOf(path string) (environment, rest string) {
	for _, name := range []string{"sandbox", "developer"} {
		if rest, ok := strings.CutPrefix(path, "/"+name+"/"); ok {
			if strings.HasPrefix(rest, "crm/") || strings.HasPrefix(rest, "v2/crm/") {
				return name, "/" + rest
			}
		}
	}
	return "", path
}

// base is the address of a data centre on this server: what Zoho spreads over
// accounts.zoho.eu and www.zohoapis.eu is one host with a prefix here.
func (c *call) base(location string) string {
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	prefix := ""
	if location != "us" {
		prefix = "/" + location
	}
	return scheme + "://" + c.r.Host + prefix
}

// route hands the call to its handler.
func (s *Server) route(c *call) {
	switch {
	case strings.HasPrefix(c.path, "/sim/"):
		s.control(c)
	case strings.HasPrefix(c.path, "/crm/"), strings.HasPrefix(c.path, "/v2/crm/"):
		s.crm(c)
	case c.path == "/oauth/v3/device/code":
		s.faulty(c, []string{"token", "device"}, s.deviceCode)
	case c.path == "/oauth/v3/device/token":
		s.faulty(c, []string{"token", "device"}, s.deviceToken)
	case c.path == "/oauth/v3/device":
		s.faulty(c, nil, s.devicePage)
	case c.path == "/oauth/v2/auth":
		s.faulty(c, nil, s.authorize)
	case c.path == "/oauth/v2/token":
		s.token(c)
	case c.path == "/oauth/v2/token/revoke":
		s.faulty(c, []string{"revoke"}, s.revokeClassic)
	case c.path == "/oauth/v2/revoke/token":
		s.faulty(c, []string{"revoke"}, s.revokeWithClient)
	case c.path == "/oauth/user/info":
		s.faulty(c, nil, s.userInfo)
	case c.path == "/oauth/serverinfo":
		s.faulty(c, nil, s.serverInfo)
	case c.path == "/":
		s.front(c)
	default:
		writeJSON(c.w, http.StatusNotFound, map[string]any{
			"code": "INVALID_URL_PATTERN", "details": map[string]any{},
			"message": "API endpoint not found", "status": "error",
		})
	}
}

// front is the page for somebody who opens the server in a browser.
func (s *Server) front(c *call) {
	writeText(c.w, http.StatusOK, "Simulator of Zoho's accounts server and CRM v8 API.\n"+
		"Users: "+s.people.emails()+"\n"+
		"Consent: "+c.base(c.location)+"/oauth/v2/auth   Token: "+c.base(c.location)+"/oauth/v2/token   API: "+c.base(c.location)+"/crm/v8")
}

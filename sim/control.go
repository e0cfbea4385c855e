package sim

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// control serves the simulator's own paths.
func (s *Server) control(c *call) {
	if !fromThisMachine(c.r) {
		controlError(c, http.StatusForbidden, "the simulator's own paths are for loopback callers only")
		return
	}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		controlError(c, http.StatusMethodNotAllowed, "use GET or POST")
		return
	}
	p, err := readParams(c.w, c.r)
	if err != nil {
		controlError(c, bodyStatus(err), "cannot read the parameters")
		return
	}
	switch c.path {
	case "/sim/grant":
		s.controlGrant(c, p)
	case "/sim/clock":
		s.controlClock(c, p)
	case "/sim/counters":
		writeJSON(c.w, http.StatusOK, s.Counters())
	case "/sim/fault":
		s.controlFault(c, p)
	case "/sim/revoke":
		if _, err := s.people.user(p["user"]); err != nil {
			controlError(c, http.StatusBadRequest, err.Error())
			return
		}
		writeJSON(c.w, http.StatusOK, map[string]any{"revoked": s.revokeUser(p["user"])})
	case "/sim/seed":
		s.controlSeed(c, p)
	case "/sim/device":
		if err := s.AnswerDevice(p["user_code"], p["user"]); err != nil {
			controlError(c, http.StatusBadRequest, err.Error())
			return
		}
		writeJSON(c.w, http.StatusOK, map[string]string{"status": "success"})
	case "/sim/elsewhere":
		s.numbers.followed.Add(1)
		writeJSON(c.w, http.StatusOK, map[string]any{"message": "you followed a redirect"})
	default:
		controlError(c, http.StatusNotFound, "no such path; known: /sim/grant /sim/clock /sim/seed /sim/device /sim/counters /sim/fault /sim/revoke")
	}
}

func (s *Server) controlGrant(c *call, p params) {
	life, err := duration(p["life"])
	if err != nil {
		controlError(c, http.StatusBadRequest, err.Error())
		return
	}
	g := GrantRequest{User: p["user"], ClientID: p["client_id"], Scope: p["scope"], RedirectURL: p["redirect_uri"], Life: life}
	if p["access_type"] == "online" {
		g.Offline = new(bool)
	}
	code, err := s.Grant(g)
	if err != nil {
		controlError(c, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(c.w, http.StatusOK, map[string]string{"code": code})
}

func (s *Server) controlClock(c *call, p params) {
	d, err := duration(p["advance"])
	if err != nil {
		controlError(c, http.StatusBadRequest, err.Error())
		return
	}
	s.Advance(d)
	writeJSON(c.w, http.StatusOK, map[string]any{
		"now": s.Now().UTC().Format(time.RFC3339Nano), "offset_ms": s.clock.ahead().Milliseconds(),
	})
}

func (s *Server) controlSeed(c *call, p params) {
	n, err := number(p["count"])
	if err != nil || n < 0 {
		controlError(c, http.StatusBadRequest, "count is the number of records to add")
		return
	}
	added, total, err := s.Seed(p["user"], p["module"], n)
	if err != nil {
		controlError(c, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(c.w, http.StatusOK, map[string]any{"module": p["module"], "added": added, "records": total})
}

func (s *Server) controlFault(c *call, p params) {
	if p["kind"] == "clear" {
		s.ClearFaults()
		writeJSON(c.w, http.StatusOK, map[string]string{"status": "success"})
		return
	}
	f := Fault{Kind: FaultKind(p["kind"]), Match: p["match"], To: p["to"]}
	delay, err := duration(p["delay"])
	if err == nil {
		f.Delay = delay
		f.Count, err = number(p["count"])
	}
	if err == nil {
		f.Status, err = number(p["status"])
	}
	if err == nil {
		err = f.check()
	}
	if err != nil {
		controlError(c, http.StatusBadRequest, err.Error())
		return
	}
	s.Inject(f)
	writeJSON(c.w, http.StatusOK, map[string]string{"status": "success"})
}

// fromThisMachine reports whether a caller may use the simulator's own paths:
// it sits on this machine, names this machine (not a foreign name that resolves
// to it), and is not a web page of another site in this machine's browser.
func fromThisMachine(r *http.Request) bool {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopbackHost(peer) {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return loopbackHost(host) && site != "cross-site" && site != "same-site"
}

func controlError(c *call, status int, text string) {
	writeJSON(c.w, status, map[string]string{"error": text})
}

// duration reads a Go duration such as 90s or 1h; "" is 0.
func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}

// number reads an integer; "" is 0.
func number(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	return strconv.Atoi(text)
}

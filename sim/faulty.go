package sim

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// faulty carries out a call, or what a queued fault makes of it. names are what
// the call goes by in Fault.Match.
func (s *Server) faulty(c *call, names []string, next func(*call)) {
	f, ok := s.faults.take(c, names)
	if !ok {
		next(c)
		return
	}
	s.numbers.faults.Add(1)
	s.wait(c, f.Delay)
	switch f.Kind {
	case FaultDelay:
		next(c)
	case FaultHang:
		s.hang(c)
	case FaultStatus500:
		newProblem(http.StatusInternalServerError, "INTERNAL_ERROR", "Internal Server Error").write(c.w)
	case FaultHTML:
		writeHTMLError(c.w, f.Status)
	case FaultDropBefore:
		drop()
	case FaultDropAfter:
		lost := *c
		lost.w = nowhere{}
		next(&lost)
		drop()
	case FaultThrottle200, FaultThrottle400:
		s.numbers.throttled.Add(1)
		status := http.StatusOK
		if f.Kind == FaultThrottle400 {
			status = http.StatusBadRequest
		}
		writeThrottled(c.w, status)
	case FaultNoAccessToken:
		writeJSON(c.w, http.StatusOK, map[string]any{"api_domain": c.base(c.location), "token_type": "Bearer", "expires_in": 3600})
	case FaultBadJSON:
		c.w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		io.WriteString(c.w, `{"access_token":"1000.`)
	case FaultRedirect:
		to := f.To
		if to == "" {
			to = c.base("us") + "/sim/elsewhere"
		}
		http.Redirect(c.w, c.r, to, http.StatusTemporaryRedirect)
	case FaultInvalidToken:
		s.numbers.invalidToken.Add(1)
		invalidToken().write(c.w)
	case FaultTooMany:
		s.numbers.tooMany.Add(1)
		tooMany().write(c.w)
	}
}

// wait lasts d, or until the client leaves or the server closes.
func (s *Server) wait(c *call, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	drain(c)
	select {
	case <-t.C:
	case <-c.r.Context().Done():
	case <-s.closed:
	}
}

func (s *Server) hang(c *call) {
	drain(c)
	select {
	case <-c.r.Context().Done():
	case <-s.closed:
	}
	drop()
}

// drain reads the body to its end, if that has not been done: the HTTP server
// notices that a client has left only after that. The body stays readable.
func drain(c *call) {
	body, _ := io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	c.r.Body = io.NopCloser(bytes.NewReader(body))
}

// drop closes the connection without an answer.
func drop() { panic(http.ErrAbortHandler) }

func writeHTMLError(w http.ResponseWriter, status int) {
	if status == 0 {
		status = http.StatusBadGateway
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, "<!DOCTYPE html><html lang=\"en\"><title>Zoho</title><h1>We are under maintenance</h1><p>Please try again later.</p></html>\n")
}

// nowhere takes an answer that nobody will get.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

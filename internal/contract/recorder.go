package contract

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// Exchange is one request and its answer, both whole.
type Exchange struct {
	Caller  string // the method that caused it: "Records.Insert"
	Fails   bool   // that method was not meant to succeed
	Request *http.Request
	Body    []byte // of the request
	Status  int
	Header  http.Header // of the answer
	Answer  []byte
}

// recorder is an [http.RoundTripper] that keeps what goes through it.
type recorder struct {
	under http.RoundTripper

	mu        sync.Mutex
	caller    string
	fails     bool
	exchanges []Exchange
}

// begin names the method to which the exchanges from now on belong.
func (r *recorder) begin(caller string, fails bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.caller, r.fails = caller, fails
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.exchanges)
}

// RoundTrip implements [http.RoundTripper]. The files of a script are small, so
// all is held in memory.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	e := Exchange{Request: req.Clone(req.Context())}
	sent := req.Clone(req.Context())
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		req.Body.Close()
		if err != nil {
			return nil, err
		}
		e.Body = text
		sent.Body = io.NopCloser(bytes.NewReader(text))
		sent.ContentLength = int64(len(text))
	}
	resp, err := r.under.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	e.Answer, err = io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	e.Status, e.Header = resp.StatusCode, resp.Header.Clone()
	r.mu.Lock()
	e.Caller, e.Fails = r.caller, r.fails
	r.exchanges = append(r.exchanges, e)
	r.mu.Unlock()
	resp.Body = io.NopCloser(bytes.NewReader(e.Answer))
	return resp, nil
}

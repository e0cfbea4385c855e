package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"zohocrm/crm/internal/jsonscan"
)

// Response is what a call's answer says beside its body.
type Response struct {
	// Status is the HTTP status: 200, 201, 202, 204 (nothing there) or 207
	// (some records failed).
	Status int
	Header http.Header
	// CreditsRemaining is how many API credits the organisation has left in its
	// 24 hours, -1 if the answer does not say: Zoho sends it once half of them
	// are used (X-API-CREDITS-REMAINING, api-limits page).
	CreditsRemaining int
}

func newResponse(r *http.Response) *Response {
	resp := &Response{Status: r.StatusCode, Header: r.Header, CreditsRemaining: -1}
	if n, err := strconv.Atoi(r.Header.Get("X-API-CREDITS-REMAINING")); err == nil {
		resp.CreditsRemaining = n
	}
	return resp
}

// decoder is an out of [Client.Do] that reads the JSON of a success itself. It
// answers errNotJSON for what is not JSON, or not of the expected shape.
type decoder interface{ decode(text []byte) error }

var (
	errNotJSON = errors.New("the answer is not Zoho's JSON")
	errTooLong = errors.New("the answer is longer than Config.MaxBody allows")
)

// readBody reads an answer to its end, so that the connection can be used again.
func readBody(answer *http.Response, limit int64) ([]byte, error) {
	room := int64(16 << 10)
	if answer.ContentLength >= 0 {
		room = answer.ContentLength + 1 // and one byte to see the end
	}
	text := make([]byte, 0, min(room, limit+1, 1<<20))
	for {
		n, err := answer.Body.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case int64(len(text)) > limit:
			return nil, errTooLong
		case err == io.EOF:
			return text, nil
		case err != nil:
			return nil, err
		}
		if len(text) == cap(text) {
			// Doubled: append grows large slices by a quarter only, and a page
			// of records would be copied a dozen times.
			text = slices.Grow(text, cap(text))
		}
	}
}

// copyBody is readBody for a download.
func copyBody(w io.Writer, r io.Reader, limit int64) error {
	n, err := io.Copy(w, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = errTooLong
	}
	return err
}

// watched tells a reader's error from that of the writer it is copied to.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != io.EOF {
		w.err = err
	}
	return n, err
}

// decode reads the JSON of a success into out.
func decode(text []byte, out any) error {
	if d, ok := out.(decoder); ok {
		return d.decode(text)
	}
	if !jsonscan.Valid(text) {
		return errNotJSON
	}
	switch out := out.(type) {
	case nil:
	case *json.RawMessage:
		*out = text
	case *[]byte:
		*out = text
	default:
		if err := unmarshal(text, out); err != nil {
			return fmt.Errorf("the answer does not fit into %T: %w", out, err)
		}
	}
	return nil
}

// unmarshal is json.Unmarshal that keeps the digits of numbers in interface
// values: amounts and IDs do not fit a float64.
func unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

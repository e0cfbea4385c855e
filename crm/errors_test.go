package crm_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"zohocrm/crm"
)

// TestErrorTable is what Zoho, gateways and proxies answer, and what it means.
func TestErrorTable(t *testing.T) {
	object := func(code string) string {
		return `{"code":"` + code + `","details":{},"message":"as Zoho says","status":"error"}`
	}
	const html = "text/html; charset=utf-8"
	for _, test := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        error
		code        string
		fresh       int // how often a fresh token is asked for
	}{
		{"dead token", 401, jsonType, object("INVALID_TOKEN"), crm.ErrInvalidToken, "INVALID_TOKEN", 1},
		{"evicted token", 401, jsonType, object("INVALID_OAUTHTOKEN"), crm.ErrInvalidToken, "INVALID_OAUTHTOKEN", 1},
		{"garbled token", 401, jsonType, object("AUTHENTICATION_FAILURE"), crm.ErrInvalidToken, "AUTHENTICATION_FAILURE", 1},
		{"dead token in a list", 401, jsonType, `{"data":[` + object("INVALID_TOKEN") + `]}`, crm.ErrInvalidToken, "INVALID_TOKEN", 1},
		{"dead token with a success's status", 200, jsonType, object("INVALID_TOKEN"), crm.ErrInvalidToken, "INVALID_TOKEN", 1},
		{"401 of a proxy", 401, html, "<html>log in</html>", crm.ErrInvalidToken, "", 0},
		{"scope", 401, jsonType, object("OAUTH_SCOPE_MISMATCH"), crm.ErrScope, "OAUTH_SCOPE_MISMATCH", 0},
		{"no permission", 403, jsonType, object("NO_PERMISSION"), crm.ErrPermission, "NO_PERMISSION", 0},
		{"no privilege", 400, jsonType, object("AUTHORIZATION_FAILED"), crm.ErrPermission, "AUTHORIZATION_FAILED", 0},
		{"no such module", 400, jsonType, object("INVALID_MODULE"), crm.ErrNotFound, "INVALID_MODULE", 0},
		{"no such address", 404, jsonType, object("INVALID_URL_PATTERN"), crm.ErrNotFound, "INVALID_URL_PATTERN", 0},
		{"no such job", 404, jsonType, object("RESOURCE_NOT_FOUND"), crm.ErrNotFound, "RESOURCE_NOT_FOUND", 0},
		{"method", 400, jsonType, object("INVALID_REQUEST_METHOD"), crm.ErrRequest, "INVALID_REQUEST_METHOD", 0},
		{"parameter", 400, jsonType, object("REQUIRED_PARAM_MISSING"), crm.ErrRequest, "REQUIRED_PARAM_MISSING", 0},
		{"old page token", 400, jsonType, object("EXPIRED_VALUE"), crm.ErrRequest, "EXPIRED_VALUE", 0},
		{"too large", 413, html, "", crm.ErrRequest, "", 0},
		{"data", 400, jsonType, object("INVALID_DATA"), crm.ErrInvalidData, "INVALID_DATA", 0},
		{"duplicate", 400, jsonType, `{"data":[` + object("DUPLICATE_DATA") + `]}`, crm.ErrDuplicate, "DUPLICATE_DATA", 0},
		{"error in a list of users", 400, jsonType, `{"users":[` + object("DUPLICATE_DATA") + `]}`, crm.ErrDuplicate, "DUPLICATE_DATA", 0},
		{"mandatory", 400, jsonType, object("MANDATORY_NOT_FOUND"), crm.ErrMandatory, "MANDATORY_NOT_FOUND", 0},
		{"locked", 400, jsonType, object("RECORD_LOCKED"), crm.ErrLocked, "RECORD_LOCKED", 0},
		{"modified", 412, jsonType, object("ALREADY_MODIFIED"), crm.ErrModified, "ALREADY_MODIFIED", 0},
		{"not modified", 304, "", "", crm.ErrNotModified, "", 0},
		{"throttled", 429, jsonType, object("TOO_MANY_REQUESTS"), crm.ErrThrottled, "TOO_MANY_REQUESTS", 0},
		{"throttled, other code", 429, jsonType, object("RATE_LIMIT_EXCEEDED"), crm.ErrThrottled, "RATE_LIMIT_EXCEEDED", 0},
		{"throttled, old shape", 429, jsonType, `{"code":429,"error":"TOO_MANY_REQUESTS","error_info":"Many requests fired"}`, crm.ErrThrottled, "TOO_MANY_REQUESTS", 0},
		{"throttled, empty", 429, "", "", crm.ErrThrottled, "", 0},
		{"internal", 500, jsonType, object("INTERNAL_ERROR"), crm.ErrUnavailable, "INTERNAL_ERROR", 0},
		{"gateway", 502, html, "<html>Bad Gateway</html>", crm.ErrUnavailable, "", 0},
		{"empty 503", 503, "", "", crm.ErrUnavailable, "", 0},
		{"HTML success", 200, html, "<html>welcome</html>", crm.ErrProtocol, "", 0},
		{"empty success", 200, jsonType, "", crm.ErrProtocol, "", 0},
		{"cut success", 200, jsonType, `{"org":[{"id":"1"`, crm.ErrProtocol, "", 0},
		{"other JSON", 200, jsonType, `["org"]`, crm.ErrProtocol, "", 0},
		{"list of no objects", 200, jsonType, `{"org":[1]}`, crm.ErrProtocol, "", 0},
		{"code that is none", 400, jsonType, `{"code":"<b>\n","message":"\u001b[31mred\nline","status":"error"}`, crm.ErrRequest, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newStub(t, says(test.status, test.contentType, test.body))
			c, src := server.client(t, "1000.first", "1000.second")
			_, err := c.Org.Get(t.Context())
			var e *crm.Error
			if !errors.Is(err, test.want) || !errors.As(err, &e) {
				t.Fatalf("error %v is not %q", err, test.want)
			}
			if e.Status != test.status || e.Code != test.code || e.Method != "GET" || e.Path != "/crm/v8/org" {
				t.Errorf("%+v", e)
			}
			if src.freshCalls() != test.fresh || server.calls.Load() != int64(test.fresh+1) {
				t.Errorf("Fresh asked %d times, %d calls", src.freshCalls(), server.calls.Load())
			}
			if text := err.Error(); strings.ContainsAny(text, "<\n\x1b") || strings.Contains(text, "1000.") {
				t.Errorf("the error shows too much: %q", text)
			}
		})
	}
}

func TestErrorSaysWhatToDo(t *testing.T) {
	server := newStub(t, says(400, jsonType, `{"code":"REQUIRED_PARAM_MISSING","details":{"param_name":"fields"},"message":"One of the expected parameter is missing","status":"error"}`))
	c, _ := server.client(t)
	_, err := c.Do(t.Context(), crm.Request{Path: "/crm/v8/Leads?criteria=secret"}, nil)
	want := "GET /crm/v8/Leads: 400 REQUIRED_PARAM_MISSING: One of the expected parameter is missing: fields: the request is not valid: correct it"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestEchoedTokenIsNotShown: a proxy that answers with what it was sent.
func TestEchoedTokenIsNotShown(t *testing.T) {
	server := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(400)
		w.Write([]byte(`{"code":"BAD","status":"error","message":"you sent ` + r.Header.Get("Authorization") + `","details":{"h":"` + r.Header.Get("Authorization") + `"}}`))
	})
	c, _ := server.client(t, "1000.topsecret")
	_, err := c.Org.Get(t.Context())
	var e *crm.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "(token)") || strings.Contains(e.Message+string(e.Details), "topsecret") {
		t.Errorf("%v: %s", err, e.Details)
	}
}

// TestWriteAnswers are answers to a write that do not fit what was sent.
func TestWriteAnswers(t *testing.T) {
	const success = `{"code":"SUCCESS","details":{"id":"1"},"message":"record added","status":"success"}`
	const failure = `{"code":"INVALID_DATA","details":{"api_name":"Email"},"message":"invalid data","status":"error"}`
	for _, test := range []struct {
		name    string
		status  int
		body    string
		results int
		want    error // nil: none
	}{
		{"fine", 201, `{"data":[` + success + `,` + success + `]}`, 2, nil},
		{"mixed", 207, `{"data":[` + success + `,` + failure + `]}`, 2, crm.ErrInvalidData},
		{"both failed", 400, `{"data":[` + failure + `,` + failure + `]}`, 2, crm.ErrInvalidData},
		{"failure with a success's status", 200, `{"data":[` + failure + `,` + success + `]}`, 2, crm.ErrInvalidData},
		{"one result missing", 201, `{"data":[` + success + `]}`, 0, crm.ErrProtocol},
		{"one failure for the call", 400, `{"data":[` + failure + `]}`, 0, crm.ErrInvalidData},
		{"result that says nothing", 201, `{"data":[` + success + `,{}]}`, 2, crm.ErrProtocol},
		{"nothing at all", 204, ``, 0, crm.ErrProtocol},
		{"empty list", 201, `{"data":[]}`, 0, crm.ErrProtocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newStub(t, says(test.status, jsonType, test.body))
			c, _ := server.client(t)
			results, err := c.Records.Insert(t.Context(), "Leads", leads(2), nil)
			if len(results) != test.results || (test.want == nil) != (err == nil) || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%d results, %v; want %d, %v", len(results), err, test.results, test.want)
			}
		})
	}
}

func TestRecordsErrorIsShort(t *testing.T) {
	e := &crm.RecordsError{Total: 9}
	for i := range 5 {
		e.Failures = append(e.Failures, crm.RecordFailure{Index: i, Err: &crm.Error{Status: 400, Code: "DUPLICATE_DATA"}})
	}
	text := e.Error()
	if !strings.HasPrefix(text, "5 of 9 records failed: record 0: 400 DUPLICATE_DATA: ") || !strings.HasSuffix(text, "; and 2 more") || strings.Contains(text, "record 3") {
		t.Error(text)
	}
}

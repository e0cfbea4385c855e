package oauth

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// operation names a request to the accounts server in errors.
type operation string

const (
	opExchange operation = "exchange of the authorization code"
	opRefresh  operation = "refresh"
	opRevoke   operation = "revocation"
)

// throttleWindow is how long Zoho refuses after ten access tokens were made from
// one refresh token (Zoho: token-limits). It sends no Retry-After.
const throttleWindow = 10 * time.Minute

// ServerError is a request to the accounts server that brought no token. Class,
// which errors.Is finds, says what the caller can do: [ErrReauthRequired],
// [ErrGrantExpired], [ErrClientConfig], [ErrThrottled], [ErrUnreachable],
// [ErrOutcomeUnknown] or [ErrRefused].
type ServerError struct {
	Op     string // what was asked for
	Host   string // of whom
	Status int    // HTTP status; 0 without an answer
	Code   string // Zoho's error code; empty without one
	Class  error

	cause error
}

func (e *ServerError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at %s: %v", e.Op, e.Host, e.Class)
	switch {
	case e.Code != "":
		fmt.Fprintf(&b, " (%s)", e.Code)
	case e.cause != nil:
		fmt.Fprintf(&b, " (%v)", e.cause)
	case e.Status != 0:
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if hint := e.hint(); hint != "" {
		b.WriteString(": " + hint)
	}
	return b.String()
}

// Unwrap gives the class and the cause.
func (e *ServerError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Class}
	}
	return []error{e.Class, e.cause}
}

// hint says what to do next. Zoho uses one code for several causes.
func (e *ServerError) hint() string {
	switch e.Code {
	case "invalid_client":
		return "check the client ID, that it belongs to this data centre, and that the client type allows this grant"
	case "invalid_client_secret":
		return "check the client secret; each data centre has its own unless the client shares one"
	case "invalid_redirect_uri":
		return "the redirect URL must equal the registered one, letter for letter"
	}
	if e.Status >= 300 && e.Status < 400 {
		return "it answers with a redirect, which is not followed, since a request that carries secrets goes to one host alone; see that its address is right, and what stands between"
	}
	switch e.Class {
	case ErrReauthRequired:
		return "the refresh token was revoked, pushed out by newer ones, or belongs to another data centre; log in again"
	case ErrGrantExpired:
		return "a code works once and for about a minute, at the user's data centre only; log in again"
	case ErrUnreachable, ErrOutcomeUnknown:
		return "try again later"
	}
	return ""
}

// unusable is an answer that holds neither a token nor an error: HTML, an empty
// body, a server fault. A token may have been made.
func (ans answer) unusable(op operation) error {
	e := &ServerError{Op: string(op), Host: ans.host, Status: ans.status, Class: ErrOutcomeUnknown}
	if ans.status == http.StatusTooManyRequests {
		e.Class = &ThrottledError{RetryAt: ans.at.Add(throttleWindow)}
	}
	return e
}

// refused classifies an error body, by code and never by status.
func (ans answer) refused(op operation, body tokenBody) error {
	e := &ServerError{Op: string(op), Host: ans.host, Status: ans.status, Code: printable(body.Error), Class: ErrRefused}
	switch {
	case throttles(body) || ans.status == http.StatusTooManyRequests:
		e.Class = &ThrottledError{RetryAt: ans.at.Add(throttleWindow)}
	case body.Error == "invalid_code" || body.Error == "invalid_grant":
		e.Class = ErrReauthRequired
		if op == opExchange {
			e.Class = ErrGrantExpired
		}
	case strings.HasPrefix(body.Error, "invalid_") || body.Error == "unauthorized_client" || body.Error == "missing_org_info":
		e.Class = ErrClientConfig
	case body.Error == "server_error" || body.Error == "temporarily_unavailable" || ans.status >= 500:
		e.Class = ErrOutcomeUnknown
	}
	return e
}

// throttles recognises Zoho's answer to too many tokens: {"error":"Access
// Denied","error_description":"You have made too many requests ..."}, and
// access_denied for too many codes.
func throttles(body tokenBody) bool {
	code := strings.ToLower(body.Error)
	return code == "access denied" || code == "access_denied" ||
		strings.Contains(strings.ToLower(body.Description), "too many requests")
}

// printable keeps a server's error code out of trouble: it is shown only if it
// looks like one. A secret that is echoed has digits.
func printable(code string) string {
	plain := func(r rune) bool {
		return r == '_' || r == ' ' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	}
	if len(code) > 40 || strings.TrimFunc(code, plain) != "" {
		return "unknown code"
	}
	return code
}

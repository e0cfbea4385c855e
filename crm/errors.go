package crm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// What Zoho can answer, by what the caller can do next. Test with errors.Is;
// [*Error] carries the particulars.
var (
	// ErrInvalidToken: Zoho refused the access token, and a fresh one as well or
	// there was none.
	ErrInvalidToken = errors.New("the access token is refused: connect the user again")
	// ErrScope: the user's consent does not cover this call. No fresh token
	// helps.
	ErrScope = errors.New("the token lacks a scope: connect the user again and ask for it")
	// ErrPermission: the user's profile in the CRM does not allow it.
	ErrPermission = errors.New("the user is not allowed to do this: ask the CRM's administrator")
	// ErrNotFound: no such record, module or address.
	ErrNotFound = errors.New("not found: check module and ID")
	// ErrRequest: the call itself is wrong: a parameter, the method, the paging.
	ErrRequest = errors.New("the request is not valid: correct it")
	// ErrInvalidData: a value does not fit its field, or an ID is not known.
	ErrInvalidData = errors.New("the data is not valid: correct the field")
	// ErrDuplicate: a field that must be unique has this value elsewhere.
	ErrDuplicate = errors.New("another record has this value: update that one, or use Upsert")
	// ErrMandatory: a field that must be filled is missing.
	ErrMandatory = errors.New("a mandatory field is missing: fill it")
	// ErrLocked: the record is locked, waits for approval or is in a blueprint.
	ErrLocked = errors.New("the record is locked or in a process: try again later, or finish that first")
	// ErrModified: the record was changed after the time that was given.
	ErrModified = errors.New("the record was changed meanwhile: read it again")
	// ErrNotModified: nothing was changed after the time that was given.
	ErrNotModified = errors.New("not modified since then")
	// ErrThrottled: too many calls at once, or the credits of 24 hours are
	// spent; Zoho has one code for both and does not say until when. It is about
	// CRM calls: oauth.ErrThrottled is about asking for tokens.
	ErrThrottled = errors.New("throttled by Zoho: make fewer calls at once, or wait")
	// ErrUnavailable: Zoho failed, or no answer came. Whether a write was done
	// is not known.
	ErrUnavailable = errors.New("the CRM is not available: try again later, and look before you repeat a write")
	// ErrProtocol: the answer is not what Zoho's API sends: a proxy's page, a
	// redirect, a cut body.
	ErrProtocol = errors.New("the answer is not Zoho's: check API domain and proxy")
)

// kindOf sorts an error by its code, else by its status (Zoho: status-codes
// page and the error tables of the API areas).
func kindOf(status int, code string) error {
	switch code {
	case "INVALID_TOKEN", "INVALID_OAUTHTOKEN", "AUTHENTICATION_FAILURE":
		return ErrInvalidToken
	case "OAUTH_SCOPE_MISMATCH":
		return ErrScope
	case "NO_PERMISSION", "AUTHORIZATION_FAILED", "PERMISSION_DENIED":
		return ErrPermission
	case "INVALID_MODULE", "INVALID_URL_PATTERN", "RESOURCE_NOT_FOUND", "NOT_FOUND", "NO_CONTENT", "NO_RECORDS_FOUND":
		return ErrNotFound
	case "INVALID_DATA", "UNABLE_TO_PARSE_DATA_TYPE", "MULTIPLE_OR_MULTI_ERRORS", "PATTERN_NOT_MATCHED", "DATA_MISMATCH", "MAPPING_MISMATCH":
		return ErrInvalidData
	case "DUPLICATE_DATA":
		return ErrDuplicate
	case "MANDATORY_NOT_FOUND", "DEPENDENT_FIELD_MISSING", "EXPECTED_FIELD_MISSING":
		return ErrMandatory
	case "RECORD_LOCKED", "NOT_APPROVED", "RECORD_IN_BLUEPRINT":
		return ErrLocked
	case "ALREADY_MODIFIED":
		return ErrModified
	case "TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED":
		return ErrThrottled
	case "INTERNAL_ERROR":
		return ErrUnavailable
	}
	return kindOfStatus(status)
}

func kindOfStatus(status int) error {
	switch status {
	case http.StatusNoContent: // where one record was asked for
		return ErrNotFound
	case http.StatusNotModified:
		return ErrNotModified
	case http.StatusUnauthorized:
		return ErrInvalidToken
	case http.StatusForbidden:
		return ErrPermission
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusPreconditionFailed:
		return ErrModified
	case http.StatusTooManyRequests:
		return ErrThrottled
	}
	switch {
	case status >= 500:
		return ErrUnavailable
	case status >= 400:
		return ErrRequest
	}
	return ErrProtocol
}

// failed says which call an error is about. The context's own error wins.
func (c *call) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fmt.Errorf("%s %s: %w", c.method, c.path, err)
}

// unanswered is failed for a request that got no whole answer. The URL, which
// net/http puts into its errors, is left out: queries hold personal data.
func (c *call) unanswered(ctx context.Context, err error) error {
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err
	}
	kind := ErrUnavailable
	if errors.Is(err, errTooLong) {
		kind = ErrProtocol
	}
	return c.failed(ctx, fmt.Errorf("%w: %w", kind, err))
}

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
	// ErrPageToken: a page token of another query or user, or one that has
	// ended. It is an ErrRequest too.
	ErrPageToken = errors.New("the page token belongs to another query or user, or is over 24 hours old: begin the list again")
	// ErrLimit: more than Zoho takes or gives by this way: records, criteria,
	// pages. It is an ErrRequest too.
	ErrLimit = errors.New("more than Zoho allows here: ask for less, or use COQL by id or a bulk job")
	// ErrSyntax: a COQL query is wrong. It is an ErrRequest too.
	ErrSyntax = errors.New("the query is not valid: correct it there")
	// ErrTooLarge: a file is larger than Zoho takes.
	ErrTooLarge = errors.New("the file is too large: send a smaller one")
	// ErrNotSubscribed: the notification channel is not there, or has expired.
	ErrNotSubscribed = errors.New("the watch is not there or has expired: enable it again")
	// ErrJobFailed: a bulk job ended without success.
	ErrJobFailed = errors.New("the bulk job failed: correct it and start a new one")
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
	// ErrThrottled is one of the next three. Error.Wait says how long to wait.
	// It is about CRM calls: oauth.ErrThrottled is about asking for tokens.
	ErrThrottled = errors.New("throttled by Zoho: make fewer calls at once, or wait")
	// ErrConcurrency: too many calls at once, of this client and of others.
	ErrConcurrency = errors.New("throttled by Zoho: too many calls at once: wait, and make no more at once than the organisation's edition allows")
	// ErrCredits: the API credits of the last 24 hours are spent.
	ErrCredits = errors.New("throttled by Zoho: the organisation's API credits of 24 hours are spent: wait until earlier calls are a day old, or buy credits")
	// ErrRate: too many calls of one kind in a minute, such as bulk downloads.
	ErrRate = errors.New("throttled by Zoho: too many calls of this kind in a minute: wait")
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
	case "INVALID_MODULE", "MODULE_NOT_AVAILABLE", "INVALID_URL_PATTERN", "RESOURCE_NOT_FOUND", "NOT_FOUND", "NO_CONTENT", "NO_RECORDS_FOUND":
		return ErrNotFound
	case "TOKEN_BOUND_DATA_MISMATCH", "EXPIRED_VALUE":
		return ErrPageToken
	case "LIMIT_EXCEEDED", "LIMIT_REACHED", "CRITERIA_LIMIT_EXCEEDED", "PAGINATION_LIMIT_EXCEEDED", "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "PAGE_RANGE_EXCEEDED":
		return ErrLimit
	case "SYNTAX_ERROR", "INVALID_QUERY":
		return ErrSyntax
	case "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "FILE_TOO_LARGE", "BODY_SIZE_REACHED":
		return ErrTooLarge
	case "NOT_SUBSCRIBED":
		return ErrNotSubscribed
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
	case "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR":
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
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
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

// wider is the kind that a narrower one also is; nil if there is none.
func wider(kind error) error {
	switch kind {
	case ErrConcurrency, ErrCredits, ErrRate:
		return ErrThrottled
	case ErrPageToken, ErrLimit, ErrSyntax, ErrTooLarge:
		return ErrRequest
	case ErrNotSubscribed:
		return ErrNotFound
	}
	return nil
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
	switch {
	case errors.Is(err, ErrTooLarge), errors.Is(err, errReader):
		return c.failed(ctx, err) // the caller's reader, not the network
	case errors.Is(err, errTooLong):
		kind = ErrProtocol
	}
	return c.failed(ctx, fmt.Errorf("%w: %w", kind, err))
}

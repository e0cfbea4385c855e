package crm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"zohocrm/oauth"
)

// receive reads the answer of one attempt.
func (c *Client) receive(ctx context.Context, call *call, answer *http.Response, token *oauth.Token, out any) (*Response, error) {
	resp := newResponse(answer)
	success := answer.StatusCode >= 200 && answer.StatusCode < 300
	limit := c.maxBody
	if w, ok := out.(io.Writer); ok && success {
		if call.file {
			limit = c.maxFile
		}
		if to, ok := out.(*download); !ok || to.takes(answer) {
			return resp, call.copied(ctx, w, answer.Body, limit)
		}
	}
	text, err := readBody(answer, c.maxBody)
	if err != nil {
		return resp, call.unanswered(ctx, err)
	}
	writes, isWrite := out.(*results)
	if isWrite && writes.take(call, answer.StatusCode, text) {
		return resp, nil
	}
	_, isFile := out.(*download)
	if !success || isWrite || isFile || isBareError(text) {
		return resp, c.refused(call, answer, resp, text, token)
	}
	if len(text) == 0 && (answer.StatusCode == http.StatusNoContent || out == nil) {
		return resp, nil
	}
	if err := decode(text, out); errors.Is(err, errNotJSON) {
		return resp, c.refused(call, answer, resp, text, token)
	} else if err != nil {
		return resp, call.failed(ctx, err)
	}
	return resp, nil
}

// refused makes the error of an answer, with what only the client knows: which
// limit it was, and which scope is missing.
func (c *Client) refused(call *call, answer *http.Response, resp *Response, text []byte, token *oauth.Token) error {
	e := newError(call, answer, text, token.AccessToken)
	switch e.kind() {
	case ErrThrottled:
		e.Wait, e.narrow = throttled(call, e.Code, resp, c.Credits(), c.now())
	case ErrScope:
		e.Scopes = missingScopes(scopesFor(call.method, call.path), token.Scope)
	}
	return e
}

// copied hands a download on.
func (c *call) copied(ctx context.Context, w io.Writer, body io.Reader, limit int64) error {
	from := &watched{r: body}
	err := copyBody(w, from, limit)
	switch {
	case err == nil:
		return nil
	case from.err != nil || errors.Is(err, errTooLong):
		return c.unanswered(ctx, err)
	}
	return c.failed(ctx, fmt.Errorf("the answer could not be written: %w", err))
}

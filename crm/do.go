package crm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"zohocrm/oauth"
)

// Do makes any call of the API and reads the answer into out:
//
//   - nil: the answer is only checked;
//   - *json.RawMessage or *[]byte: its JSON;
//   - an io.Writer: its bytes as they come, of any type, for downloads;
//   - everything else: as encoding/json does, but numbers in interface values
//     are json.Number.
//
// An answer without a body (204: nothing there) leaves out alone and is no
// error. Every other status than 2xx is an [*Error], 304 as well. The Response
// is there whenever an answer came, also with an error.
//
// If Zoho refuses the token, the call is made once more with a fresh one;
// nothing else is repeated, throttling least of all. (Below it, net/http sends
// a GET again, and a write of which nothing was sent yet, when an idle
// connection turns out to be closed.) A call waits for its place in
// Config.Limiter as those of all methods do.
func (c *Client) Do(ctx context.Context, r Request, out any) (*Response, error) {
	return c.perform(ctx, r, out, false)
}

// call is Do for the methods of the API areas: to say which name was probably
// meant, it may ask what names there are.
func (c *Client) call(ctx context.Context, r Request, out any) (*Response, error) {
	return c.perform(ctx, r, out, true)
}

func (c *Client) perform(ctx context.Context, r Request, out any, mayAsk bool) (*Response, error) {
	call, err := newCall(r)
	if err != nil {
		return nil, err
	}
	resp, err := c.try(ctx, call, out)
	if e := (*Error)(nil); errors.As(err, &e) {
		c.suggest(ctx, call, e, mayAsk && !c.noSuggestions.Load())
	}
	return resp, err
}

// try makes a call with a token, and with a fresh one if that is refused.
func (c *Client) try(ctx context.Context, call *call, out any) (*Response, error) {
	token, err := c.source.Token(ctx)
	if err == nil && (token == nil || token.AccessToken.IsZero()) {
		err = errors.New("the source gave no access token")
	}
	if err != nil {
		return nil, call.failed(ctx, err)
	}
	resp, err := c.send(ctx, call, token, out)
	if !isRefused(err) {
		return resp, err
	}
	fresh, freshErr := c.source.Fresh(ctx, token.AccessToken)
	switch {
	case ctx.Err() != nil:
		return resp, call.failed(ctx, ctx.Err())
	case freshErr != nil:
		return resp, fmt.Errorf("%w: no fresh token: %w", err, freshErr)
	case fresh == nil || fresh.AccessToken.IsZero() || fresh.AccessToken == token.AccessToken:
		return resp, fmt.Errorf("%w: the source has no other token", err)
	case call.body.once:
		return resp, fmt.Errorf("%w: %w", err, errOnce)
	}
	return c.send(ctx, call, fresh, out)
}

// isRefused reports whether Zoho refused the access token itself, by its code:
// a 401 is also the answer to a missing scope.
func isRefused(err error) bool {
	var e *Error
	return errors.As(err, &e) && kindOf(0, e.Code) == ErrInvalidToken
}

// send makes one attempt with one token.
func (c *Client) send(ctx context.Context, call *call, token *oauth.Token, out any) (*Response, error) {
	u, err := c.url(call, token)
	if err != nil {
		return nil, call.failed(ctx, err)
	}
	req, err := c.request(ctx, call, u, token)
	if err != nil {
		return nil, call.failed(ctx, err)
	}
	release, err := c.limiter.acquire(ctx, call.heavy)
	if err != nil {
		return nil, call.failed(ctx, err)
	}
	defer release()
	begin := c.now()
	answer, err := c.carrier(call).Do(req)
	if err != nil {
		c.log.DebugContext(ctx, "crm call failed", "method", call.method, "path", call.path, "duration", c.now().Sub(begin))
		return nil, call.unanswered(ctx, hushed(err, token.AccessToken))
	}
	defer answer.Body.Close()
	resp, err := c.receive(ctx, call, answer, token, out)
	c.credits.note(resp, c.now)
	c.log.DebugContext(ctx, "crm call", "method", call.method, "path", call.path, "status", resp.Status, "duration", c.now().Sub(begin))
	return resp, err
}

// carrier is the HTTP client for a call: files may take longer.
func (c *Client) carrier(call *call) *http.Client {
	if call.file {
		return c.files
	}
	return c.http
}

func (c *Client) request(ctx context.Context, call *call, u *url.URL, token *oauth.Token) (*http.Request, error) {
	var body io.Reader
	if call.body.open != nil {
		body = io.NopCloser(call.body.open())
	}
	req, err := http.NewRequestWithContext(ctx, call.method, u.String(), body)
	if err != nil {
		return nil, errors.New("the method is not an HTTP method")
	}
	req.Header = call.header.Clone()
	if body != nil {
		req.ContentLength = call.body.size
		if call.body.size == 0 {
			req.Body = http.NoBody
		}
		if open := call.body.open; !call.body.once {
			// For net/http, which sends again what a closed idle connection
			// did not take.
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(open()), nil }
		}
		if req.Header.Get("Content-Type") == "" {
			req.Header.Set("Content-Type", "application/json")
		}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+token.AccessToken.Reveal())
	return req, nil
}

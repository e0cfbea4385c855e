package oauth

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of a token answer; real ones are under 1 KiB.
const maxAnswer = 64 << 10

// transport has the timeouts that a token request needs: it carries secrets, is
// small, and happens once an hour.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 12 * time.Second,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   2,
		ForceAttemptHTTP2:     true,
	}
}

// basicAuth is client authentication by header (RFC 6749 section 2.3.1).
type basicAuth struct{ user, password string }

// post sends one form and reads the bounded answer. Nothing is repeated: whether
// the request left this machine decides between [ErrUnreachable] and
// [ErrOutcomeUnknown].
func (a *Accounts) post(ctx context.Context, op operation, u *url.URL, form url.Values, auth *basicAuth) (answer, error) {
	reqCtx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	var left atomic.Bool
	reqCtx = httptrace.WithClientTrace(reqCtx, &httptrace.ClientTrace{
		WroteHeaders: func() { left.Store(true) },
	})
	req, err := http.NewRequestWithContext(reqCtx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", op, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", a.userAgent)
	if auth != nil {
		req.SetBasicAuth(url.QueryEscape(auth.user), url.QueryEscape(auth.password))
	}
	sent := a.clock.local()
	resp, err := a.http.Do(req)
	if err != nil {
		return answer{}, a.failed(ctx, op, u.Host, left.Load(), hushed(err, req, form))
	}
	defer resp.Body.Close()
	a.clock.observe(resp.Header.Get("Date"), sent, u.Host)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, a.failed(ctx, op, u.Host, true, hushed(err, req, form))
	}
	ans := answer{host: u.Host, status: resp.StatusCode, body: bytes.TrimSpace(body), at: a.clock.now()}
	if len(body) > maxAnswer {
		return answer{}, ans.unusable(op)
	}
	return ans, nil
}

// hushed is err, or another in its place if its words repeat a value that was sent:
// a caller's HTTP client may put the request into its errors.
func hushed(err error, req *http.Request, form url.Values) error {
	sent := []string{strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ")}
	for name, values := range form {
		if name != "grant_type" && name != "client_id" && name != "redirect_uri" && name != "token_type" {
			sent = append(sent, values...)
		}
	}
	if _, password, ok := req.BasicAuth(); ok {
		sent = append(sent, password)
	}
	text := err.Error()
	for _, s := range sent {
		if s != "" && (strings.Contains(text, s) || strings.Contains(text, url.QueryEscape(s))) {
			return errors.New("the HTTP client failed, and its words are not shown: they repeat a secret")
		}
	}
	return err
}

// failed makes the error of a request without an answer. The cause's text is
// kept only as far as it names no URL, since a caller's HTTP client may have put
// anything into it.
func (a *Accounts) failed(ctx context.Context, op operation, host string, left bool, err error) error {
	class := ErrUnreachable
	if left {
		class = ErrOutcomeUnknown
	}
	var uerr *url.Error
	if errors.As(err, &uerr) {
		err = uerr.Err
	}
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer within %s", a.timeout)
	}
	return &ServerError{Op: string(op), Host: host, Class: class, cause: err}
}

// Revoke tells Zoho that a refresh or access token is to be worthless. A token
// that Zoho does not know any more is a success. Revoking a refresh token
// revokes its access tokens too (Zoho: revoke-refresh-token). t gives the
// accounts server and the client; which is revoked is its RefreshToken, or its
// AccessToken if it has none.
func (a *Accounts) Revoke(ctx context.Context, t Token) error {
	secret, hint := t.RefreshToken, "refresh_token"
	if secret.IsZero() {
		secret, hint = t.AccessToken, "access_token"
	}
	if secret.IsZero() {
		return fmt.Errorf("%w: there is no token to revoke", ErrIncompleteKey)
	}
	u, err := a.endpoint(t.AccountsURL, "/oauth/v2/token/revoke")
	if err != nil {
		return err
	}
	form := url.Values{"token": {secret.Reveal()}}
	ans, err := a.post(ctx, opRevoke, u, form, nil)
	if err != nil {
		return err
	}
	if ans.status == http.StatusNotFound || ans.status == http.StatusMethodNotAllowed {
		// Zoho's newer page has another path, which wants the client too
		// (Zoho: developer/oauth/revoke-oauth-token).
		if u, err = a.endpoint(t.AccountsURL, "/oauth/v2/revoke/token"); err != nil {
			return err
		}
		form.Set("token_type", hint)
		ans, err = a.post(ctx, opRevoke, u, form, &basicAuth{t.ClientID, t.ClientSecret.Reveal()})
		if err != nil {
			return err
		}
	}
	return ans.revoked()
}

func (ans answer) revoked() error {
	body, ok := ans.decode()
	switch {
	case ok && body.Status == "success":
		return nil
	case ok && body.Error != "" && !unknownToken(body.Error):
		return ans.refused(opRevoke, body)
	case ok && body.Error != "",
		// Zoho: 400 for a token that is not valid (any more).
		ans.status == http.StatusBadRequest && (len(ans.body) == 0 || ok && body.Status == "failure"):
		return nil
	}
	return ans.unusable(opRevoke)
}

// unknownToken recognises the codes that say that there is nothing to revoke.
func unknownToken(code string) bool {
	return code == "invalid_token" || code == "invalid_code" || code == "invalid_grant"
}

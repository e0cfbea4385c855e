package oauth

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"zohocrm/dc"
)

// Transport is an http.RoundTripper that signs requests to the hosts of the
// token's data centre, for other Zoho products and for clients that are not
// ours. A request to any other host is refused with [dc.ErrUntrusted], so that a
// redirect cannot carry the token away. If Zoho refuses the token before its
// time and the body can be sent again, the request is repeated once with a fresh
// one.
type Transport struct {
	Source    Source            // required
	Base      http.RoundTripper // nil: http.DefaultTransport
	Directory dc.Directory      // zero: dc.Zoho()
}

// RoundTrip implements http.RoundTripper. It does not change req.
func (tr *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := tr.Source.Token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	if err := tr.allowed(req, token); err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := tr.base().RoundTrip(signed(req, token))
	if err != nil || !refusesToken(resp) || (req.Body != nil && req.GetBody == nil) {
		return resp, err
	}
	fresh, err := tr.Source.Fresh(req.Context(), token.AccessToken)
	if err != nil || tr.allowed(req, fresh) != nil {
		return resp, nil // Zoho's own answer says more than ours would
	}
	again := signed(req, fresh)
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return resp, nil
		}
	}
	resp.Body.Close()
	return tr.base().RoundTrip(again)
}

func (tr *Transport) base() http.RoundTripper {
	if tr.Base == nil {
		return http.DefaultTransport
	}
	return tr.Base
}

// allowed admits the API and upload hosts of the token's own data centre, and
// the host of its api_domain.
func (tr *Transport) allowed(req *http.Request, t *Token) error {
	directory := tr.Directory
	if len(directory.All()) == 0 {
		directory = dc.Zoho()
	}
	if err := directory.Check(req.URL); err != nil {
		return err
	}
	if home, env, ok := directory.ByAPIDomain(t.APIDomain); ok && home.Serves(env, req.URL) {
		return nil
	}
	return fmt.Errorf("%w: %q is not of the token's data centre", dc.ErrUntrusted, req.URL.Host)
}

func signed(req *http.Request, t *Token) *http.Request {
	out := req.Clone(req.Context())
	if out.Header == nil {
		out.Header = make(http.Header)
	}
	out.Header.Set("Authorization", HeaderScheme+" "+t.AccessToken.Reveal())
	return out
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// maxRefusal bounds what is read of a 401 to find Zoho's code in it.
const maxRefusal = 16 << 10

// refusesToken recognises Zoho's INVALID_TOKEN among the 401s, which also say
// that a scope is missing. The body can still be read afterwards.
func refusesToken(resp *http.Response) bool {
	if resp.StatusCode != http.StatusUnauthorized {
		return false
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return err == nil && (bytes.Contains(head, []byte(`"INVALID_TOKEN"`)) || bytes.Contains(head, []byte(`"INVALID_OAUTHTOKEN"`)))
}

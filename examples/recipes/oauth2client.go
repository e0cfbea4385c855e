package recipes

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// OAuth2 is oauth2.NewClient over our tokens, for libraries that ask for an
// *http.Client or an oauth2.TokenSource. ctx bounds the looking for tokens for as
// long as the client is used. directory is [dc.Zoho].
func OAuth2(ctx context.Context, source oauth.Source, directory dc.Directory) *http.Client {
	guarded := &http.Client{Transport: onlyZoho{directory, http.DefaultTransport}}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, guarded)
	client := oauth2.NewClient(ctx, oauth.TokenSource(ctx, source))
	client.Timeout = time.Minute
	return client
}

// onlyZoho is below the signing: that package signs requests to every host, those
// of a redirect included.
type onlyZoho struct {
	directory dc.Directory
	next      http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (o onlyZoho) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := o.directory.Check(req.URL); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	return o.next.RoundTrip(req)
}

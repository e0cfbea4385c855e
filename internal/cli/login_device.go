package cli

import (
	"context"
	"errors"
	"fmt"

	"zohocrm/oauth"
)

// byDevice shows a code that the user enters in a browser anywhere, and waits for
// the consent (RFC 8628).
func (o loginOptions) byDevice(ctx context.Context, s *session, client oauth.Token) error {
	scopes, err := o.scopes()
	if err != nil {
		return err
	}
	device, err := s.accounts.DeviceAuth(ctx, oauth.DeviceAuthRequest{
		AccountsURL: o.app.set.home.AccountsURL, ClientID: client.ClientID, Scopes: scopes,
	})
	if errors.Is(err, oauth.ErrClientConfig) {
		err = advise(err, `a client for --device is made as "Non-browser Applications" at https://api-console.zoho.com`)
	}
	if err != nil {
		return err
	}
	o.showCode(device)
	waiting, cancel := context.WithTimeoutCause(ctx, o.wait, errNoConsent)
	defer cancel()
	consent, err := s.accounts.DeviceAccessToken(waiting, client, device)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(waiting), errNoConsent) {
		err = advise(fmt.Errorf("%w: %s", errNoConsent, spell(o.wait)), "log in again, with a longer --wait if need be")
	}
	if err != nil {
		return err
	}
	if consent.DataCenter != o.app.set.home {
		o.app.logger().Info("the user lives in another data centre", "location", consent.DataCenter.Location)
	}
	client.AccountsURL = consent.DataCenter.AccountsURL
	t, err := s.keeper.ConnectIssued(ctx, oauth.Login{Token: client, Replace: o.replace}, consent.Issued)
	return o.connected(t, err)
}

// showCode says where to go and what to enter there.
func (o loginOptions) showCode(d oauth.DeviceAuth) {
	a := o.app
	p := a.painter(a.err)
	a.tell("Open this page in a browser, on any machine:")
	a.mu.Lock() // not by tell, which would take the colours away
	fmt.Fprintf(a.err, "  %s\nand enter the code\n  %s\n", oneLine(d.VerificationURI), p.title(oneLine(d.UserCode)))
	a.mu.Unlock()
	if d.VerificationURIComplete != "" {
		a.tell("or open the page with the code in it: %s", d.VerificationURIComplete)
	}
	a.tell("Waiting for the consent; the code is good for %s. Zoho is asked every %s whether it is given; Ctrl-C ends the wait.", spell(d.Expiry.Sub(a.now())), spell(d.Interval))
}

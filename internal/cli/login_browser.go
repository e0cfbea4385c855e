package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"zohocrm/internal/cli/loopback"
	"zohocrm/oauth"
)

// byBrowser sends the browser of this machine to the consent page and waits for
// it to come back to a port of this machine.
func (o loginOptions) byBrowser(ctx context.Context, s *session, client oauth.Token, r oauth.AuthorizeRequest, page string) error {
	var back oauth.Callback
	server, err := loopback.Listen(loopback.Config{
		RedirectURL: o.redirectURL,
		Stay:        oauth.ErrBadState,
		Read: func(q url.Values) error {
			got, err := oauth.ParseCallback(q, r.State, o.app.set.home, s.directory)
			if err == nil {
				back = got
			}
			return err
		},
	})
	if errors.Is(err, loopback.ErrElsewhere) {
		return usagef("%v: register http://localhost:PORT/PATH, or use --no-browser", err)
	}
	if err != nil {
		return advise(err, "end the program that uses the port, or register another redirect URL, or use --no-browser")
	}
	defer server.Close()

	o.app.tell("Opening the browser. If it does not open, go to this page yourself:")
	o.app.tell("%s", page)
	go func() { // browsers in a terminal return only when they are left
		if err := o.app.openBrowser(page, ownVariables(o.app.environ, o.app.set.keys)); err != nil {
			o.app.logger().Info("the browser could not be opened", "error", err)
		}
	}()
	waiting, cancel := context.WithTimeoutCause(ctx, o.wait, errNoConsent)
	defer cancel()
	err = server.Wait(waiting)
	if errors.Is(err, errNoConsent) {
		err = advise(fmt.Errorf("%w: %s", err, spell(o.wait)), "log in again, with a longer --wait if need be")
	}
	if err == nil {
		err = o.connect(ctx, s, consented(client, r, back))
	}
	server.Finish(ctx, outcomeOf(err))
	return err
}

// outcomeOf is the last page in the browser. Particulars are for the terminal.
func outcomeOf(err error) loopback.Outcome {
	switch {
	case err == nil:
		return loopback.Outcome{OK: true, Title: "Connected", Text: "zcrm has saved the tokens. You can close this page."}
	case errors.Is(err, oauth.ErrConsentRefused):
		return loopback.Outcome{Title: "Not connected: consent was not given", Text: "Nothing was saved. The terminal says what Zoho answered. You can close this page and log in again."}
	}
	return loopback.Outcome{Title: "Not connected", Text: "The terminal says why. You can close this page."}
}

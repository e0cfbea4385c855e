package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// throttle asks for new tokens until the budget that Zoho grants is spent.
func (d *demo) throttle(ctx context.Context) error {
	d.say("Zoho gives ten new tokens in ten minutes and then locks everybody out. Alice's program counts them, with all others that share the store, and stops in time. An impatient person asks for a new one, over and over.")
	alice := oauth.Token{UserName: d.alice.UserName, ClientID: d.client}
	before := d.sim.Counters()
	var denied error
	for range 20 { // more than Zoho's ten
		if _, denied = d.keeper.Refresh(ctx, alice); denied != nil {
			break
		}
	}
	spent := d.sim.Counters()
	var throttled *oauth.ThrottledError
	switch {
	case denied == nil:
		return must(false, "nothing was refused")
	case !errors.As(denied, &throttled):
		return denied
	}
	d.fact("new tokens before the refusal", "%d", spent.Refreshes-before.Refreshes)
	d.fact("times that Zoho had to refuse", "%d", spent.Throttled-before.Throttled)
	d.fact("the refusal says: try again in", "%s", spell(throttled.RetryAt.Sub(d.sim.Now()).Round(time.Minute)))
	d.say("The last token that Zoho gave is good all the while: calls go on.")
	source := d.source(d.alice)
	last, err := source.Token(ctx)
	if err != nil {
		return err
	}
	client, err := d.crm(source)
	if err != nil {
		return err
	}
	if _, err := client.Org.Get(ctx); err != nil {
		return err
	}
	after := d.sim.Counters()
	d.fact("CRM calls that worked meanwhile", "%d", after.APICalls-spent.APICalls)
	if err := errors.Join(
		must(spent.Throttled == before.Throttled, "Zoho was asked too often"),
		must(after.TokenRequests == spent.TokenRequests, "Zoho was asked again"),
		must(after.InvalidToken == spent.InvalidToken, "the CRM refused the token")); err != nil {
		return err
	}
	d.sim.Advance(throttled.RetryAt.Sub(d.sim.Now()) + time.Second)
	fresh, err := d.keeper.Refresh(ctx, alice)
	if err != nil {
		return fmt.Errorf("after the pause: %w", err)
	}
	d.fact("ten minutes later, another token", "%t", fresh.AccessToken != last.AccessToken)
	return nil
}

func (d *demo) revoked(ctx context.Context) error {
	d.say("Bob removes the application on Zoho's page of connected apps. His token looks fine and is dead. The next call notices, tries one refresh, and then says plainly what is needed.")
	d.sim.RevokeUser("bob@example.com")
	client, err := d.crm(d.source(d.bob))
	if err != nil {
		return err
	}
	before := d.sim.Counters()
	_, err = client.Org.Get(ctx)
	after := d.sim.Counters()
	d.fact("refused calls, then refused refreshes", "%d, %d", after.InvalidToken-before.InvalidToken, after.TokenErrors-before.TokenErrors)
	d.fact("errors.Is(err, oauth.ErrReauthRequired)", "%t", errors.Is(err, oauth.ErrReauthRequired))
	d.fact("zcrm would end with exit code", "%d", exitCode(err))
	return errors.Join(
		must(errors.Is(err, oauth.ErrReauthRequired), "the call ended with: %v", err),
		must(exitCode(err) == exitConsent, "the exit code is %d", exitCode(err)))
}

func (d *demo) consentAgain(ctx context.Context) error {
	d.say("He consents once more. His row takes the new tokens and keeps its id.")
	t, err := d.connect(ctx, "bob")
	if err != nil {
		return err
	}
	client, err := d.crm(d.source(t))
	if err != nil {
		return err
	}
	org, err := client.Org.Get(ctx)
	if err != nil {
		return err
	}
	rows, err := d.rows(ctx)
	if err != nil {
		return err
	}
	d.fact("his id before and now", "%s, %s", d.bob.ID, t.ID)
	d.fact("rows in the store", "%d", len(rows))
	d.fact("his CRM answers again", "%s", org.CompanyName)
	return errors.Join(
		must(t.ID == d.bob.ID && len(rows) == 2, "id %s became %s, %d rows", d.bob.ID, t.ID, len(rows)),
		must(t.RefreshToken != d.bob.RefreshToken, "the refresh token is the old one"))
}

func (d *demo) disconnect(ctx context.Context) error {
	d.say("Zoho is told that both tokens are to be worthless, and the rows are deleted. Alice's last access token is tried once more, to be sure.")
	last, err := d.source(d.alice).Token(ctx)
	if err != nil {
		return err
	}
	before := d.sim.Counters()
	for _, user := range []oauth.Token{d.alice, d.bob} {
		if err := d.keeper.Revoke(ctx, oauth.Token{UserName: user.UserName, ClientID: d.client}); err != nil {
			return err
		}
	}
	rows, err := d.rows(ctx)
	if err != nil {
		return err
	}
	client, err := d.crm(oauth.StaticSource(*last))
	if err != nil {
		return err
	}
	_, refused := client.Org.Get(ctx)
	after := d.sim.Counters()
	d.fact("tokens revoked at Zoho", "%d", after.Revokes-before.Revokes)
	d.fact("rows left in the store", "%d", len(rows))
	d.fact("the CRM refuses the old token", "%t", errors.Is(refused, crm.ErrInvalidToken))
	return errors.Join(
		must(after.Revokes-before.Revokes == 2, "%d revocations", after.Revokes-before.Revokes),
		must(len(rows) == 0, "%d rows are left", len(rows)),
		must(errors.Is(refused, crm.ErrInvalidToken), "the old token still works"))
}

// closing sums up what the simulator has counted.
func (d *demo) closing(context.Context) error {
	c := d.sim.Counters()
	fmt.Fprintf(d.out, "\n%s\n", d.paint.title("What happened, as Zoho's side counted it"))
	d.fact("logins (codes exchanged)", "%d", c.Exchanges)
	d.fact("access tokens renewed", "%d", c.Refreshes)
	d.fact("token requests refused as too many", "%d", c.Throttled)
	d.fact("CRM calls", "%d", c.APICalls)
	d.fact("of them refused for a dead token", "%d", c.InvalidToken)
	d.fact("disconnected (revoked)", "%d", c.Revokes)
	d.fact("tokens alive at the end", "%d", c.LiveRefreshTokens+c.LiveAccessTokens)
	fmt.Fprintf(d.out, "\n%s\n", d.paint.title("With your own account"))
	d.say("1. Register a client at https://api-console.zoho.com, with the redirect URL %s.", defaultRedirectURL)
	fmt.Fprint(d.out, `    2. export ZCRM_CLIENT_ID=1000.... ZCRM_CLIENT_SECRET=... ZCRM_DC=us
    3. zcrm login
    4. zcrm api /crm/v8/users -q type=CurrentUser
`)
	return d.out.err
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/sim"
)

func demoSteps() []demoStep {
	return []demoStep{
		{"Alice connects her Zoho account", (*demo).connectAlice},
		{"What is kept", (*demo).whatIsKept},
		{"A call to the CRM", (*demo).callCRM},
		{"The same token serves again and again", (*demo).fromMemory},
		{"The token dies while 16 callers need it", (*demo).expire},
		{"The program is started anew", (*demo).restart},
		{"Bob connects too", (*demo).connectBob},
		{"Nobody gets the other's data", (*demo).noMixing},
		{"Zoho says: too many tokens", (*demo).throttle},
		{"Bob takes his consent back", (*demo).revoked},
		{"Bob consents again", (*demo).consentAgain},
		{"Both are disconnected", (*demo).disconnect},
	}
}

func (d *demo) connect(ctx context.Context, user string) (oauth.Token, error) {
	code, err := d.sim.Grant(sim.GrantRequest{User: user})
	if err != nil {
		return oauth.Token{}, err
	}
	return d.keeper.Connect(ctx, oauth.Login{Token: oauth.Token{
		ClientID: d.client, ClientSecret: oauth.NewSecret("demo"), GrantToken: oauth.NewSecret(code),
	}})
}

func (d *demo) source(t oauth.Token) oauth.Source {
	return d.keeper.Source(oauth.Token{UserName: t.UserName, ClientID: d.client})
}

func (d *demo) connectAlice(ctx context.Context) error {
	d.say("She consents, and Zoho gives a code that works once and for two minutes. It is traded at once for a refresh token, which lasts, and an access token, which does not. Both are saved before anything else happens; only then Zoho is asked who signed in.")
	before := d.sim.Counters()
	t, err := d.connect(ctx, "alice")
	if err != nil {
		return err
	}
	d.alice = t
	after := d.sim.Counters()
	d.fact("codes exchanged at Zoho", "%d", after.Exchanges-before.Exchanges)
	d.fact("connected as (email:organisation)", "%s", t.UserName)
	d.fact("the access token lives", "%s", spell(t.Expiry.Sub(d.sim.Now()).Round(time.Minute)))
	return errors.Join(
		must(after.Exchanges-before.Exchanges == 1, "the code was exchanged %d times", after.Exchanges-before.Exchanges),
		must(t.UserName == "alice@example.com:10001", "connected as %q", t.UserName))
}

func (d *demo) whatIsKept(ctx context.Context) error {
	d.say("One row per user, with the columns of Zoho's own SDKs. Secrets are shown as fingerprints only, here as in every log and error.")
	row, err := d.store.Find(ctx, oauth.Token{UserName: d.alice.UserName, ClientID: d.client})
	if err != nil {
		return err
	}
	d.show([]string{"column", "value"}, [][]string{
		{"id", row.ID}, {"user_name", row.UserName}, {"client_id", row.ClientID},
		{"client_secret", row.ClientSecret.Fingerprint()}, {"refresh_token", row.RefreshToken.Fingerprint()},
		{"access_token", row.AccessToken.Fingerprint()}, {"grant_token", row.GrantToken.Fingerprint()},
		{"expiry_time", row.Expiry.UTC().Format(time.RFC3339)}, {"api_domain", row.APIDomain},
	})
	return must(row.RefreshToken == d.alice.RefreshToken && row.AccessToken == d.alice.AccessToken, "the store gives back other tokens")
}

func (d *demo) callCRM(ctx context.Context) error {
	client, err := d.crm(d.source(d.alice))
	if err != nil {
		return err
	}
	d.say("The first leads in Alice's CRM:")
	page, err := client.Records.ListPage(ctx, "Leads", &crm.ListOptions{Fields: []string{"Last_Name", "Company", "Email"}, PerPage: 4})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, r := range page.Records {
		rows = append(rows, []string{r.ID(), r.Text("Last_Name"), r.Text("Company"), r.Text("Email")})
	}
	d.show([]string{"id", "last name", "company", "email"}, rows)
	return must(len(rows) == 4, "%d leads instead of 4", len(rows))
}

func (d *demo) fromMemory(ctx context.Context) error {
	const calls = 1000
	d.say("A thousand more times somebody asks for Alice's token. It is still good, so it comes from memory: no lock, no store, no Zoho.")
	before := d.sim.Counters()
	source := d.source(d.alice)
	for range calls {
		t, err := source.Token(ctx)
		if err != nil {
			return err
		}
		if err := must(t.AccessToken == d.alice.AccessToken, "another token was handed out"); err != nil {
			return err
		}
	}
	asked := d.sim.Counters().TokenRequests - before.TokenRequests
	d.fact("times the token was handed out", "%d", calls)
	d.fact("requests to Zoho's token server", "%d", asked)
	return must(asked == 0, "Zoho was asked %d times", asked)
}

func (d *demo) expire(ctx context.Context) error {
	const callers = 16
	d.say("61 minutes pass. Zoho allows ten new access tokens in ten minutes, so 16 callers who each fetch their own would lock Alice out. Here one fetches, and all get what it brings.")
	d.sim.Advance(61 * time.Minute)
	before := d.sim.Counters()
	tokens := make([]oauth.Token, callers)
	errs := make([]error, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			tokens[i], errs[i] = d.keeper.Token(ctx, oauth.Token{UserName: d.alice.UserName, ClientID: d.client})
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var different []oauth.Secret
	for _, t := range tokens {
		if !slices.Contains(different, t.AccessToken) {
			different = append(different, t.AccessToken)
		}
	}
	refreshes := d.sim.Counters().Refreshes - before.Refreshes
	d.fact("callers at the same moment", "%d", callers)
	d.fact("refreshes at Zoho", "%d", refreshes)
	d.fact("different tokens handed out", "%d", len(different))
	return errors.Join(
		must(refreshes == 1, "%d refreshes instead of 1", refreshes),
		must(len(different) == 1 && different[0] != d.alice.AccessToken, "%d different tokens", len(different)))
}

func (d *demo) restart(ctx context.Context) error {
	d.say("The program ends and starts again, with nothing but the store. Nobody has to log in.")
	if err := d.keeper.Close(); err != nil {
		return err
	}
	if !inMemory(d.storeURL) { // a store in memory is all there is of it
		if err := d.store.Close(); err != nil {
			return err
		}
		if err := d.openStore(ctx); err != nil {
			return err
		}
	}
	if err := d.newKeeper(); err != nil {
		return err
	}
	before := d.sim.Counters()
	client, err := d.crm(d.source(d.alice))
	if err != nil {
		return err
	}
	user, err := client.Users.Current(ctx)
	if err != nil {
		return err
	}
	after := d.sim.Counters()
	d.fact("the CRM says hello to", "%s", user.Email)
	d.fact("logins needed", "%d", after.Exchanges-before.Exchanges)
	d.fact("requests to Zoho's token server", "%d", after.TokenRequests-before.TokenRequests)
	return must(after.TokenRequests == before.TokenRequests, "Zoho was asked for a token")
}

// inMemory reports whether a store is gone when it is closed.
func inMemory(storeURL string) bool { return storeURL == "memory:" || storeURL == "sqlite::memory:" }

func (d *demo) connectBob(ctx context.Context) error {
	d.say("A second user, of another organisation, in the same store.")
	t, err := d.connect(ctx, "bob")
	if err != nil {
		return err
	}
	d.bob = t
	rows, err := d.rows(ctx)
	if err != nil {
		return err
	}
	var table [][]string
	for _, row := range rows {
		table = append(table, []string{row.ID, row.UserName, row.RefreshToken.Fingerprint(), row.Expiry.UTC().Format(time.RFC3339)})
	}
	d.show([]string{"id", "user", "refresh token", "access token until"}, table)
	return must(len(rows) == 2, "%d rows instead of 2", len(rows))
}

func (d *demo) noMixing(ctx context.Context) error {
	const each = 8
	d.say("Both are served at once, %d calls each, mixed. Every answer is looked at.", each)
	errs := make([]error, 2*each)
	seen := make([]string, 2*each)
	var all sync.WaitGroup
	for i := range errs {
		user := d.alice
		if i%2 == 1 {
			user = d.bob
		}
		all.Go(func() {
			client, err := d.crm(d.source(user))
			if err != nil {
				errs[i] = err
				return
			}
			who, err := client.Users.Current(ctx)
			if errs[i] = err; err == nil {
				seen[i] = who.Email
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	right := map[string]int{}
	for i, email := range seen {
		if want := []string{"alice@example.com", "bob@example.com"}[i%2]; email == want {
			right[email]++
		}
	}
	d.fact("answers for Alice that were hers", "%d of %d", right["alice@example.com"], each)
	d.fact("answers for Bob that were his", "%d of %d", right["bob@example.com"], each)
	return must(right["alice@example.com"] == each && right["bob@example.com"] == each, "answers were mixed up: %s", fmt.Sprint(right))
}

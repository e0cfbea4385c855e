package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// defaultRedirectURL is where the browser comes back to after consent.
const defaultRedirectURL = "http://localhost:8765/callback"

// defaultScopes are enough for what zcrm does: records, metadata, queries, searches,
// bulk jobs, and naming the user.
const defaultScopes = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ," +
	"ZohoCRM.coql.READ,ZohoSearch.securesearch.READ,ZohoCRM.bulk.ALL,ZohoFiles.files.ALL"

// loginOptions are the parsed command line of "zcrm login".
type loginOptions struct {
	app         *app
	grantToken  string
	redirectURL string
	scope       string
	user        string
	noBrowser   bool
	device      bool
	noPKCE      bool
	replace     bool
	wait        time.Duration
}

func newLoginCmd(a *app) *cobra.Command {
	o := loginOptions{app: a}
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Connect a user",
		Long: `Connect a user: the browser opens Zoho's consent page, comes back to a port of
this machine, and the tokens are saved. The user is named email:organisation, as
in Zoho's own SDKs, unless --user gives another name.

The redirect URL must be registered with the client, letter for letter, and must
lead to this machine (http, localhost or 127.0.0.1). With --no-browser zcrm prints
the page to open, on any machine, and reads the address to which the browser was
sent back from stdin. With --device it shows a short code to enter on Zoho's page,
on any machine or phone, and waits: nothing needs to come back to this machine. Zoho
allows that for clients made as "Non-browser Applications".

A code that the API console made for a self client is given with --grant-token;
it has no redirect URL and works once, for a few minutes.`,
		Example: `  zcrm login
  zcrm login --no-browser --redirect-url https://app.example.com/callback
  zcrm login --device                    # a machine without a browser
  zcrm login --grant-token 1000.abc...
  pbpaste | zcrm login --grant-token - --user robot`,
		Args: noArgs("a code is given with --grant-token"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.device && cmd.Flags().Changed("redirect-url") {
				return usagef("--device has no redirect URL: leave --redirect-url out")
			}
			if !cmd.Flags().Changed("redirect-url") && o.grantToken == "" && !o.device {
				o.redirectURL = defaultRedirectURL
			}
			return runLogin(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.grantToken, "grant-token", "", "`CODE` of a self client; - reads it from stdin, for a flag is seen by other users in the process list")
	f.StringVar(&o.redirectURL, "redirect-url", "", "`URL` as registered with the client (default "+defaultRedirectURL+", none with --grant-token)")
	f.StringVar(&o.scope, "scope", defaultScopes, "`SCOPES` to ask for, separated by commas")
	f.StringVar(&o.user, "user", "", "`NAME` to keep the token under (default email:organisation)")
	f.BoolVar(&o.noBrowser, "no-browser", false, "print the page to open and read the redirected address from stdin")
	f.BoolVar(&o.device, "device", false, "show a code to enter on Zoho's page, on any machine, and wait")
	f.BoolVar(&o.noPKCE, "no-pkce", false, "leave PKCE out, for a client type that refuses it")
	f.BoolVar(&o.replace, "replace", false, "take the place of another person's or data centre's token of the same name")
	f.DurationVar(&o.wait, "wait", 5*time.Minute, "longest wait for the consent")
	return cmd
}

func runLogin(ctx context.Context, o loginOptions) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	s, err := o.app.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	if err := oauth.MayKeep(ctx, s.store); err != nil {
		return fmt.Errorf("nothing was sent to Zoho: %w", err)
	}
	if o.grantToken != "" {
		return o.connect(ctx, s, oauth.Login{Token: client})
	}
	if o.device {
		return o.byDevice(ctx, s, client)
	}
	request, consentURL, err := o.request(s)
	if err != nil {
		return err
	}
	if o.noBrowser {
		return o.byHand(ctx, s, client, request, consentURL)
	}
	return o.byBrowser(ctx, s, client, request, consentURL)
}

// client is what the user gave: the client's credentials, the name, the code.
func (o loginOptions) client() (oauth.Token, error) {
	a := o.app
	t := oauth.Token{ClientID: a.set.clientID, RedirectURL: o.redirectURL, UserName: o.user}
	if o.wait <= 0 {
		return t, usagef("--wait: it must be more than 0")
	}
	if o.grantToken == "-" && a.flags.clientSecretFile == "-" {
		return t, usagef("--grant-token and --client-secret-file cannot both be read from stdin")
	}
	if o.grantToken != "" && o.noBrowser {
		return t, usagef("give --grant-token or --no-browser, not both")
	}
	if o.device && (o.grantToken != "" || o.noBrowser) {
		return t, usagef("--device is a way of its own: leave --grant-token and --no-browser out")
	}
	if t.ClientID == "" {
		return t, sayf("the client ID is missing: set ZCRM_CLIENT_ID or --client-id; it is made at https://api-console.zoho.com")
	}
	secret, err := a.clientSecret()
	if err != nil {
		return t, err
	}
	if secret.IsZero() {
		return t, sayf("the client secret is missing: set ZCRM_CLIENT_SECRET or --client-secret-file")
	}
	t.ClientSecret = secret
	switch o.grantToken {
	case "":
	case "-":
		t.GrantToken, err = a.secretFrom(a.in, "--grant-token")
	default:
		t.GrantToken = oauth.NewSecret(strings.TrimSpace(o.grantToken))
	}
	return t, err
}

// request is what the consent page is asked for, and the page's address.
func (o loginOptions) request(s *session) (oauth.AuthorizeRequest, string, error) {
	scopes, err := o.scopes()
	r := oauth.AuthorizeRequest{
		AccountsURL: o.app.set.home.AccountsURL, ClientID: o.app.set.clientID, RedirectURL: o.redirectURL,
		Scopes: scopes, State: oauth.NewState(),
	}
	if err != nil {
		return r, "", err
	}
	if !o.noPKCE {
		r.Verifier = oauth.NewVerifier()
	}
	page, err := s.accounts.AuthorizeURL(r)
	return r, page, err
}

// scopes are what the user is asked to consent to.
func (o loginOptions) scopes() ([]string, error) {
	scopes := strings.FieldsFunc(o.scope, func(r rune) bool { return r == ',' || r == ' ' })
	if len(scopes) == 0 {
		return nil, usagef("--scope: no scope is given")
	}
	return scopes, nil
}

// connect exchanges the code, saves, and says who is connected.
func (o loginOptions) connect(ctx context.Context, s *session, login oauth.Login) error {
	login.Replace = o.replace
	t, err := s.keeper.Connect(ctx, login)
	return o.connected(t, err)
}

// connected says who is, or keeps what the store did not take.
func (o loginOptions) connected(t oauth.Token, err error) error {
	if err != nil {
		return o.app.rescue(err)
	}
	return o.app.printToken(t, fmt.Sprintf("connected %s (id %s): kept in %s and renewed when needed", nameOf(t), t.ID, o.app.storeName()))
}

// consented turns what the browser brought back into a login at the user's data
// centre.
func consented(client oauth.Token, r oauth.AuthorizeRequest, back oauth.Callback) oauth.Login {
	client.GrantToken = back.GrantToken
	client.AccountsURL = back.DataCenter.AccountsURL
	return oauth.Login{Token: client, Verifier: r.Verifier}
}

var errNoConsent = errors.New("nobody consented in time")

package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// tokenGetOptions are the parsed command line of "zcrm token get".
type tokenGetOptions struct {
	app     *app
	who     who
	minLife time.Duration
	output  string
}

func newTokenGetCmd(a *app) *cobra.Command {
	o := tokenGetOptions{app: a}
	cmd := &cobra.Command{
		Use:   "get",
		Short: "Print a valid access token",
		Long: `Print one valid access token, alone on stdout. It comes from the store if it
still lives long enough, else from Zoho.

--output  token   1000.abc...
          header  Authorization: Zoho-oauthtoken 1000.abc...
          env     ZOHO_ACCESS_TOKEN=1000.abc... and ZOHO_API_DOMAIN=https://...
          json    an object with access_token, api_domain and expires_at`,
		Example: `  zcrm token get
  curl -H "$(zcrm token get --output header)" https://www.zohoapis.com/crm/v8/org
  zcrm token get --user alice@example.com:10001 --min-life 10m`,
		Args: noArgs("the user is given with --user"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.set.json && !cmd.Flags().Changed("output") {
				o.output = "json"
			}
			return runTokenGet(cmd.Context(), o)
		},
	}
	o.who.register(a, cmd)
	registerMinLife(cmd, &o.minLife)
	cmd.Flags().StringVarP(&o.output, "output", "o", "token", "`FORM`: token, header, env or json")
	completeWith(cmd, "output", "token", "header", "env", "json")
	return cmd
}

func registerMinLife(cmd *cobra.Command, d *time.Duration) {
	cmd.Flags().DurationVar(d, "min-life", time.Minute, "how long the token must live at least; more than Zoho gives is answered with the freshest")
}

func runTokenGet(ctx context.Context, o tokenGetOptions) error {
	format, ok := map[string]func(oauth.Token) string{
		"token": formatToken, "header": formatHeader, "env": formatEnv, "json": nil,
	}[o.output]
	if !ok {
		return usagef("--output: it is token, header, env or json")
	}
	s, t, err := o.app.validToken(ctx, o.who, o.minLife)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	if format == nil {
		return o.app.printJSON(map[string]string{
			"id": t.ID, "user_name": t.UserName, "client_id": t.ClientID, "access_token": t.AccessToken.Reveal(),
			"api_domain": t.APIDomain, "expires_at": rfc3339(t.Expiry), "token_type": oauth.HeaderScheme,
		})
	}
	_, err = fmt.Fprintln(o.app.out, format(t))
	return err
}

// validToken opens a session and gets a token of the user that is meant. The
// session is closed already if it fails.
func (a *app) validToken(ctx context.Context, w who, minLife time.Duration) (*session, oauth.Token, error) {
	if minLife < 0 {
		return nil, oauth.Token{}, usagef("--min-life: it must not be negative")
	}
	s, err := a.openSession(ctx)
	if err != nil {
		return nil, oauth.Token{}, err
	}
	t, err := s.tokenFor(ctx, w, minLife)
	if err != nil {
		s.close(ctx)
		return nil, oauth.Token{}, err
	}
	return s, t, nil
}

func (s *session) tokenFor(ctx context.Context, w who, minLife time.Duration) (oauth.Token, error) {
	partial, err := s.partialFor(ctx, w)
	if err != nil {
		return oauth.Token{}, err
	}
	t, err := s.keeper.TokenFor(ctx, partial, minLife)
	if err != nil {
		return oauth.Token{}, err
	}
	if t.APIDomain == "" {
		t.APIDomain = s.apiURL
	}
	return t, s.app.shown(t)
}

func (s *session) partialFor(ctx context.Context, w who) (oauth.Token, error) {
	row, err := opened(w.find(ctx, s.store, s.app.set))
	if err != nil {
		return oauth.Token{}, err
	}
	return s.app.partial(row)
}

func formatToken(t oauth.Token) string { return t.AccessToken.Reveal() }

func formatHeader(t oauth.Token) string {
	return "Authorization: " + oauth.HeaderScheme + " " + t.AccessToken.Reveal()
}

func formatEnv(t oauth.Token) string { return strings.Join(quoteAll(tokenEnv(t)), "\n") }

// tokenEnv is the environment that "exec" sets.
func tokenEnv(t oauth.Token) []string {
	return []string{"ZOHO_ACCESS_TOKEN=" + t.AccessToken.Reveal(), "ZOHO_API_DOMAIN=" + t.APIDomain}
}

// quoteAll makes KEY=VALUE pairs safe for a shell. Plain values stay as they
// are, so that docker's --env-file reads them too.
func quoteAll(pairs []string) []string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/@%+,="
	out := make([]string, len(pairs))
	for i, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		if strings.Trim(value, plain) != "" {
			value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		}
		out[i] = key + "=" + value
	}
	return out
}

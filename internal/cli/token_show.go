package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
)

// tokenShowOptions are the parsed command line of "zcrm token show".
type tokenShowOptions struct {
	app *app
	who who
}

func newTokenShowCmd(a *app) *cobra.Command {
	o := tokenShowOptions{app: a}
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Show one stored token",
		Long:    "Show all that is stored of one token, its secrets as fingerprints.",
		Example: "  zcrm token show --user alice@example.com:10001\n  zcrm token show --id 2 --json",
		Args:    noArgs("the user is given with --user"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenShow(cmd.Context(), o) },
	}
	o.who.register(a, cmd)
	return cmd
}

func runTokenShow(ctx context.Context, o tokenShowOptions) error {
	l, err := o.app.lookInto(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	t, err := o.who.find(ctx, l.store, o.app.set)
	if err != nil {
		return err
	}
	if o.app.set.json {
		return o.app.printJSON(viewOf(t))
	}
	_, err = fmt.Fprintln(o.app.out, tableOf([]string{"column", "value"}, o.app.details(t)))
	return err
}

// details are the columns of a token, then what is kept beside them.
func (a *app) details(t oauth.Token) [][]string {
	v := viewOf(t)
	expiry := v.ExpiresAt
	if expiry != "" {
		expiry += " (" + left(t.Expiry, a.now()) + ")"
	}
	return [][]string{
		{"id", v.ID}, {"user_name", v.UserName}, {"client_id", v.ClientID}, {"client_secret", v.ClientSecret},
		{"refresh_token", v.RefreshToken}, {"access_token", v.AccessToken}, {"grant_token", v.GrantToken},
		{"expiry_time", expiry}, {"redirect_url", v.RedirectURL}, {"api_domain", v.APIDomain},
		{"scope", t.Scope}, {"accounts server", t.AccountsURL}, {"connected at", rfc3339(t.CreatedAt)},
		{"changed at", rfc3339(t.UpdatedAt)}, {"last used at", rfc3339(t.LastUsedAt)},
	}
}
